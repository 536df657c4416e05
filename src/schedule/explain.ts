import type { Instant } from '../time/clock.ts'
import { dateText, timeText } from '../time/reading.ts'
import { type ClockChange, changesOfNextYear, type Effect, effectsOf } from './clock-changes.ts'
import type { CompiledCron } from './cron.ts'
import { FIELDS, type FieldName } from './cron-field.ts'
import { splitCron } from './cron-text.ts'
import type { DstPolicy } from './cron-walk.ts'
import { describe, describePattern, termsOf, valuesOf } from './describe.ts'
import { nounsOfDays, nounsOfWeekdays } from './describe-days.ts'
import type { Timing } from './timing.ts'
import { listed, MONTHS, numbers } from './words.ts'

/** One field of an expression: as written, with `H` and names of macros resolved, and in words. */
export type FieldExplanation = {
  readonly field: FieldName
  readonly written: string
  readonly resolved: string
  readonly means: string
}

/** One expression of a schedule, field by field. */
export type PatternExplanation = {
  readonly text: string
  /** Six fields, seconds first. */
  readonly resolved: string
  readonly sentence: string
  readonly kind: 'rhythmic' | 'wall-clock'
  /** Why it is of this kind, and what that means when clocks are changed. */
  readonly why: string
  /** Of wall-clock patterns only. */
  readonly dst?: DstPolicy
  readonly fields: readonly FieldExplanation[]
  /** What the two day fields mean together, where both say something. */
  readonly days?: string
}

/** A change of the zone's clocks within the next year, and what the schedule does with it. */
export type ChangeExplanation = { readonly at: Instant; readonly clocks: string; readonly effect: string }

/** All that can be said of when a schedule ticks. */
export type Explanation = {
  readonly sentence: string
  /** Undefined for what has no zone: intervals, and schedules that a person starts. */
  readonly zone?: string
  readonly patterns: readonly PatternExplanation[]
  readonly clockChanges: readonly ChangeExplanation[]
}

/** Explains a timing field by field, with the changes of clocks in the year after `from`. Pure. */
export function explain(timing: Timing, from: Instant): Explanation {
  const sentence = describe(timing)
  if (timing.kind !== 'cron') return { sentence, patterns: [], clockChanges: [] }
  return {
    sentence,
    zone: timing.zone.name,
    patterns: timing.patterns.map((_, i) => explainPattern(timing, i)),
    clockChanges: changesOfNextYear(timing.zone, from).map((change) => explainChange(timing, change)),
  }
}

function explainPattern(cron: CompiledCron, pattern: number): PatternExplanation {
  const text = cron.texts[pattern] ?? ''
  const resolved = cron.resolved[pattern] ?? ''
  const written = splitCron(text)
  const readings = cron.patterns[pattern]?.readings ?? 'rhythmic'
  const fields = FIELDS.map((field, i) => ({
    field,
    written: written.fields[i] ?? '*',
    resolved: resolved.split(' ')[i] ?? '*',
    means: meaningOf(cron, pattern, field),
  }))
  const days = daysTogether(cron, pattern, fields)
  return {
    text,
    resolved,
    sentence: describePattern(cron, pattern),
    kind: readings === 'rhythmic' ? 'rhythmic' : 'wall-clock',
    why: whyOf(readings, cron.patterns[pattern]?.times.hours.size === 24),
    ...(readings === 'rhythmic' ? {} : { dst: readings }),
    fields,
    ...(days === undefined ? {} : { days }),
  }
}

function whyOf(readings: 'rhythmic' | DstPolicy, everyHour: boolean): string {
  if (readings !== 'rhythmic')
    return 'a star stands neither for all hours nor in the minutes: each time of day is meant once, however clocks are changed'
  const because = everyHour ? 'it has all 24 hours' : 'the minutes have a star'
  return `${because}: it runs at every instant that shows a matching time, not at all in a missing hour, twice in a repeated one`
}

const SIZES: Readonly<Record<FieldName, number>> = {
  second: 60,
  minute: 60,
  hour: 24,
  'day of month': 31,
  month: 12,
  'day of week': 7,
}

function meaningOf(cron: CompiledCron, pattern: number, field: FieldName): string {
  const values = valuesOf(cron, pattern, field)
  if (values.length === SIZES[field]) return `every ${field.startsWith('day') ? 'day' : field}`
  switch (field) {
    case 'second':
    case 'minute':
    case 'hour':
      return numbers(values)
    case 'day of month':
      return listed(nounsOfDays(termsOf(cron, pattern, field)))
    case 'month':
      return numbers(values, (month) => MONTHS[month - 1] ?? '')
    case 'day of week':
      return listed(nounsOfWeekdays(termsOf(cron, pattern, field)))
  }
}

function daysTogether(cron: CompiledCron, pattern: number, fields: readonly FieldExplanation[]): string | undefined {
  const full = [fields[3], fields[5]].filter((field) => field?.means === 'every day').length
  const either = cron.patterns[pattern]?.times.days.combine === 'either'
  if (full === 2 || (full === 1 && !either)) return undefined
  if (full === 1) return 'both day fields are restricted and one of them has all days: every day matches'
  return either
    ? 'both day fields are restricted: a day that matches either of them is enough'
    : 'one of the day fields begins with a star, or ends with &: a day has to match both'
}

function explainChange(cron: CompiledCron, change: ClockChange): ChangeExplanation {
  const effects = effectsOf(cron, change)
  const effect =
    effects.length === 0
      ? 'no tick is touched'
      : [...new Set(effects.map((one) => effectText(cron, change, one)))].join('; ')
  return { at: change.at, clocks: `${dateText(clocksBefore(change))}: ${clocksText(change)}`, effect }
}

const clocksBefore = ({ kind, from, to }: ClockChange) => (kind === 'gap' ? from : to)

/** 'clocks go from 02:00 to 03:00', with the date where that changes too. */
export function clocksText({ kind, from, to }: ClockChange): string {
  const [before, after] = kind === 'gap' ? [from, to] : [to, from]
  const date = dateText(before) === dateText(after) ? '' : ` on ${dateText(after)}`
  return `clocks go ${kind === 'gap' ? 'on' : 'back'} from ${timeText(before)} to ${timeText(after)}${date}`
}

/** The readings of an effect: '02:30', '01:00, 01:10, 01:20, …'. */
export const readingsText = ({ matches, more }: Effect): string =>
  more ? `${matches.map(timeText).join(', ')}, …` : listed(matches.map(timeText))

/** What a pattern does in the span of a change: '02:30 does not exist: it runs at 03:00'. */
export function effectText(cron: CompiledCron, change: ClockChange, effect: Effect): string {
  const readings = cron.patterns[effect.pattern]?.readings ?? 'rhythmic'
  const shown = readingsText(effect)
  const one = effect.matches.length === 1
  if (change.kind === 'gap') {
    const missing = `${shown} ${one ? 'does' : 'do'} not exist`
    if (readings === 'rhythmic' || readings.gap === 'skip') return `${missing} and ${one ? 'does' : 'do'} not run`
    return `${missing}: ${one ? 'it runs' : 'they run'} once, at ${timeText(change.to)}`
  }
  const twice = `${shown} ${one ? 'comes' : 'come'} twice`
  if (readings === 'rhythmic' || readings.overlap === 'both') return `${twice} and ${one ? 'runs' : 'run'} both times`
  return `${twice}: ${one ? 'it runs' : 'they run'} the ${readings.overlap} time only`
}
