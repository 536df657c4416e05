import { type Duration, duration, type Instant, instant } from '../time/clock.ts'
import { DAY } from '../time/duration.ts'
import { reading } from '../time/reading.ts'
import { pieceAt, readingAt, type Zone, zoneOf } from '../time/zone.ts'
import { type CalendarText, compileCalendar, unionOf } from './calendar.ts'
import { type ScheduleDefinition, timingOf } from './definition.ts'
import { hash } from './hashed.ts'
import type { MissedPolicy } from './policies.ts'
import { countTicks, nextTick, previousTick, type Timing } from './timing.ts'

/** What a definition comes to once it is compiled: which ticks it plans, when each is due, which are excluded. Pure. */
export type Rule = {
  readonly timing: Timing
  /** Ticks are planned from here, inclusive. */
  readonly starts: Instant | null
  /** Ticks are planned up to here, inclusive. */
  readonly ends: Instant | null
  /** A tick is due after its planned instant by this share (0 to 1, from the name) of the spread or of the way to the next tick. */
  readonly spread: { readonly most: Duration; readonly share: number } | null
  /** Says whether a planned instant lies in a calendar that is excluded; null when there is none. */
  readonly excludes: ((plannedAt: Instant) => boolean) | null
  /** A later instant up to which, excluded, `excludes` says of each instant what it says of this one. */
  readonly steadyUntil: (plannedAt: Instant) => Instant
  readonly missed: MissedPolicy
  /** A tick that is not fired so long after it was due is not fired any more. */
  readonly deadline: Duration | null
}

/** A tick that is seen no later than this after it was due is live. */
export const GRACE = duration(10_000)

/** Compiles a definition. Throws InvalidCronError, InvalidTimeError. */
export function ruleOf(definition: ScheduleDefinition): Rule {
  const { name, tz, policies } = definition
  const timing = timingOf(definition)
  const { starts = null, ends = null, spread, missed, deadline = null, exclude = [] } = policies
  const zone = timing.kind === 'cron' ? timing.zone : zoneOf(tz)
  return {
    timing,
    starts,
    ends,
    spread: spread === undefined ? null : { most: spread, share: hash(`${name}\nspread`) / 2 ** 32 },
    ...exclusionOf(exclude, zone),
    missed,
    deadline,
  }
}

function exclusionOf(exclude: readonly CalendarText[], zone: Zone): Pick<Rule, 'excludes' | 'steadyUntil'> {
  if (exclude.length === 0) return { excludes: null, steadyUntil: () => FOREVER }
  const calendar = compileCalendar(unionOf(exclude))
  return {
    excludes: (plannedAt) => calendar.excludes(readingAt(zone, plannedAt)),
    steadyUntil: (plannedAt) => {
      const { offset, to } = pieceAt(zone, plannedAt)
      return instant(Math.min(to, calendar.steadyUntil(reading(plannedAt + offset)) - offset))
    },
  }
}

const FOREVER = instant(Number.POSITIVE_INFINITY)

/** The first planned tick strictly after an instant; null when there is none. */
export function nextPlanned(rule: Rule, after: Instant): Instant | null {
  const { timing, starts, ends } = rule
  const next = nextTick(timing, starts === null ? after : instant(Math.max(after, starts - 1)))
  return next === null || (ends !== null && next > ends) ? null : next
}

/** The last planned tick strictly before an instant; null when there is none. */
export function previousPlanned(rule: Rule, before: Instant): Instant | null {
  const { timing, starts, ends } = rule
  const previous = previousTick(timing, ends === null ? before : instant(Math.min(before, ends + 1)))
  return previous === null || (starts !== null && previous < starts) ? null : previous
}

/** How many ticks are planned in [from, to). */
export function countPlanned({ timing, starts, ends }: Rule, from: Instant, to: Instant): number {
  const first = starts === null ? from : instant(Math.max(from, starts))
  return countTicks(timing, first, ends === null ? to : instant(Math.min(to, ends + 1)))
}

/** When a planned tick is due: at its instant, or spread by a share of the distance to the next, which keeps their order. */
export function dueOf(rule: Rule, plannedAt: Instant): Instant {
  if (rule.spread === null) return plannedAt
  const next = nextTick(rule.timing, plannedAt)
  const room = next === null ? rule.spread.most : Math.min(rule.spread.most, next - plannedAt)
  return instant(plannedAt + Math.floor(rule.spread.share * room))
}

/** The first planned tick that is due at or after an instant; null when there is none. */
export function firstDueFrom(rule: Rule, at: Instant): Instant | null {
  const before = rule.spread === null ? null : previousPlanned(rule, at)
  return before !== null && dueOf(rule, before) >= at ? before : nextPlanned(rule, instant(at - 1))
}

/** How long a missed tick may be run late: as the policy says; for one run, a period of the schedule and at least a day. */
export function windowOf(rule: Rule, newest: Instant): Duration | null {
  if (rule.missed.kind === 'skip') return null
  if (rule.missed.within !== undefined) return rule.missed.within
  if (rule.missed.kind === 'all') return null
  const next = nextTick(rule.timing, newest)
  return duration(Math.max(DAY, next === null ? 0 : next - newest))
}
