import type { Clock } from '../time/clock.ts'
import type { Connection } from './connection.ts'
import type { QueueKeys } from './keys.ts'

/** What a line is made of. */
export type LineParts = {
  readonly connection: Connection
  readonly keys: QueueKeys
  readonly queue: string
  readonly token: string
  readonly clock: Clock
  /** How long a call may take, in milliseconds. */
  readonly timeout: number
  /** The instant handed to scripts; empty for Redis' own time. */
  readonly now: () => string
  /** What Redis' clock should say; null when nobody knows. No delay counts from another time. */
  readonly expected?: () => number | null
  /** Looks at Redis' clock anew, and never rejects; answers why no delay may count from it, if there is a reason. */
  readonly lookAtClock?: () => Promise<Error | undefined>
  /** Told how many acknowledged jobs Redis does not know any more. */
  readonly onRolledBack: (lost: number) => void
}
