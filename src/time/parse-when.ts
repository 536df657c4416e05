import { types } from 'node:util'
import { excerpt, nearest } from '../errors.ts'
import { duration, type Instant, instant } from './clock.ts'
import type { ParsedWhen, When } from './due.ts'
import { amountOf, parseDuration } from './duration.ts'
import { InvalidTimeError } from './invalid-time.ts'
import { parseIso, parseTimeOfDay } from './wall-clock.ts'
import { parseWindow } from './window.ts'
import { zoneOf } from './zone.ts'

/** The last instant, and minus it the first, that a Date can show. */
const FARTHEST = 8.64e15

type Given = Readonly<Record<string, unknown>>

const KEYS = ['in', 'at', 'time', 'tz', 'window'] as const
const CALENDAR = ['years', 'months', 'weeks', 'days'] as const

/** Reads when a job is due; throws InvalidTimeError with what was expected and what came. */
export const parseWhen = (when: When): ParsedWhen => parseWhenOf(when)

/** The same for what comes from outside the compiler's sight: the command line, untyped callers. */
export function parseWhenOf(input: unknown): ParsedWhen {
  if (typeof input !== 'object' || input === null || Array.isArray(input) || types.isDate(input)) {
    throw new InvalidTimeError(`expected { in: '3 days' } or { at: … }, got ${excerpt(input)}`)
  }
  const given: Given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined))
  const window = given['window'] === undefined ? {} : { window: parseWindow(given['window']) }
  return { ...parseMoment(given), ...window }
}

function parseMoment(given: Given): ParsedWhen {
  if (given['in'] !== undefined && given['at'] !== undefined) {
    throw new InvalidTimeError(
      `expected either in or at, got both: in ${excerpt(given['in'])}, at ${excerpt(given['at'])}`,
    )
  }
  const stray = Object.keys(given).find((key) => !KEYS.some((known) => known === key))
  const meant = stray === undefined ? undefined : nearest(stray, KEYS)
  const hint = meant === undefined ? '' : `; did you mean ${meant} for '${stray}'?`
  if (given['in'] === undefined && given['at'] === undefined) {
    throw new InvalidTimeError(`expected in or at, got ${excerpt(given)}${hint}`)
  }
  if (stray !== undefined) {
    throw new InvalidTimeError(`expected ${KEYS.join(', ')} and nothing else, got ${excerpt(stray)} too${hint}`)
  }
  return given['in'] === undefined ? parseAt(given, given['at']) : parseIn(given, given['in'])
}

function parseIn(given: Given, length: unknown): ParsedWhen {
  const { time, tz } = given
  if (time === undefined && tz === undefined) return { kind: 'elapsed', delay: parseDuration(length, 'in') }
  if (tz === undefined) throw new InvalidTimeError(`time: expected a time zone in tz beside it, got none`)
  const zone = zoneOf(tz, 'tz')
  if (typeof length !== 'object' || length === null || Array.isArray(length)) {
    parseDuration(length, 'in')
    throw new InvalidTimeError(
      `tz: a duration as text is elapsed time, the same in every zone; write { days: 3 } for calendar days`,
    )
  }
  const { years = 0, months = 0, weeks = 0, days = 0, ...clock } = length as Readonly<Record<string, unknown>>
  const step = {
    years: whole('years', years),
    months: whole('months', months),
    weeks: whole('weeks', weeks),
    days: whole('days', days),
  }
  const hasClock = Object.values(clock).some((value) => value !== undefined)
  if (Object.keys(length).length === 0) throw new InvalidTimeError(`in: expected parts such as { days: 3 }, got {}`)
  const rest = hasClock ? parseDuration(clock, 'in') : duration(0)
  if (time === undefined) return { kind: 'calendar', step, rest, time: null, zone }
  if (hasClock)
    throw new InvalidTimeError(`time: expected only ${CALENDAR.join(', ')} in in beside it, got ${excerpt(length)}`)
  return { kind: 'calendar', step, rest, time: parseTimeOfDay(time, 'time'), zone }
}

function whole(key: string, value: unknown): number {
  const amount = amountOf(key, value, 'in')
  if (Number.isInteger(amount) && amount <= 4_000) return amount
  throw new InvalidTimeError(`in: expected ${key} on a calendar to be a whole number up to 4000, got ${amount}`)
}

function parseAt(given: Given, at: unknown): ParsedWhen {
  const { time, tz } = given
  if (time !== undefined)
    throw new InvalidTimeError(`time: expected only beside in; at already has its time, got ${excerpt(time)}`)
  if (typeof at === 'string') return parseAtText(at, tz)
  if (tz !== undefined)
    throw new InvalidTimeError(
      `tz: expected only beside an at without an offset; ${describe(at)} is an instant already`,
    )
  const milliseconds = millisecondsOf(at)
  if (Math.abs(milliseconds) <= FARTHEST) return { kind: 'instant', at: instant(Math.ceil(milliseconds)) }
  throw new InvalidTimeError(
    `at: expected ${FORMS}, got ${describe(at)}${typeof at === 'number' ? '; say new Date(milliseconds)' : ''}`,
  )
}

const FORMS = `a Date, '2026-12-01T09:00:00+01:00', '2026-12-01T09:00' beside tz, or anything with toMillis()`

function parseAtText(text: string, tz: unknown): ParsedWhen {
  const iso = parseIso(text)
  if (iso === undefined) throw new InvalidTimeError(`at: expected ${FORMS}, got ${excerpt(text)}`)
  if (iso.kind === 'reading') {
    if (tz === undefined) {
      throw new InvalidTimeError(
        `at: ${excerpt(text)} has no zone; add an offset ('${text.trim()}Z') or a zone (tz: 'Europe/Berlin')`,
      )
    }
    return { kind: 'reading', reading: iso.reading, zone: zoneOf(tz, 'tz') }
  }
  if (tz === undefined) return { kind: 'instant', at: iso.at }
  throw new InvalidTimeError(`at: ${excerpt(text)} has an offset and tz says ${excerpt(tz)}; leave out one of them`)
}

/** What an instant may be written as. */
export type InstantInput = Date | { toMillis(): number } | string

/** Reads an instant that needs no zone; `what` names it in the error text. Throws InvalidTimeError. */
export function parseInstant(input: unknown, what: string): Instant {
  const iso = typeof input === 'string' ? parseIso(input) : undefined
  if (iso?.kind === 'instant') return iso.at
  const milliseconds = typeof input === 'string' ? Number.NaN : millisecondsOf(input)
  if (Math.abs(milliseconds) <= FARTHEST) return instant(Math.floor(milliseconds))
  const hint = iso === undefined ? '' : "; add an offset ('Z', '+01:00')"
  throw new InvalidTimeError(
    `${what}: expected a Date, '2026-12-01T09:00:00+01:00', or anything with toMillis(), got ${describe(input)}${hint}`,
  )
}

function millisecondsOf(at: unknown): number {
  if (types.isDate(at)) return at.getTime()
  if (typeof at !== 'object' || at === null || !('toMillis' in at) || typeof at.toMillis !== 'function')
    return Number.NaN
  const milliseconds: unknown = at.toMillis()
  return typeof milliseconds === 'number' ? milliseconds : Number.NaN
}

const describe = (at: unknown): string =>
  types.isDate(at) && Number.isNaN(at.getTime()) ? 'an invalid Date' : excerpt(at)
