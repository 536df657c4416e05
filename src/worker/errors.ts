import { MorrowError } from '../errors.ts'

/** The lease over a job ended while its handler ran: another worker may run it now, and nothing this one does counts. */
export class LeaseLostError extends MorrowError {
  override readonly name = 'LeaseLostError'
  constructor(id: string) {
    super(
      'MORROW_LEASE_LOST',
      `the lease over job ${id} is lost: another worker may run it; stop and write nothing more`,
    )
  }
}

/** A person, or a later run of the same schedule, has cancelled the job: it ends so, whichever way its handler does. */
export class CancelledError extends MorrowError {
  override readonly name = 'CancelledError'
  constructor(id: string) {
    super('MORROW_CANCELLED', `job ${id} is cancelled: stop, it ends as cancelled whichever way its handler does`)
  }
}
