import { MorrowError } from '../errors.ts'

/** A time, a duration, a zone or a window that cannot be meant; the message says what was expected and what came. */
export class InvalidTimeError extends MorrowError {
  override readonly name = 'InvalidTimeError'

  constructor(message: string, options?: { readonly cause?: unknown }) {
    super('MORROW_INVALID_TIME', message, options)
  }
}
