import { type Instant, instant } from '../time/clock.ts'
import { DAY } from '../time/duration.ts'
import { isoLocal, zoneOf } from '../time/zone.ts'
import type { ScheduleDefinition } from './definition.ts'
import type { FileFinding, PlaceOf } from './file-finding.ts'
import { nextPlanned, ruleOf } from './rule.ts'
import { listed } from './words.ts'

const YEAR = 366 * DAY

/** Schedules that plan no tick any more: `ends` has passed, or their calendars leave none in the year after `from`. Pure. */
export function lintSpans(
  schedules: readonly ScheduleDefinition[],
  from: Instant,
  placeOf: PlaceOf,
): readonly FileFinding[] {
  return schedules.flatMap((definition): readonly FileFinding[] => {
    const { name, tz, policies } = definition
    const { ends, exclude } = policies
    if (ends !== undefined && ends < from) {
      const message = `${name}.ends: it ended at ${isoLocal(zoneOf(tz), ends)} ${tz} and plans no tick any more`
      const fix = 'leave the schedule out, or write a later end'
      return [{ ...placeOf(definition, 'ends'), severity: 'warning', code: 'has-ended', message, fix }]
    }
    if (exclude === undefined || !isAllExcluded(definition, from)) return []
    const message = `${name}.exclude: ${listed(exclude.map((each) => each.name))} leave no tick of it in the next year`
    const fix = 'leave a calendar out, or choose another time'
    return [{ ...placeOf(definition, 'exclude'), severity: 'warning', code: 'no-tick-left', message, fix }]
  })
}

function isAllExcluded(definition: ScheduleDefinition, from: Instant): boolean {
  const rule = ruleOf(definition)
  const end = from + YEAR
  const first = nextPlanned(rule, from)
  let at = first
  while (at !== null && at <= end && rule.excludes?.(at)) at = nextPlanned(rule, instant(rule.steadyUntil(at) - 1))
  return first !== null && first <= end && (at === null || at > end)
}
