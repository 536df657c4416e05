import { MorrowError } from '../errors.ts'

/** Why an expression cannot be a schedule: it says nothing that has a meaning, or it means a time that never comes. */
export type CronFault = 'meaningless' | 'never-fires'

/** A cron expression or interval that cannot be a schedule; the message says what was expected and what came. */
export class InvalidCronError extends MorrowError {
  override readonly name = 'InvalidCronError'
  readonly fault: CronFault

  constructor(message: string, options: { readonly cause?: unknown; readonly fault?: CronFault } = {}) {
    super('MORROW_INVALID_CRON', message, options)
    this.fault = options.fault ?? 'meaningless'
  }
}
