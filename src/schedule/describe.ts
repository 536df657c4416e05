import { DAY, HOUR, MINUTE, SECOND } from '../time/duration.ts'
import { reading, timeText } from '../time/reading.ts'
import type { CompiledCron } from './cron.ts'
import { FIELDS, type FieldName, readField, type Term } from './cron-field.ts'
import { daysPhrase } from './describe-days.ts'
import { timePhrase } from './describe-time.ts'
import type { CompiledEvery } from './every.ts'
import type { Timing } from './timing.ts'
import { counted, listed } from './words.ts'

/**
 * When a schedule ticks, as a plain sentence with its zone: 'at 09:00 on weekdays, Europe/London'. It says all that the
 * fields say; what changed clocks do to it is told by `explain`.
 */
export function describe(timing: Timing): string {
  switch (timing.kind) {
    case 'cron':
      return `${joined(timing.patterns.map((_, i) => describePattern(timing, i)))}, ${timing.zone.name}`
    case 'every':
      return describeEvery(timing)
    case 'manual':
      return 'only when a person asks for it'
  }
}

const joined = (sentences: readonly string[]): string => {
  const unique = [...new Set(sentences)]
  return unique.length < 3 ? unique.join(', and ') : `${unique.slice(0, -1).join('; ')}; and ${unique.at(-1)}`
}

/** The terms of one pattern's field. */
export const termsOf = (cron: CompiledCron, pattern: number, field: FieldName): readonly Term[] =>
  readField(field, cron.resolved[pattern]?.split(' ')[FIELDS.indexOf(field)] ?? '*')

/** The plain values of one pattern's field, sorted. */
export const valuesOf = (cron: CompiledCron, pattern: number, field: FieldName): readonly number[] =>
  [...new Set(termsOf(cron, pattern, field).flatMap((term) => (term.kind === 'values' ? term.values : [])))].sort(
    (a, b) => a - b,
  )

/** One pattern of a schedule as a sentence, without the zone. */
export function describePattern(cron: CompiledCron, pattern: number): string {
  const days = daysPhrase({
    days: termsOf(cron, pattern, 'day of month'),
    months: valuesOf(cron, pattern, 'month'),
    weekdays: termsOf(cron, pattern, 'day of week'),
    combine: cron.patterns[pattern]?.times.days.combine ?? 'both',
  })
  const fields = {
    seconds: valuesOf(cron, pattern, 'second'),
    minutes: valuesOf(cron, pattern, 'minute'),
    hours: valuesOf(cron, pattern, 'hour'),
  }
  const { text, pointed } = timePhrase(fields, days === '')
  const eachDay = pointed && !days.startsWith('on ') ? ' every day' : ''
  return `${text}${eachDay}${days === '' ? '' : ` ${days}`}`
}

function describeEvery({ every, phase }: CompiledEvery): string {
  const text = `every ${lengthText(every)}`
  if (DAY % every !== 0) return `${text}, counted from ${new Date(phase).toISOString().replace('.000Z', 'Z')}`
  if (every === DAY) return `${text}, at ${timeText(reading(phase))} UTC`
  return phase === 0 ? text : `${text}, from ${timeText(reading(phase))} UTC on`
}

const UNITS = [
  [DAY, 'day'],
  [HOUR, 'hour'],
  [MINUTE, 'minute'],
  [SECOND, 'second'],
  [1, 'millisecond'],
] as const

const MOST_COUNTED = 999

/** A length of time in words, nothing left out: 'hour', '90 minutes', '1 day, 2 hours and 5 seconds'. */
export function lengthText(length: number): string {
  const exact = UNITS.find(([unit]) => length % unit === 0)
  if (exact !== undefined && length / exact[0] <= MOST_COUNTED) {
    const count = length / exact[0]
    return count === 1 ? exact[1] : counted(count, exact[1])
  }
  const parts: string[] = []
  let rest = length
  for (const [unit, noun] of UNITS) {
    const count = Math.floor(rest / unit)
    if (count > 0) parts.push(counted(count, noun))
    rest -= count * unit
  }
  return listed(parts)
}
