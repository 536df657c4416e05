import { excerpt, MorrowError } from '../errors.ts'

/** The client was closed before this call. */
export class ClientClosedError extends MorrowError {
  override readonly name = 'ClientClosedError'
  constructor() {
    super('MORROW_CLIENT_CLOSED', 'expected an open client, but close() was called before: create a new one')
  }
}

/** A job with this id of the caller's own stands already, with another payload; nothing was stored. */
export class ConflictError extends MorrowError {
  override readonly name = 'ConflictError'
  constructor(job: string, id: string) {
    super(
      'MORROW_CONFLICT',
      `expected the payload that ${job} ${excerpt(id)} was made with, got another: the same id names the same job; use another id, or cancel that job first`,
    )
  }
}

/** A schedule that cannot be declared or run so; `faults` has every reason, as a schedule file would be told them. */
export class InvalidScheduleError extends MorrowError {
  override readonly name = 'InvalidScheduleError'
  readonly faults: readonly string[]
  constructor(schedule: string, faults: readonly string[]) {
    super('MORROW_INVALID_SCHEDULE', `the schedule ${excerpt(schedule)} cannot be used: ${faults.join('; ')}`)
    this.faults = faults
  }
}

/** A pause of queues that cannot be meant; `faults` has every reason. Nothing was paused. */
export class InvalidPauseError extends MorrowError {
  override readonly name = 'InvalidPauseError'
  readonly faults: readonly string[]
  constructor(faults: readonly string[]) {
    super('MORROW_INVALID_PAUSE', `the pause cannot be used: ${faults.join('; ')}`)
    this.faults = faults
  }
}

/** A schedule of this name stands in a schedule file: it is changed there, and nothing was done. */
export class ScheduleInFileError extends MorrowError {
  override readonly name = 'ScheduleInFileError'
  constructor(schedule: string, source: string) {
    super(
      'MORROW_SCHEDULE_IN_FILE',
      `expected a name that no schedule file has, but ${excerpt(schedule)} stands in ${source}: change it there, or use another name`,
    )
  }
}
