import type { Instant } from '../time/clock.ts'
import { dateText, timeText } from '../time/reading.ts'
import { type ClockChange, changesOfNextYear, effectsOf } from './clock-changes.ts'
import type { CompiledCron } from './cron.ts'
import type { DstPolicy } from './cron-walk.ts'
import { clocksText, effectText } from './explain.ts'
import type { Found, Subject } from './finding.ts'

/** A rhythmic pattern of more hours than this runs on beside a change of clocks: nobody misses one of its ticks. */
const FEW_HOURS = 6

/**
 * Times that the zone does not show, or shows twice, in the year after `from`; the first of each kind is told.
 * A policy that stands there says that it is meant, and keeps the linter silent.
 */
export function lintClocks({ cron }: Subject, from: Instant, dst: Partial<DstPolicy>): readonly Found[] {
  const [pattern] = cron.patterns
  if (pattern === undefined || (pattern.readings === 'rhythmic' && pattern.times.hours.size > FEW_HOURS)) return []
  const rhythmic = pattern.readings === 'rhythmic'
  const told = new Set<ClockChange['kind']>()
  if (!rhythmic && dst.gap !== undefined) told.add('gap')
  if (!rhythmic && dst.overlap !== undefined) told.add('repeated')
  return changesOfNextYear(cron.zone, from).flatMap((change) => {
    const found = told.has(change.kind) ? undefined : foundAt(cron, change, rhythmic)
    if (found !== undefined) told.add(change.kind)
    return found === undefined ? [] : [found]
  })
}

function foundAt(cron: CompiledCron, change: ClockChange, rhythmic: boolean): Found | undefined {
  const [effect] = effectsOf(cron, change)
  if (effect === undefined) return undefined
  const [matched = change.from] = effect.matches
  const what = effectText(cron, change, effect)
  const message = `${what} (on ${dateText(matched)} in ${cron.zone.name}, where ${clocksText(change)})`
  const other = `choose a time outside ${timeText(change.from)} to ${timeText(change.to)}`
  const meant = change.kind === 'gap' ? '{ gap: run }' : '{ overlap: first }'
  return {
    code: change.kind === 'gap' ? 'missing-time' : 'repeated-time',
    message,
    fix: rhythmic
      ? `${other}, or list the minutes in place of the star: then each time runs once`
      : `${other}, or write dst: ${meant} to show that it is meant`,
    field: 'hour',
  }
}
