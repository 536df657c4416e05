import { excerpt, nearest } from '../errors.ts'
import { type Duration, duration } from './clock.ts'
import { InvalidTimeError } from './invalid-time.ts'

type Short = 'ms' | 's' | 'm' | 'h' | 'd' | 'w'
type Stem = 'millisecond' | 'second' | 'sec' | 'minute' | 'min' | 'hour' | 'day' | 'week'
type Long = Stem | `${Stem}s`

/** A duration as text: '90s', '3 days', '1h30m', '1 hour 30 minutes', 'PT1H'. A misspelt unit does not compile. */
export type DurationText =
  | `${number}${Short}`
  | `${number} ${Short | Long}`
  | `${number}${Short}${number}${Short}`
  | `${number}${Short} ${number}${Short}`
  | `${number} ${Long} ${number} ${Long}`
  | `P${string}`

/** A duration as parts of fixed length; a day is 24 hours. */
export type DurationParts = {
  readonly weeks?: number
  readonly days?: number
  readonly hours?: number
  readonly minutes?: number
  readonly seconds?: number
  readonly milliseconds?: number
}

/** What a duration may be written as. */
export type DurationInput = DurationText | DurationParts

export const SECOND = 1_000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR
export const WEEK = 7 * DAY

/** The longest time that anything may be put off: 10 years with their leap days. */
export const LONGEST: Duration = duration(3_653 * DAY)

const PARTS = { weeks: WEEK, days: DAY, hours: HOUR, minutes: MINUTE, seconds: SECOND, milliseconds: 1 } as const

const UNITS: ReadonlyMap<string, number> = new Map([
  ...spelled(1, 'ms', 'milliseconds', 'millisecond'),
  ...spelled(SECOND, 's', 'seconds', 'second', 'secs', 'sec'),
  ...spelled(MINUTE, 'm', 'minutes', 'minute', 'mins', 'min'),
  ...spelled(HOUR, 'h', 'hours', 'hour'),
  ...spelled(DAY, 'd', 'days', 'day'),
  ...spelled(WEEK, 'w', 'weeks', 'week'),
])

const FORMS = `a duration such as '90s', '3 days', '1h30m', 'PT1H' or { days: 3 }`
const NO_FIXED_LENGTH = 'months and years have no fixed length'

function spelled(unit: number, ...names: readonly string[]): readonly (readonly [string, number])[] {
  return names.map((name) => [name, unit] as const)
}

/**
 * Reads a duration of at most 10 years in whole milliseconds; `what` names it in the error text.
 * Refuses numbers (seconds and milliseconds are too easily confused), negative ones, months and years.
 */
export function parseDuration(input: unknown, what: string): Duration {
  const milliseconds = Math.round(measure(input, what))
  if (milliseconds > LONGEST) throw new InvalidTimeError(`${what}: expected at most 10 years, got ${excerpt(input)}`)
  return duration(milliseconds)
}

function measure(input: unknown, what: string): number {
  if (typeof input === 'string') return measureText(input.trim(), what)
  if (typeof input === 'number') {
    const hint = Number.isFinite(input) && input >= 0 ? `; a number alone has no unit: say '${input}s'` : ''
    throw new InvalidTimeError(`${what}: expected ${FORMS}, got the number ${input}${hint}`)
  }
  if (typeof input !== 'object' || input === null || Array.isArray(input) || input instanceof Date) {
    throw new InvalidTimeError(`${what}: expected ${FORMS}, got ${excerpt(input)}`)
  }
  return measureParts(input, what)
}

function measureText(text: string, what: string): number {
  if (/^P/i.test(text)) return measureIso(text.toUpperCase(), what)
  if (text.startsWith('-')) throw new InvalidTimeError(`${what}: expected no negative duration, got ${excerpt(text)}`)
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)\s*([A-Za-z]+)\s*/g)]
  const whole = parts.map((part) => part[0]).join('')
  if (parts.length === 0 || parts.length > 2 || whole !== text) {
    const hint = /^\d+(\.\d+)?$/.test(text) ? `; say '${text}s'` : ''
    throw new InvalidTimeError(`${what}: expected ${FORMS} (at most two parts), got ${excerpt(text)}${hint}`)
  }
  const units = parts.map((part) => unitOf(part[2] ?? '', text, what))
  if (units.length === 2 && (units[0] ?? 0) <= (units[1] ?? 0)) {
    throw new InvalidTimeError(`${what}: expected the larger unit first, got ${excerpt(text)}`)
  }
  return parts.reduce((sum, part, index) => sum + Number(part[1]) * (units[index] ?? 0), 0)
}

