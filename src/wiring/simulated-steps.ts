import { compileCalendar, excludedBy } from '../schedule/calendar.ts'
import { clockChanges } from '../schedule/clock-changes.ts'
import type { ScheduleDefinition } from '../schedule/definition.ts'
import type { LedgerEntry, LedgerFate } from '../schedule/ledger.ts'
import { dueOf, type Rule } from '../schedule/rule.ts'
import { tickRow } from '../schedule/ticks.ts'
import type { Duration, Instant } from '../time/clock.ts'
import { dateText, type Reading, timeText } from '../time/reading.ts'
import { readingAt, type Zone, zoneOf } from '../time/zone.ts'

/** A stretch of time; `to` is not part of it any more. */
export type Stretch = { readonly from: Instant; readonly to: Instant }

/** What became of neighbouring ticks, as the ledger has it. */
export type TickDecision = {
  readonly kind: 'tick'
  readonly at: Instant
  readonly schedule: string
  /** `limit` is no tick: from here on nothing is planned. */
  readonly fate: LedgerFate
  readonly first: Instant
  readonly last: Instant
  readonly count: number
  /** When the first of them was due. */
  readonly dueAt: Instant
  readonly lateness: Duration
  /** The number of its job among those of the schedule; of an overlap, the job that was in the way. */
  readonly job: number | null
  readonly into: Instant | null
  /** How many ticks its job stands for. */
  readonly standsFor: number | null
  /** The calendar that excludes the first of them. */
  readonly calendar: string | null
  /** What changed clocks did to the first of them. */
  readonly note: string | null
}

/** What became of a job. */
export type JobStep = {
  readonly kind: 'job'
  readonly at: Instant
  readonly schedule: string
  readonly job: number
  readonly what: 'held' | 'released' | 'started' | 'ended' | 'cancelled' | 'expired'
}

/** What happened around the schedules. `from` and `to` of `clocks` are readings. */
export type AroundStep =
  | { readonly kind: 'scheduler'; readonly at: Instant; readonly what: 'stops' | 'starts' }
  | { readonly kind: 'pause'; readonly at: Instant; readonly what: 'begins' | 'ends' }
  | {
      readonly kind: 'clocks'
      readonly at: Instant
      readonly zone: string
      readonly what: 'gap' | 'repeated'
      readonly from: string
      readonly to: string
    }

/** One line of what a simulation shows. */
export type SimulatedStep = TickDecision | JobStep | AroundStep

/** An entry of a ledger as a step, with all that people want to know of it. */
export function decisionOf(
  { name, tz, policies }: ScheduleDefinition,
  rule: Rule,
  entry: LedgerEntry,
  seen: { readonly at: Instant; readonly standsFor: number | null },
): TickDecision {
  const { fate, first, last, count, lateness, job, into } = entry
  const reading = readingAt(rule.timing.kind === 'cron' ? rule.timing.zone : zoneOf(tz), first)
  const calendar = fate === 'excluded' ? excludedBy((policies.exclude ?? []).map(compileCalendar), reading) : undefined
  const note = fate === 'limit' ? undefined : tickRow(rule.timing, first, tz).note
  return {
    kind: 'tick',
    at: seen.at,
    schedule: name,
    fate,
    first,
    last,
    count,
    dueAt: dueOf(rule, first),
    lateness,
    job,
    into,
    standsFor: seen.standsFor,
    calendar: calendar ?? null,
    note: note ?? null,
  }
}

/** What a simulation is told to do beside the schedules. */
export type Around = Stretch & { readonly outages: readonly Stretch[]; readonly pauses: readonly Stretch[] }

/** Outages, pauses, and the changes of the clocks in the zones of all rules. */
export function aroundOf(rules: readonly Rule[], { from, to, outages, pauses }: Around): readonly AroundStep[] {
  const zones = new Set(rules.flatMap(({ timing }) => (timing.kind === 'cron' ? [timing.zone] : [])))
  return [
    ...[...zones].flatMap((zone) => clocksOf(zone, from, to)),
    ...outages.flatMap((outage): AroundStep[] => [
      { kind: 'scheduler', at: outage.from, what: 'stops' },
      { kind: 'scheduler', at: outage.to, what: 'starts' },
    ]),
    ...pauses.flatMap((pause): AroundStep[] => [
      { kind: 'pause', at: pause.from, what: 'begins' },
      { kind: 'pause', at: pause.to, what: 'ends' },
    ]),
  ]
}

const clocksOf = (zone: Zone, from: Instant, to: Instant): readonly AroundStep[] =>
  clockChanges(zone, from, to).map((change) => ({
    kind: 'clocks',
    at: change.at,
    zone: zone.name,
    what: change.kind,
    from: shown(change.from),
    to: shown(change.to),
  }))

const shown = (at: Reading): string => `${dateText(at)} ${timeText(at)}`
