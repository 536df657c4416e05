import { DAY, HOUR, MINUTE, SECOND } from './duration.ts'

declare const wall: unique symbol

/** What a clock on a wall shows: its milliseconds since 1970-01-01T00:00 on that wall, without a zone. */
export type Reading = number & { readonly [wall]: true }

/** Names a number of milliseconds on a wall a reading. */
export const reading = (milliseconds: number): Reading => milliseconds as Reading

/** A day of the Gregorian calendar; `month` and `day` count from 1. */
export type CalendarDay = { readonly year: number; readonly month: number; readonly day: number }

/** The number of the day, counted from 1970-01-01. The rule is Howard Hinnant's days_from_civil. */
export function dayNumber(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year
  const era = Math.floor(shifted / 400)
  const yearOfEra = shifted - era * 400
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
}

/** The calendar day of a day number. The rule is Howard Hinnant's civil_from_days. */
export function calendarDay(number: number): CalendarDay {
  const shifted = number + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day }
}

/** How many days a month has. */
export function daysInMonth(year: number, month: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
}

/** The weekday of a day number: 0 is Sunday. */
export const weekday = (number: number): number => (((number + 4) % 7) + 7) % 7

const two = (value: number): string => String(value).padStart(2, '0')

/** The date of a reading: '2026-03-29'. */
export const dateText = (at: Reading): string => new Date(at).toISOString().replace(/T.*/, '')

/** The time of a reading, as short as it can be said: '02:30', '02:30:15', '02:30:15.250'. */
export function timeText(at: Reading): string {
  const text = new Date(at).toISOString().replace(/^.*T/, '').replace('Z', '')
  if (at % MINUTE === 0) return text.slice(0, 5)
  return at % SECOND === 0 ? text.slice(0, 8) : text
}

/** A reading beside its offset from UTC: '2026-03-08T03:00:00-04:00'. */
export function isoText(at: Reading, offset: number): string {
  const text = new Date(at).toISOString().replace('Z', '')
  return (at % SECOND === 0 ? text.slice(0, -4) : text) + offsetText(offset)
}

/** An offset from UTC in milliseconds as text: '+02:00'. */
export function offsetText(offset: number): string {
  const size = Math.abs(offset)
  const seconds = Math.floor((size % MINUTE) / SECOND)
  const text = `${offset < 0 ? '-' : '+'}${two(Math.floor(size / HOUR))}:${two(Math.floor((size % HOUR) / MINUTE))}`
  return seconds === 0 ? text : `${text}:${two(seconds)}`
}

/** The reading of a date and a time of day, or undefined where the calendar has no such day. */
export function readingOf(year: number, month: number, day: number, timeOfDay: number): Reading | undefined {
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined
  return reading(dayNumber(year, month, day) * DAY + timeOfDay)
}
