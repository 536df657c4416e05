import { calendarDay, dayNumber, daysInMonth, weekday } from '../time/reading.ts'
import type { Term } from './cron-field.ts'

/** Which days a pattern fires on; sets are bits, day 1 (or January) being the lowest. */
export type DayRule = {
  readonly months: number
  readonly days: TermSet
  readonly weekdays: TermSet
  /** Both day fields restricted: either matches. Otherwise both must. */
  readonly combine: 'either' | 'both'
}

/** The terms of one day field: plain values as bits, and those that depend on the month. */
export type TermSet = { readonly plain: number; readonly special: readonly Term[] }

/** The Gregorian calendar repeats itself after 400 years, weekdays included. */
const MONTHS_OF_CALENDAR = 4_800

/** Sorts the terms of a day field; `least` is the value of the lowest bit. */
export function termSet(terms: readonly Term[], least: number): TermSet {
  const plain = terms.flatMap((term) => (term.kind === 'values' ? term.values : []))
  return { plain: bits(plain, least), special: terms.filter((term) => term.kind !== 'values') }
}

/** A set of small numbers as bits. */
export const bits = (values: readonly number[], least: number): number =>
  values.reduce((set, value) => set | (1 << (value - least)), 0)

/** The first matching day at or after a day number; null when the calendar has none. */
export function nextDay(rule: DayRule, from: number): number | null {
  const start = calendarDay(from)
  let { year, month } = start
  let wanted = -(1 << (start.day - 1))
  for (let i = 0; i <= MONTHS_OF_CALENDAR; i++) {
    const found = rule.months & (1 << (month - 1)) ? daysOf(rule, year, month) & wanted : 0
    if (found !== 0) return dayNumber(year, month, 32 - Math.clz32(found & -found))
    wanted = -1
    month = month === 12 ? 1 : month + 1
    if (month === 1) year += 1
  }
  return null
}

/** The last matching day at or before a day number; null when the calendar has none. */
export function previousDay(rule: DayRule, from: number): number | null {
  const start = calendarDay(from)
  let { year, month } = start
  let wanted = (2 << (start.day - 1)) - 1
  for (let i = 0; i <= MONTHS_OF_CALENDAR; i++) {
    const found = rule.months & (1 << (month - 1)) ? daysOf(rule, year, month) & wanted : 0
    if (found !== 0) return dayNumber(year, month, 32 - Math.clz32(found))
    wanted = -1
    month = month === 1 ? 12 : month - 1
    if (month === 12) year -= 1
  }
  return null
}

/** The matching days of a month as bits. */
function daysOf(rule: DayRule, year: number, month: number): number {
  const length = daysInMonth(year, month)
  const first = weekday(dayNumber(year, month, 1))
  let days = rule.days.plain
  for (const term of rule.days.special) days |= special(term, length, first)
  let weekdays = spread(rule.weekdays.plain, first)
  for (const term of rule.weekdays.special) weekdays |= special(term, length, first)
  const either = rule.combine === 'either' ? days | weekdays : days & weekdays
  return either & (2 ** length - 1)
}

/** The days 1 to 31 that fall on the given weekdays, in a month whose 1st is `first`. */
function spread(weekdays: number, first: number): number {
  const week = ((weekdays | (weekdays << 7)) >> first) & 127
  return (week | (week << 7) | (week << 14) | (week << 21) | (week << 28)) & 0x7fffffff
}

function special(term: Term, length: number, first: number): number {
  switch (term.kind) {
    case 'values':
      return 0
    case 'last':
      return term.before < length ? 1 << (length - 1 - term.before) : 0
    case 'last-working':
      return 1 << (workingBefore(length, first) - 1)
    case 'nearest':
      return term.day > length ? 0 : 1 << (nearestWorking(term.day, length, first) - 1)
    case 'nth': {
      // A shift counts modulo 32: without the test a fifth Friday on day 34 would be the 2nd.
      const day = dayOn(term.weekday, first) + (term.nth - 1) * 7
      return day > length ? 0 : 1 << (day - 1)
    }
    case 'last-weekday':
      return 1 << (dayOn(term.weekday, first) - 1 + Math.floor((length - dayOn(term.weekday, first)) / 7) * 7)
  }
}

const dayOn = (wanted: number, first: number): number => ((wanted - first + 7) % 7) + 1

const weekdayOf = (day: number, first: number): number => (first + day - 1) % 7

function workingBefore(day: number, first: number): number {
  const on = weekdayOf(day, first)
  if (on === 0) return day - 2
  return on === 6 ? day - 1 : day
}

/** Saturday goes back and Sunday on, but never out of the month: the rule of Quartz' `W`. */
function nearestWorking(day: number, length: number, first: number): number {
  const on = weekdayOf(day, first)
  if (on === 6) return day === 1 ? 3 : day - 1
  if (on === 0) return day === length ? day - 2 : day + 1
  return day
}
