import { excerpt, MorrowError } from '../errors.ts'
import { type Instant, instant } from '../time/clock.ts'
import { type Zone, zoneOf } from '../time/zone.ts'
import { bits, type DayRule, nextDay, termSet } from './cron-days.ts'
import { FIELDS, readField, type Term } from './cron-field.ts'
import { type SplitCron, splitCron } from './cron-text.ts'
import { type Times, tables, type Values } from './cron-times.ts'
import { type DstPolicy, nextTickOf, previousTickOf, type Walk } from './cron-walk.ts'
import { resolveHashed } from './hashed.ts'
import { InvalidCronError } from './invalid-cron.ts'

/** One or several expressions in one zone, ready to be asked; immutable. */
export type CompiledCron = {
  readonly kind: 'cron'
  /** As written. */
  readonly texts: readonly string[]
  /** With six fields, names of macros and `H` resolved. */
  readonly resolved: readonly string[]
  readonly zone: Zone
  readonly patterns: readonly Walk[]
}

/** `seed` decides what `H` stands for: the name of the schedule. */
export type CronOptions = { readonly seed: string; readonly dst?: Partial<DstPolicy> | undefined }

/** From here a pattern has to fire within reach, else it is refused: 2024-01-01. */
const ANCHOR = instant(1_704_067_200_000)

/**
 * Compiles a cron expression, or several as one, by the rules of docs/time.md; a zone at the end of the text wins over `zone`.
 * Throws InvalidCronError, also for what never fires, and InvalidTimeError for an unknown zone.
 */
export function compileCron(text: string | readonly string[], zone: string, options: CronOptions): CompiledCron {
  const texts = typeof text === 'string' ? [text] : text
  if (texts.length === 0) throw new InvalidCronError(`expected a cron expression, got an empty list`)
  const split = texts.map((one) => explained(one, () => splitCron(one)))
  const resolved = split.map((one) =>
    one.fields.map((field, i) => resolveHashed(FIELDS[i] ?? 'minute', field, options.seed)),
  )
  const place = zoneOf(commonZone(split) ?? zone)
  const policy: DstPolicy = { gap: 'run', overlap: 'first', ...options.dst }
  const patterns = split.map((one, i) =>
    explained(texts[i] ?? '', () => compileOne(one, resolved[i] ?? [], place, policy)),
  )
  if (options.dst !== undefined && patterns.every((pattern) => pattern.readings === 'rhythmic')) {
    throw new InvalidCronError(
      `dst: expected only beside a wall-clock pattern; ${excerpt(texts.join(', '))} is rhythmic and runs whenever clocks show it`,
    )
  }
  return { kind: 'cron', texts, resolved: resolved.map((fields) => fields.join(' ')), zone: place, patterns }
}

/** The zone that stands at the end of expressions, undefined where none does; throws when they differ. */
export const zoneInCron = (texts: readonly string[]): string | undefined =>
  commonZone(texts.map((text) => splitCron(text)))

/** The first tick strictly after an instant; null in the far future only, where the calendar of a zone gives none. */
export function next(cron: CompiledCron, after: Instant): Instant | null {
  let first: Instant | null = null
  for (const pattern of cron.patterns) {
    const tick = nextTickOf(pattern, after)
    if (tick !== null && (first === null || tick < first)) first = tick
  }
  return first
}

/** The last tick strictly before an instant; null where the calendar of a zone gives none. */
export function previous(cron: CompiledCron, before: Instant): Instant | null {
  let last: Instant | null = null
  for (const pattern of cron.patterns) {
    const tick = previousTickOf(pattern, before)
    if (tick !== null && (last === null || tick > last)) last = tick
  }
  return last
}

function commonZone(split: readonly SplitCron[]): string | undefined {
  const zones = [...new Set(split.map((one) => one.zone).filter((zone) => zone !== undefined))]
  if (zones.length > 1 || (zones.length === 1 && split.length > 1 && split.some((one) => one.zone === undefined))) {
    throw new InvalidCronError(
      `expected one time zone for all expressions of a schedule, got ${zones.join(', ')}; write it once, in tz`,
    )
  }
  return zones[0]
}

function explained<T>(text: string, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    if (!(cause instanceof MorrowError)) throw cause
    const fault = cause instanceof InvalidCronError ? cause.fault : 'meaningless'
    throw new InvalidCronError(`${excerpt(text)}: ${cause.message}`, { cause, fault })
  }
}

function compileOne(written: SplitCron, resolved: readonly string[], zone: Zone, policy: DstPolicy): Walk {
  const times: Times = {
    seconds: valuesOf('second', resolved[0]),
    minutes: valuesOf('minute', resolved[1]),
    hours: valuesOf('hour', resolved[2]),
    days: dayRule(written, resolved),
  }
  const everyHour = times.hours.size === 24
  const rhythmic = everyHour || hasStar(written.fields[1] ?? '*')
  const walk: Walk = { times, zone, readings: rhythmic ? 'rhythmic' : policy }
  const mayVanish = !everyHour && (rhythmic || policy.gap === 'skip')
  if (mayVanish && nextTickOf(walk, ANCHOR) === null)
    throw new InvalidCronError(`never fires: ${zone.name} skips that time on each such day`, NEVER)
  return walk
}

const NEVER = { fault: 'never-fires' } as const
const KEPT_RULES = 5_000
const keptRules = new Map<string, DayRule>()

/** The days of a pattern; schedules share them. Throws InvalidCronError when no day of the calendar is one. */
function dayRule({ fields, bothDays }: SplitCron, resolved: readonly string[]): DayRule {
  const [, , , days = '*', months = '*', weekdays = '*'] = resolved
  const either = !bothDays && isRestricted(fields[3] ?? '*') && isRestricted(fields[5] ?? '*')
  const key = `${days} ${months} ${weekdays} ${either}`
  const known = keptRules.get(key)
  if (known !== undefined) return known
  const rule: DayRule = {
    days: termSet(readField('day of month', days), 1),
    months: bits(plainValues(readField('month', months)), 1),
    weekdays: termSet(readField('day of week', weekdays), 0),
    combine: either ? 'either' : 'both',
  }
  if (nextDay(rule, 0) === null)
    throw new InvalidCronError(`never fires: no month of the calendar has such a day`, NEVER)
  if (keptRules.size >= KEPT_RULES) keptRules.clear()
  keptRules.set(key, rule)
  return rule
}

const keptValues = new Map<string, Values>()

/** The values of a field of time; schedules share them. Throws InvalidCronError. */
function valuesOf(field: 'second' | 'minute' | 'hour', text = '*'): Values {
  const key = field === 'hour' ? `h ${text}` : text
  const known = keptValues.get(key)
  if (known !== undefined) return known
  const values = tables(plainValues(readField(field, text)), field === 'hour' ? 24 : 60)
  if (keptValues.size >= KEPT_RULES) keptValues.clear()
  keptValues.set(key, values)
  return values
}

const plainValues = (terms: readonly Term[]): readonly number[] =>
  terms.flatMap((term) => (term.kind === 'values' ? term.values : []))

// `H/15` counts as a star with a step.
const hasStar = (field: string): boolean => field.includes('*') || /(^|,)H\//.test(field)

// A day field is restricted when it does not begin with a star or a question mark.
const isRestricted = (field: string): boolean => !/^([*?]|H\/)/.test(field)
