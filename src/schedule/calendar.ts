import { excerpt } from '../errors.ts'
import { DAY } from '../time/duration.ts'
import { InvalidTimeError } from '../time/invalid-time.ts'
import { calendarDay, dayNumber, daysInMonth, type Reading, reading, weekday } from '../time/reading.ts'
import { parseTimeOfDay } from '../time/wall-clock.ts'

/** The days of the week, in the order of cron. */
export const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const

export type Weekday = (typeof WEEKDAYS)[number]

/** Hours of some days of each week, `to` excluded; when `from` is later than `to` they go on into the next day. */
export type WeeklyHours = {
  readonly days: readonly Weekday[]
  /** '00:00' to '23:59:59'. */
  readonly from: string
  /** '00:00' to '24:00'. */
  readonly to: string
}

/** A named set of dates and weekly hours, as it is said; plain data that survives JSON. */
export type CalendarText = {
  readonly name: string
  /** '2026-12-25', '12-25' of each year, '2026-12-24..2027-01-02' or '12-24..01-02', both ends included; sorted. */
  readonly dates: readonly string[]
  readonly weekly: readonly WeeklyHours[]
}

/** A calendar that is ready to be asked. */
export type CompiledCalendar = {
  readonly name: string
  /** Says whether a reading of the wall clock lies in it. */
  readonly excludes: (at: Reading) => boolean
  /** A later reading up to which, excluded, the answer is the same: as far as it can be told in a moment. */
  readonly steadyUntil: (at: Reading) => Reading
}

/** The name of the first calendar that a reading lies in; undefined when it lies in none. */
export const excludedBy = (calendars: readonly CompiledCalendar[], at: Reading): string | undefined =>
  calendars.find((calendar) => calendar.excludes(at))?.name

/** One calendar that excludes what one of them does. */
export const unionOf = (calendars: readonly CalendarText[]): CalendarText => ({
  name: calendars.map(({ name }) => name).join(', '),
  dates: calendars.flatMap(({ dates }) => dates),
  weekly: calendars.flatMap(({ weekly }) => weekly),
})

/** Compiles a calendar for well under a microsecond a question; throws InvalidTimeError. */
export function compileCalendar({ name, dates, weekly }: CalendarText): CompiledCalendar {
  const spans = dates.map(datesOf)
  const days = merged(spans.filter((span) => span.kind === 'days').map(({ from, to }) => ({ from, to: to + 1 })))
  const yearly = daysOfYears(spans.filter((span) => span.kind === 'yearly'))
  const hours = hoursOfWeek(weekly)
  const spansOfDay = (day: number): readonly Span[] => {
    const isWhole = (days.length > 0 && includes(days, day)) || (yearly.length > 0 && isMarked(yearly, day))
    return isWhole ? WHOLE_DAY : (hours[weekday(day)] ?? [])
  }
  return {
    name,
    excludes: (at) => {
      const day = Math.floor(at / DAY)
      return inSpans(spansOfDay(day), at - day * DAY)
    },
    steadyUntil: (at) => steadyUntil(spansOfDay, at),
  }
}

const WHOLE_DAY: readonly Span[] = [{ from: 0, to: DAY }]
/** Further ahead nobody looks for the end of days that are all alike. */
const MOST_DAYS = 370

const inSpans = (spans: readonly Span[], time: number): boolean =>
  spans.some(({ from, to }) => time >= from && time < to)

/** The next edge of that day's hours; from the last one on, the first edge of the days after it. */
function steadyUntil(spansOfDay: (day: number) => readonly Span[], at: Reading): Reading {
  const today = Math.floor(at / DAY)
  const isIn = inSpans(spansOfDay(today), at - today * DAY)
  for (let day = today; day < today + MOST_DAYS; day++) {
    const begin = day * DAY
    const time = Math.max(0, at - begin)
    const spans = spansOfDay(day)
    if (inSpans(spans, time) !== isIn) return reading(begin)
    const edge = isIn ? spans.find(({ to }) => to > time)?.to : spans.find(({ from }) => from > time)?.from
    if (edge !== undefined && edge < DAY) return reading(begin + edge)
  }
  return reading((today + MOST_DAYS) * DAY)
}

/** Days as they are numbered from 1970, or days of each year as month x 32 + day; both ends included. */
type Dates = { readonly kind: 'days' | 'yearly'; readonly from: number; readonly to: number }

/** Half open. */
type Span = { readonly from: number; readonly to: number }

/** What one entry of `dates` means; throws InvalidTimeError. */
export function datesOf(text: string): Dates {
  const [first = '', last = first, ...more] = text.split('..').map((part) => part.trim())
  const [from, to] = [dateOf(first), dateOf(last)]
  if (from === undefined || to === undefined || more.length > 0) {
    throw new InvalidTimeError(
      `expected a date such as '2026-12-25', '12-25' (each year) or '2026-12-24..2027-01-02', got ${excerpt(text)}`,
    )
  }
  if (from.kind !== to.kind)
    throw new InvalidTimeError(`expected both dates with a year or both without, got ${excerpt(text)}`)
  if (from.kind === 'days' && from.at > to.at)
    throw new InvalidTimeError(`expected the earlier date first, got ${excerpt(text)}`)
  return { kind: from.kind, from: from.at, to: to.at }
}

