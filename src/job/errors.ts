import { MorrowError } from '../errors.ts'

/** A name, a key or an id of the caller's own outside its grammar. */
export class InvalidNameError extends MorrowError {
  override readonly name = 'InvalidNameError'

  constructor(message: string) {
    super('MORROW_INVALID_NAME', message)
  }
}

/** A job definition, or a list of handlers, that cannot be used; `faults` holds every reason. */
export class InvalidJobError extends MorrowError {
  override readonly name = 'InvalidJobError'
  readonly faults: readonly string[]

  constructor(subject: string, faults: readonly string[]) {
    super('MORROW_INVALID_JOB', listed(subject, faults))
    this.faults = faults
  }
}

/** One thing that is wrong with a payload: where, and what. */
export type PayloadIssue = { readonly path: string; readonly message: string }

/** A payload (or result) that is not JSON or does not pass its schema; `issues` holds every reason with its path. */
export class InvalidPayloadError extends MorrowError {
  override readonly name = 'InvalidPayloadError'
  readonly job: string
  readonly issues: readonly PayloadIssue[]

  constructor(job: string, subject: string, issues: readonly PayloadIssue[], options?: { readonly cause?: unknown }) {
    const lines = issues.map(({ path, message }) => `${path}: ${message}`)
    super('MORROW_INVALID_PAYLOAD', listed(subject, lines), options)
    this.job = job
    this.issues = issues
  }
}

/** A payload (or result) whose JSON text has more bytes than the limit. */
export class PayloadTooLargeError extends MorrowError {
  override readonly name = 'PayloadTooLargeError'
  readonly job: string
  readonly bytes: number
  readonly limitBytes: number

  constructor(job: string, what: 'payload' | 'result', bytes: number, limitBytes: number) {
    super(
      'MORROW_PAYLOAD_TOO_LARGE',
      `the ${what} of ${job} must have at most ${limitBytes} bytes as JSON, got ${bytes}: ` +
        `store the large part elsewhere and put its address into the ${what}, or raise the limit`,
    )
    this.job = job
    this.bytes = bytes
    this.limitBytes = limitBytes
  }
}

/**
 * For handlers to throw, or to extend: the attempt has failed, and the job is dead at once with the reason `not-retryable`,
 * whatever attempts are left. A rule of `discardOn` that is about it is asked first; one of `retryOn` is not.
 */
export class NonRetryableError extends MorrowError {
  override readonly name: string = 'NonRetryableError'

  constructor(message: string, options?: { readonly cause?: unknown }) {
    super('MORROW_NOT_RETRYABLE', message, options)
  }
}

/** Whether an error is never retried; by its code or name, so that one of another realm or another copy of this package counts. */
export function isNonRetryable(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  try {
    return Reflect.get(error, 'code') === 'MORROW_NOT_RETRYABLE' || Reflect.get(error, 'name') === 'NonRetryableError'
  } catch {
    return false
  }
}

/** What `context.snooze` and `context.discard` throw so that the handler ends there. What was asked counts, also when it is caught. */
export class AttemptEndedError extends MorrowError {
  override readonly name = 'AttemptEndedError'

  constructor(asked: string) {
    super('MORROW_ATTEMPT_ENDED', `the handler asked ${asked}: let this error pass, what was asked counts anyway`)
  }
}

function listed(subject: string, faults: readonly string[]): string {
  if (faults.length === 1) return `${subject}: ${faults[0]}`
  return `${subject}: ${faults.length} faults\n${faults.map((fault) => `  - ${fault}`).join('\n')}`
}
