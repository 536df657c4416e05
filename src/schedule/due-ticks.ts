import { between, type Duration, duration, type Instant, instant } from '../time/clock.ts'
import { DAY, SECOND } from '../time/duration.ts'
import { countTicks, nextTick, previousTick, type Timing } from './timing.ts'

/** What becomes of ticks that were due while nobody was there: one run stands for those inside the window. */
export type MissedPolicy = {
  /** A tick that is seen no later than this after its instant is live. */
  readonly grace: Duration
  /** The window is one period of the schedule, and at least this. */
  readonly leastWindow: Duration
}

/** The policy of a schedule that says none: 10 s of grace, one run for all within a period, at least a day. */
export const MISSED_ONCE: MissedPolicy = { grace: duration(10 * SECOND), leastWindow: duration(DAY) }

/** One job to be made. */
export type PlannedFire = {
  readonly plannedAt: Instant
  /** How many ticks the job stands for, this one included. */
  readonly standsFor: number
  /** The planned tick before the first of those. */
  readonly previousAt: Instant | null
  /** Where the schedule stands once the job is made. */
  readonly next: Instant | null
}

/** What is due of a schedule; `skipped` are the missed ticks before the window, all earlier than the fires. */
export type DueTicks = {
  readonly fires: readonly PlannedFire[]
  readonly skipped: {
    readonly count: number
    readonly first: Instant
    readonly last: Instant
    readonly reason: 'missed'
  } | null
  readonly next: Instant | null
}

/**
 * Decides on the ticks due in [cursor, now]; the cursor is the stored next tick and counts as one whatever the timing says.
 * Pure, and of bounded work: at most the live ticks are listed, the rest is counted.
 */
export function dueTicks(timing: Timing, cursor: Instant, now: Instant, policy: MissedPolicy = MISSED_ONCE): DueTicks {
  if (cursor > now) return { fires: [], skipped: null, next: cursor }
  const liveFrom = instant(now - policy.grace)
  const live = liveTicks(timing, cursor, liveFrom, now)
  if (cursor >= liveFrom)
    return { fires: firesOf(timing, live, null), skipped: null, next: nextTick(timing, live.at(-1) ?? cursor) }
  const newest = instant(Math.max(cursor, previousTick(timing, liveFrom) ?? cursor))
  const period = between(newest, nextTick(timing, newest) ?? now)
  const windowFrom = instant(Math.max(cursor, now - Math.max(period, policy.leastWindow)))
  const skipped = skippedBefore(timing, cursor, windowFrom)
  const count = newest < windowFrom ? 0 : countFrom(timing, cursor, windowFrom, instant(newest + 1))
  const missed = count === 0 ? null : { count, newest, windowFrom }
  return { fires: firesOf(timing, live, missed), skipped, next: nextTick(timing, live.at(-1) ?? newest) }
}

type Missed = { readonly count: number; readonly newest: Instant; readonly windowFrom: Instant }

function liveTicks(timing: Timing, cursor: Instant, liveFrom: Instant, now: Instant): readonly Instant[] {
  const live: Instant[] = []
  let tick = cursor >= liveFrom ? cursor : nextTick(timing, instant(liveFrom - 1))
  for (; tick !== null && tick <= now; tick = nextTick(timing, tick)) live.push(tick)
  return live
}

/** Missed ticks go into the first live one; without one, a run of the newest missed instant stands for them. */
function firesOf(timing: Timing, live: readonly Instant[], missed: Missed | null): readonly PlannedFire[] {
  const planned = live.length === 0 && missed !== null ? [missed.newest] : live
  return planned.map((plannedAt, index) => {
    const carried = index === 0 && missed !== null ? missed : null
    return {
      plannedAt,
      standsFor: carried === null ? 1 : carried.count + (live.length === 0 ? 0 : 1),
      previousAt: previousTick(timing, carried === null ? plannedAt : carried.windowFrom),
      next: nextTick(timing, plannedAt),
    }
  })
}

function skippedBefore(timing: Timing, cursor: Instant, windowFrom: Instant): DueTicks['skipped'] {
  const count = countFrom(timing, cursor, cursor, windowFrom)
  if (count === 0) return null
  const last = instant(Math.max(cursor, previousTick(timing, windowFrom) ?? cursor))
  return { count, first: cursor, last, reason: 'missed' }
}

/** The ticks of [from, to), where the cursor is one whatever the timing says. */
function countFrom(timing: Timing, cursor: Instant, from: Instant, to: Instant): number {
  const own = cursor >= from && cursor < to ? 1 : 0
  return own + countTicks(timing, instant(Math.max(from, cursor + 1)), to)
}