function unitOf(word: string, text: string, what: string): number {
  const unit = UNITS.get(word.length === 1 ? word : word.toLowerCase())
  if (unit !== undefined) return unit
  if (/^(mo|mon|months?|y|yrs?|years?)$/i.test(word)) {
    throw new InvalidTimeError(
      `${what}: ${NO_FIXED_LENGTH}, got ${excerpt(text)}; count in days, or write ${calendar(word)}`,
    )
  }
  const meant = nearest(word, UNITS.keys())
  const hint = meant === undefined ? 'units are ms, s, m, h, d, w and their English names' : `did you mean '${meant}'?`
  throw new InvalidTimeError(`${what}: expected a unit of time, got '${word}' in ${excerpt(text)}; ${hint}`)
}

const calendar = (word: string): string => `{ ${/^m/i.test(word) ? 'months' : 'years'}: 1 } with a time zone in tz`

const ISO =
  /^P(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$/

function measureIso(text: string, what: string): number {
  const match = ISO.exec(text)
  const amounts = match?.slice(1) ?? []
  if (match !== null && !text.endsWith('T') && amounts.some((amount) => amount !== undefined)) {
    const units = [WEEK, DAY, HOUR, MINUTE, SECOND]
    return amounts.reduce((sum, amount, index) => sum + Number(amount ?? 0) * (units[index] ?? 0), 0)
  }
  if (/^P[^T]*\d[YM]/.test(text)) {
    throw new InvalidTimeError(`${what}: ${NO_FIXED_LENGTH}, got ${excerpt(text)}; write ${calendar('months')}`)
  }
  throw new InvalidTimeError(`${what}: expected an ISO 8601 duration such as 'PT1H30M' or 'P3D', got ${excerpt(text)}`)
}

function measureParts(input: object, what: string): number {
  const entries = Object.entries(input).filter(([, value]) => value !== undefined)
  if (entries.length === 0) throw new InvalidTimeError(`${what}: expected ${FORMS}, got ${excerpt(input)}`)
  return entries.reduce((sum, [key, value]) => sum + amountOf(key, value, what) * partOf(key, what), 0)
}

function partOf(key: string, what: string): number {
  if (isPart(key)) return PARTS[key]
  if (key === 'months' || key === 'years')
    throw new InvalidTimeError(`${what}: ${NO_FIXED_LENGTH}; say a time zone in tz`)
  const meant = nearest(key, [...Object.keys(PARTS), 'months', 'years'])
  const hint = meant === undefined ? `expected ${Object.keys(PARTS).join(', ')}` : `did you mean ${meant}?`
  throw new InvalidTimeError(`${what}: unknown key '${key}'; ${hint}`)
}

const isPart = (key: string): key is keyof typeof PARTS => Object.hasOwn(PARTS, key)

/** The amount under one key of a duration object: a finite number, not negative. */
export function amountOf(key: string, value: unknown, what: string): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value
  throw new InvalidTimeError(`${what}: expected ${key} to be a number from 0, got ${excerpt(value)}`)
}

const PRINTED = [
  [DAY, 'd'],
  [HOUR, 'h'],
  [MINUTE, 'min'],
  [SECOND, 's'],
  [1, 'ms'],
] as const

/** A duration for people, its two largest neighbouring units: '3 d 4 h', '1 min 30 s', '250 ms'. */
export function formatDuration(length: Duration): string {
  const rest = Math.round(Math.abs(length))
  const sign = length < 0 ? '-' : ''
  const first = PRINTED.findIndex(([unit]) => rest >= unit)
  if (first === -1) return '0 ms'
  const [unit, name] = PRINTED[first] ?? [1, 'ms']
  const [minor, minorName] = PRINTED[first + 1] ?? [unit, name]
  const small = Math.floor((rest % unit) / minor)
  return `${sign}${Math.floor(rest / unit)} ${name}${small > 0 ? ` ${small} ${minorName}` : ''}`
}
