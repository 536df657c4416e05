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