function dateOf(text: string): { readonly kind: 'days' | 'yearly'; readonly at: number } | undefined {
  const match = /^(?:(\d{4})-)?(\d\d)-(\d\d)$/.exec(text)
  if (match === null) return undefined
  const [year, month, day] = [match[1], Number(match[2]), Number(match[3])]
  // A day of each year may be the 29th of February: then it is one in leap years only.
  const length = month >= 1 && month <= 12 ? daysInMonth(Number(year ?? 2000), month) : 0
  if (day < 1 || day > length)
    throw new InvalidTimeError(
      `expected a day that the calendar has, got ${excerpt(text)}${lastOf(year, month, length)}`,
    )
  if (year === undefined) return { kind: 'yearly', at: month * 32 + day }
  return { kind: 'days', at: dayNumber(Number(year), month, day) }
}

const lastOf = (year = '', month: number, length: number): string =>
  length === 0 ? '; months are 01 to 12' : `; month ${month} ${year === '' ? '' : `of ${year} `}has ${length} days`

/** The days of the week that a text means: 'sat-sun', 'mon', 'Friday'; throws InvalidTimeError. */
export function weekdaysOf(text: string): readonly Weekday[] {
  const [first, last = first, ...more] = text.split('-').map(dayOf)
  if (first === undefined || last === undefined || more.length > 0) {
    throw new InvalidTimeError(`expected a day such as 'mon' or days such as 'sat-sun', got ${excerpt(text)}`)
  }
  const length = ((last - first + 7) % 7) + 1
  return Array.from({ length }, (_, i) => WEEKDAYS[(first + i) % 7] ?? 'sun')
}

const LONG_DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']

function dayOf(text: string): number | undefined {
  const word = text.trim().toLowerCase()
  const index = WEEKDAYS.findIndex((day, i) => word === day || word === LONG_DAYS[i])
  return index < 0 ? undefined : index
}

/** The milliseconds of a day that hours mean; `to` may be '24:00'. Throws InvalidTimeError. */
export function hoursOf({ from, to }: Pick<WeeklyHours, 'from' | 'to'>): Span {
  const span = { from: parseTimeOfDay(from, 'from'), to: to === '24:00' ? DAY : parseTimeOfDay(to, 'to') }
  if (span.from === span.to) throw new InvalidTimeError(`expected from and to to differ, got ${excerpt(from)} twice`)
  return span
}

/** Spans in order, none touching another. */
function merged(spans: readonly Span[]): readonly Span[] {
  const result: Span[] = []
  for (const span of [...spans].sort((a, b) => a.from - b.from)) {
    const last = result.at(-1)
    if (last === undefined || span.from > last.to) result.push(span)
    else if (span.to > last.to) result[result.length - 1] = { from: last.from, to: span.to }
  }
  return result
}

function includes(spans: readonly Span[], day: number): boolean {
  let [low, high] = [0, spans.length - 1]
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((spans[middle]?.from ?? 0) <= day) low = middle
    else high = middle - 1
  }
  const span = spans[low]
  return span !== undefined && day >= span.from && day < span.to
}

/** For each month its days as bits; empty when there are none. */
function daysOfYears(spans: readonly Dates[]): readonly number[] {
  if (spans.length === 0) return []
  const months = Array.from({ length: 13 }, () => 0)
  for (let month = 1; month <= 12; month++) {
    for (let day = 1; day <= 31; day++) {
      const at = month * 32 + day
      const marked = ({ from, to }: Dates): boolean => (from <= to ? at >= from && at <= to : at >= from || at <= to)
      if (spans.some(marked)) months[month] = (months[month] ?? 0) | (1 << (day - 1))
    }
  }
  return months
}

function isMarked(months: readonly number[], number: number): boolean {
  const { month, day } = calendarDay(number)
  return ((months[month] ?? 0) & (1 << (day - 1))) !== 0
}

/** For each weekday its hours; what passes midnight is cut in two. */
function hoursOfWeek(weekly: readonly WeeklyHours[]): readonly (readonly Span[])[] {
  const week: Span[][] = WEEKDAYS.map(() => [])
  for (const { days, ...text } of weekly) {
    const { from, to } = hoursOf(text)
    for (const day of days.map((name) => WEEKDAYS.indexOf(name))) {
      week[day]?.push(from < to ? { from, to } : { from, to: DAY })
      if (from > to && to > 0) week[(day + 1) % 7]?.push({ from: 0, to })
    }
  }
  return week.map(merged)
}
