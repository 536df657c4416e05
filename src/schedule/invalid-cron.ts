import { MorrowError } from '../errors.ts'

/** A cron expression or interval that cannot be a schedule; the message says what was expected and what came. */
export class InvalidCronError extends MorrowError {
  override readonly name = 'InvalidCronError'

  constructor(message: string, options?: { readonly cause?: unknown }) {
    super('MORROW_INVALID_CRON', message, options)
  }
}
