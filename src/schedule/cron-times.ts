import { DAY, SECOND } from '../time/duration.ts'
import { type Reading, reading } from '../time/reading.ts'
import { type DayRule, nextDay, previousDay } from './cron-days.ts'

/** The values of a field, looked up in one step. */
export type Values = {
  readonly size: number
  readonly first: number
  readonly last: number
  /** At index i the smallest value from i on, -1 if there is none. */
  readonly from: readonly number[]
  /** At index i + 1 the largest value up to i, -1 if there is none. */
  readonly upTo: readonly number[]
}

/** Which readings of the wall clock a pattern means. */
export type Times = {
  readonly seconds: Values
  readonly minutes: Values
  readonly hours: Values
  readonly days: DayRule
}

/** Makes the tables of a field that has `width` values from 0. */
export function tables(values: readonly number[], width: number): Values {
  const wanted = new Set(values)
  const from: number[] = Array.from({ length: width + 1 }, () => -1)
  const upTo = [...from]
  for (let i = width - 1; i >= 0; i--) from[i] = wanted.has(i) ? i : (from[i + 1] ?? -1)
  for (let i = 0; i < width; i++) upTo[i + 1] = wanted.has(i) ? i : (upTo[i] ?? -1)
  return { size: wanted.size, first: from[0] ?? -1, last: upTo[width] ?? -1, from, upTo }
}

const SECONDS_A_DAY = DAY / SECOND

/** The first matching reading at or after a reading; null when the calendar has none. */
export function nextReading(times: Times, from: number): Reading | null {
  const start = Math.ceil(from / SECOND)
  const today = Math.floor(start / SECONDS_A_DAY)
  const day = nextDay(times.days, today)
  if (day === null) return null
  if (day > today) return at(day, firstTime(times))
  const time = nextTime(times, start - today * SECONDS_A_DAY)
  if (time >= 0) return at(today, time)
  const after = nextDay(times.days, today + 1)
  return after === null ? null : at(after, firstTime(times))
}

/** The last matching reading at or before a reading; null when the calendar has none. */
export function previousReading(times: Times, from: number): Reading | null {
  const start = Math.floor(from / SECOND)
  const today = Math.floor(start / SECONDS_A_DAY)
  const day = previousDay(times.days, today)
  if (day === null) return null
  if (day < today) return at(day, lastTime(times))
  const time = previousTime(times, start - today * SECONDS_A_DAY)
  if (time >= 0) return at(today, time)
  const before = previousDay(times.days, today - 1)
  return before === null ? null : at(before, lastTime(times))
}

const at = (day: number, second: number): Reading => reading((day * SECONDS_A_DAY + second) * SECOND)

const time = (hour: number, minute: number, second: number): number => hour * 3_600 + minute * 60 + second

const firstTime = ({ hours, minutes, seconds }: Times): number => time(hours.first, minutes.first, seconds.first)

const lastTime = ({ hours, minutes, seconds }: Times): number => time(hours.last, minutes.last, seconds.last)

/** The first matching second of a day at or after one; -1 when there is none. */
function nextTime({ hours, minutes, seconds }: Times, from: number): number {
  const [hour, minute] = [Math.floor(from / 3_600), Math.floor(from / 60) % 60]
  const second = seconds.from[from % 60] ?? -1
  const thatHour = hours.from[hour] ?? -1
  if (thatHour !== hour) return thatHour < 0 ? -1 : time(thatHour, minutes.first, seconds.first)
  const thatMinute = minutes.from[second < 0 ? minute + 1 : minute] ?? -1
  if (thatMinute === minute) return time(hour, minute, second)
  if (thatMinute >= 0) return time(hour, thatMinute, seconds.first)
  const nextHour = hours.from[hour + 1] ?? -1
  return nextHour < 0 ? -1 : time(nextHour, minutes.first, seconds.first)
}

/** The last matching second of a day at or before one; -1 when there is none. */
function previousTime({ hours, minutes, seconds }: Times, from: number): number {
  const [hour, minute] = [Math.floor(from / 3_600), Math.floor(from / 60) % 60]
  const second = seconds.upTo[(from % 60) + 1] ?? -1
  const thatHour = hours.upTo[hour + 1] ?? -1
  if (thatHour !== hour) return thatHour < 0 ? -1 : time(thatHour, minutes.last, seconds.last)
  const thatMinute = minutes.upTo[second < 0 ? minute : minute + 1] ?? -1
  if (thatMinute === minute) return time(hour, minute, second)
  if (thatMinute >= 0) return time(hour, thatMinute, seconds.last)
  const previousHour = hours.upTo[hour] ?? -1
  return previousHour < 0 ? -1 : time(previousHour, minutes.last, seconds.last)
}
