/** Every error of Morrow carries one of these codes; all of them stand in docs/errors.md. */
export type ErrorCode =
  | 'MORROW_CONFIG'
  | 'MORROW_INVALID_JOB'
  | 'MORROW_INVALID_PAYLOAD'
  | 'MORROW_INVALID_NAME'
  | 'MORROW_INVALID_TIME'
  | 'MORROW_INVALID_CRON'
  | 'MORROW_INVALID_ID'
  | 'MORROW_PAYLOAD_TOO_LARGE'
  | 'MORROW_CONFLICT'
  | 'MORROW_INVALID_SCHEDULE'
  | 'MORROW_SCHEDULE_IN_FILE'
  | 'MORROW_INVALID_PAUSE'
  | 'MORROW_CLIENT_CLOSED'
  | 'MORROW_CLOCK_HELD'
  | 'MORROW_LEASE_LOST'
  | 'MORROW_CANCELLED'
  | 'MORROW_NOT_RETRYABLE'
  | 'MORROW_ATTEMPT_ENDED'
  | 'MORROW_REDIS_UNAVAILABLE'
  | 'MORROW_REDIS_FULL'
  | 'MORROW_REDIS_UNSUITABLE'
  | 'MORROW_REDIS_DENIED'
  | 'MORROW_OUTCOME_UNKNOWN'
  | 'MORROW_LAYOUT_NEWER'
  | 'MORROW_ENVIRONMENT'
  | 'MORROW_STORE'

/** The one ancestor of all errors that Morrow throws: a fault with a code, saying what was expected and what came. */
export class MorrowError extends Error {
  override readonly name: string = 'MorrowError'
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}

/** A value as it may stand in an error text: JSON, shortened to 100 characters. */
export function excerpt(value: unknown): string {
  const text = describe(value)
  return text.length <= 100 ? text : `${text.slice(0, 99)}…`
}

function describe(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'number' || value === undefined) return String(value)
  if (typeof value === 'function' || typeof value === 'symbol') return typeof value
  try {
    return JSON.stringify(value) ?? typeof value
  } catch {
    return Object.prototype.toString.call(value)
  }
}

/** The known word nearest to `word`, when it is near enough to be what was meant. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  let best: string | undefined
  let least = Math.max(2, Math.floor(word.length / 3)) + 1
  for (const candidate of known) {
    const distance = edits(word.toLowerCase(), candidate.toLowerCase(), least)
    if (distance < least) {
      least = distance
      best = candidate
    }
  }
  return best
}

function edits(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? limit
}
