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
