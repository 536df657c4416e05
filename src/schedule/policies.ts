import type { RetryOverride } from '../job/retry.ts'
import type { Duration, Instant } from '../time/clock.ts'
import type { CalendarText } from './calendar.ts'
import type { DstPolicy } from './cron-walk.ts'

/** What becomes of ticks that were due while nobody was there; `within` is how old a tick may be to be run late. */
export type MissedPolicy =
  | { readonly kind: 'skip' }
  /** One run for all; without `within` the window is one period of the schedule, and at least a day. */
  | { readonly kind: 'once'; readonly within?: Duration }
  /** The newest `max`, oldest first. */
  | { readonly kind: 'all'; readonly max: number; readonly within?: Duration }

/** What a tick does that finds an unended job of its schedule. */
export const OVERLAPS = ['allow', 'skip', 'queue-one', 'cancel-previous'] as const

export type OverlapPolicy = (typeof OVERLAPS)[number]

/** What a definition says beside its timing and its job; plain data that survives JSON. */
export type Policies = {
  readonly missed: MissedPolicy
  readonly overlap: OverlapPolicy
  /** Only where a pattern is wall-clock; run and first unless said. */
  readonly dst?: DstPolicy
  /** By how much at most ticks are put off, each schedule by its own share. */
  readonly spread?: Duration
  /** How long after its due instant a tick may still begin. */
  readonly deadline?: Duration
  /** The first instant at which a tick may be planned; of `every` also where the grid begins. */
  readonly starts?: Instant
  /** The last instant at which a tick may be planned. */
  readonly ends?: Instant
  /** How many jobs its ticks may make in all. */
  readonly limit?: number
  /** The calendars themselves, so that a definition needs no file beside it; sorted by name. */
  readonly exclude?: readonly CalendarText[]
  /** 0 to 9, 0 first. */
  readonly priority?: number
  readonly tags?: readonly string[]
  readonly owner?: string
  /** An http(s) URL, or a path within the repository; never another kind of link. */
  readonly runbook?: string
  readonly retry?: RetryOverride
  readonly timeout?: Duration
  /** How long its jobs may wait for their start. */
  readonly expiresIn?: Duration
  /** The name that the schedule had before. */
  readonly was?: string
  /** The lateness that is planned for. */
  readonly lateness?: { readonly p99: Duration }
}

/** The policies of a schedule that says none. */
export const DEFAULT_POLICIES: Policies = Object.freeze({
  missed: Object.freeze({ kind: 'once' }),
  overlap: 'allow',
})

/** How many missed ticks `all` catches up unless said. */
export const MOST_MISSED = 100

/** Policies without what is said by default, so that saying a default changes nothing. */
export function withoutDefaults({ missed, overlap, dst, ...rest }: Policies): Partial<Policies> {
  return {
    ...rest,
    ...(missed.kind === 'once' && missed.within === undefined ? {} : { missed }),
    ...(overlap === 'allow' ? {} : { overlap }),
    ...(dst === undefined || (dst.gap === 'run' && dst.overlap === 'first') ? {} : { dst }),
  }
}
