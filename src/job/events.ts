import type { DeadReason } from './outcome.ts'

/** Which job an event is about. */
type About = {
  readonly id: string
  /** The name of the job type. */
  readonly job: string
  readonly queue: string
}

/** The kinds of process. */
export type Role = 'client' | 'worker' | 'scheduler' | 'web'

/** What processes say of what they do; a logger, the metrics and the program's own `onEvent` listen. Lengths in milliseconds. */
export type MorrowEvent =
  /** `lateMs`: from when it was due to when it began. */
  | ({
      readonly kind: 'job.completed'
      readonly attempt: number
      readonly lateMs: number
      readonly tookMs: number
      /** The schedule that made it. */
      readonly schedule?: string
    } & About)
  /** An attempt failed; without `willRetryAt` it was the last, and `job.dead` follows. */
  | ({
      readonly kind: 'job.failed'
      /** What was thrown: as a rule an Error. */
      readonly error: unknown
      readonly attempt: number
      readonly attempts: number
      readonly tookMs: number
      readonly willRetryAt?: Date
    } & About)
  /** The time of an attempt was over, so it has failed, unless it asked to be snoozed or discarded; `abandoned`: its handler has not ended, and nobody waits for it any more. */
  | ({
      readonly kind: 'job.timedOut'
      readonly attempt: number
      readonly timeoutMs: number
      readonly abandoned: boolean
    } & About)
  | ({ readonly kind: 'job.dead'; readonly reason: DeadReason; readonly attempt: number } & About)
  /** Its handler put it off; no attempt is burnt. */
  | ({
      readonly kind: 'job.snoozed'
      readonly attempt: number
      /** How often it has been snoozed. */
      readonly snoozes: number
      readonly tookMs: number
      readonly dueAt: Date
    } & About)
  /** Its handler, or a rule of `discardOn`, ended it. */
  | ({
      readonly kind: 'job.discarded'
      readonly attempt: number
      readonly reason: string
      readonly tookMs: number
    } & About)
  /** It was claimed after the instant until which it might begin: its end is `expired`. */
  | ({ readonly kind: 'job.expired'; readonly schedule?: string; readonly lateMs: number } & About)
  /** It was cancelled while it ran, and its handler has ended; one that waited is ended by who cancels it, without an event. */
  | ({ readonly kind: 'job.cancelled'; readonly attempt: number; readonly tookMs: number } & About)
  /** At shutdown; no attempt is burnt. */
  | ({ readonly kind: 'job.handedBack'; readonly interruptions: number } & About)
  /** Another worker may have the job: whatever this one still does is fenced off. */
  | ({ readonly kind: 'lease.lost'; readonly attempt: number } & About)
  | {
      readonly kind: 'tick.fired'
      readonly schedule: string
      readonly plannedAt: Date
      /** `late` is one that was missed; the others a person asked for. */
      readonly fate: 'fired' | 'late' | 'backfilled' | 'by-hand'
      /** From when it was due to when it was fired, by Redis' clock. */
      readonly lateMs: number
      /** The lateness that its schedule plans for. */
      readonly budgetMs?: number
      readonly standsFor: number
      readonly id: string
      readonly queue: string
    }
  /** Ticks that made no job, `plannedAt` the last of them; the ledger holds the same reason. */
  | {
      readonly kind: 'tick.skipped'
      readonly schedule: string
      readonly plannedAt: Date
      readonly count: number
      readonly reason: string
    }
  /** The recent ticks of a schedule, as far as this process fired them, were later than it plans for; said again only after `lateness.kept`. */
  | {
      readonly kind: 'lateness.breached' | 'lateness.kept'
      readonly schedule: string
      readonly p99Ms: number
      readonly budgetMs: number
      /** How many ticks that is the 99th percentile of. */
      readonly ticks: number
    }
  | { readonly kind: 'jobs.promoted'; readonly queue: string; readonly count: number }
  /** Jobs of lost workers are ready again. */
  | { readonly kind: 'jobs.reclaimed'; readonly queue: string; readonly count: number }
  /** Jobs died in no worker: three workers were lost over each, or nobody knew their names for too long. */
  | { readonly kind: 'jobs.buried'; readonly queue: string; readonly count: number; readonly reason: DeadReason }
  | { readonly kind: 'store.unavailable'; readonly error: unknown }
  | { readonly kind: 'store.recovered'; readonly afterMs: number }
  /** Redis came back older than it was: so many calls that it had acknowledged are gone. */
  | { readonly kind: 'store.rolledBack'; readonly queue: string; readonly lost: number }
  /** Redis' clock is so far from the hosts' that nothing is moved by time until it is back, or accepted. */
  | { readonly kind: 'clock.held'; readonly apartMs: number }
  | { readonly kind: 'clock.released'; readonly by: 'agreement' | 'person' }
  /** Something waits that no process serves: what, and the line to type. */
  | { readonly kind: 'nobody.serves'; readonly text: string; readonly line: string }
  /** The namespace belonged to another environment, of which no process has been seen for a minute; now it is this one's. */
  | { readonly kind: 'environment.tookOver'; readonly environment: string; readonly from: string }
  /** Schedule files with faults: what was last applied from them stays in force. */
  | { readonly kind: 'schedules.faulty'; readonly faults: readonly string[] }
  /** The schedule files of this process are not put in force, and why. */
  | { readonly kind: 'schedules.refused'; readonly reason: string }
  /** An older generation of the schedule files is in force again: no process of the newer one has lived for two minutes. */
  | { readonly kind: 'schedules.tookOver'; readonly generation: string; readonly from: number }
  /** Schedules that stand in no file any more, too many to be removed unasked. */
  | { readonly kind: 'schedules.withheld'; readonly names: readonly string[] }
  | { readonly kind: 'process.started'; readonly role: Role; readonly text: string }
  | { readonly kind: 'process.stopping'; readonly role: Role; readonly why: string }
  | { readonly kind: 'process.stopped'; readonly role: Role; readonly afterMs: number }
  /** A fault that concerns no job in particular; `doing` says what was being done. */
  | { readonly kind: 'error'; readonly doing: string; readonly error: unknown }

/** Takes an event: never throws and never delays who emits it. */
export type Emit = (event: MorrowEvent) => void
