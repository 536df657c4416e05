import type { Instant } from '../time/clock.ts'
import { isoLocal, readingAt, zoneOf } from '../time/zone.ts'
import { compileCalendar, excludedBy } from './calendar.ts'
import type { ScheduleDefinition } from './definition.ts'
import { dueOf, nextPlanned, ruleOf } from './rule.ts'
import { type TickRow, tickRow } from './ticks.ts'

/** A tick that a definition plans; `excluded` is the calendar that it lies in, and `due` is told where `spread` puts it off. */
export type ComingTick = TickRow & {
  readonly due?: { readonly at: Instant; readonly local: string }
  readonly excluded?: string
}

/**
 * The first `count` ticks that a definition plans strictly after an instant, excluded ones among them; none before `starts` or
 * after `ends`. Throws InvalidCronError, InvalidTimeError.
 */
export function comingTicks(definition: ScheduleDefinition, after: Instant, count: number): readonly ComingTick[] {
  const rule = ruleOf(definition)
  const zone = rule.timing.kind === 'cron' ? rule.timing.zone : zoneOf(definition.tz)
  const calendars = (definition.policies.exclude ?? []).map(compileCalendar)
  const rows: ComingTick[] = []
  for (let at = nextPlanned(rule, after); at !== null && rows.length < count; at = nextPlanned(rule, at)) {
    const dueAt = dueOf(rule, at)
    const excluded = excludedBy(calendars, readingAt(zone, at))
    rows.push({
      ...tickRow(rule.timing, at, zone.name),
      ...(rule.spread === null ? {} : { due: { at: dueAt, local: isoLocal(zone, dueAt) } }),
      ...(excluded === undefined ? {} : { excluded }),
    })
  }
  return rows
}
