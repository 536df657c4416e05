import { excerpt, MorrowError } from '../errors.ts'

/** Redis cannot be reached, does not serve for now, or did not answer in time; the text says whether nothing was done. */
export class RedisUnavailableError extends MorrowError {
  override readonly name = 'RedisUnavailableError'
  constructor(detail: string, done: 'nothing' | 'unknown' = 'nothing') {
    const state = done === 'nothing' ? 'nothing was stored' : 'no reply came in time, so look whether it was done'
    super('MORROW_REDIS_UNAVAILABLE', `Redis is unavailable (${detail}); ${state}`)
  }
}

/** Redis has reached its maxmemory and takes no new job; nothing was stored. What it holds goes on running. */
export class RedisFullError extends MorrowError {
  override readonly name = 'RedisFullError'
  constructor(options?: { readonly cause?: unknown }) {
    super('MORROW_REDIS_FULL', 'Redis is full (maxmemory reached): nothing was stored; jobs it holds go on', options)
  }
}

/** Redis refuses the credentials, or the user lacks a right. */
export class RedisDeniedError extends MorrowError {
  override readonly name = 'RedisDeniedError'
  constructor(detail: string) {
    super('MORROW_REDIS_DENIED', `Redis refuses access (${detail}): check user, password and rights in REDIS_URL`)
  }
}

/** The server is too old, or set so that jobs could get lost. */
export class RedisUnsuitableError extends MorrowError {
  override readonly name = 'RedisUnsuitableError'
  constructor(message: string) {
    super('MORROW_REDIS_UNSUITABLE', message)
  }
}

/** A newer release has laid out this namespace, or written this record; this one leaves it alone. */
export class LayoutNewerError extends MorrowError {
  override readonly name = 'LayoutNewerError'
  constructor(found: string, known: number, what: 'layout' | 'record version' = 'layout') {
    super(
      'MORROW_LAYOUT_NEWER',
      `expected ${what} ${known} in this namespace, found ${excerpt(found)}: a newer release wrote it, upgrade this process`,
    )
  }
}

/** The namespace belongs to another environment, of which a process lives: this one may look and enqueue, and moves nothing. */
export class EnvironmentOwnedError extends MorrowError {
  override readonly name = 'EnvironmentOwnedError'
  constructor(own: string, owner: string, { host, roles }: { host: string; roles: readonly string[] }, ago: number) {
    const seen = `its ${roles.join(' and ')} on ${host} was seen ${Math.max(0, Math.round(ago / 1_000))} s ago`
    const wait = `stop its processes and wait until none was seen for a minute`
    super(
      'MORROW_ENVIRONMENT',
      `this process is of environment "${own}", but environment "${owner}" has this namespace and is alive (${seen}): use another Redis or prefix (REDIS_URL, MORROW_PREFIX), correct MORROW_ENV or NODE_ENV, or ${wait}`,
    )
  }
}

/** A call was sent and no reply came in time: the job may be stored or not. Sending the same `id` again with the same client tells. */
export class OutcomeUnknownError extends MorrowError {
  override readonly name = 'OutcomeUnknownError'
  readonly id: string
  constructor(id: string, options?: { readonly cause?: unknown }) {
    super(
      'MORROW_OUTCOME_UNKNOWN',
      `no reply from Redis in time: job ${id} may be stored or not; enqueue it again with { id: error.id } to know`,
      options,
    )
    this.id = id
  }
}

/** The store answered what no release of ours answers. */
export class StoreError extends MorrowError {
  override readonly name = 'StoreError'
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super('MORROW_STORE', message, options)
  }
}

/** What an error of a call means: refused by the server and not done; not served for now and not done; or nobody knows. */
export type Fault =
  | { readonly kind: 'refused'; readonly error: MorrowError }
  | { readonly kind: 'unserved'; readonly detail: string }
  | { readonly kind: 'unsent'; readonly detail: string }
  | { readonly kind: 'unknown'; readonly detail: string }

const UNSERVED = /^(READONLY|LOADING|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|BUSY|MISCONF|NOREPLICAS|UNBLOCKED)/
const DENIED = /^(NOAUTH|WRONGPASS|NOPERM|ERR (AUTH|invalid password|Client sent AUTH))/

/** Sorts what a call threw. ioredis' error objects carry the command's arguments, so only their text goes on. */
export function faultOf(error: unknown): Fault {
  if (error instanceof MorrowError) return { kind: 'refused', error }
  const text = error instanceof Error ? error.message : String(error)
  if (/^-?OOM/.test(text)) return { kind: 'refused', error: new RedisFullError() }
  if (DENIED.test(text)) return { kind: 'refused', error: new RedisDeniedError(text.split(' ')[0] ?? '') }
  if (UNSERVED.test(text)) return { kind: 'unserved', detail: text.split(' ')[0] ?? '' }
  if (/isn't writeable/.test(text)) return { kind: 'unsent', detail: 'not connected' }
  if (error instanceof Error && error.name === 'ReplyError') {
    return { kind: 'refused', error: new StoreError(`Redis answered: ${text.slice(0, 300)}`) }
  }
  return { kind: 'unknown', detail: text.slice(0, 100) }
}

/** What Redis refuses in one queue while it may serve the others; undefined for a fault that concerns them all. */
export function refusalOf(error: unknown): MorrowError | undefined {
  const fault = faultOf(error)
  return fault.kind === 'refused' && !(fault.error instanceof LayoutNewerError) ? fault.error : undefined
}

/** The error a user meets for a fault of a single call that is not sent again. */
export function errorOf(fault: Fault): MorrowError {
  switch (fault.kind) {
    case 'refused':
      return fault.error
    case 'unserved':
    case 'unsent':
      return new RedisUnavailableError(fault.detail)
    case 'unknown':
      return new RedisUnavailableError(fault.detail, 'unknown')
  }
}
