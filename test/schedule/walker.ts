import { IANAZone } from 'luxon'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR
const QUARTER = 15 * MINUTE
/** What is known of the readings beside a window: no two instants that show one reading lie further apart. */
const MARGIN = 30 * HOUR

export type Rules = { readonly gap: 'run' | 'skip'; readonly overlap: 'first' | 'last' | 'both' }

/**
 * An independent oracle. It walks over every minute (or second), asks only the zone's offset (of Luxon), and reads the
 * expressions by itself: six plain fields of stars, numbers, names, lists, ranges, steps, L, W and #. It shares no line
 * with what it judges.
 */
export type Line = {
  readonly zone: string
  readonly from: number
  readonly to: number
  readonly step: number
  /** The instant of index 0. */
  readonly origin: number
  readonly readings: Float64Array
  readonly seconds: Uint8Array
  readonly minutes: Uint8Array
  readonly hours: Uint8Array
  /** An index into `dates`. */
  readonly days: Uint8Array
  readonly dates: readonly number[]
  /** Where a reading is not the one before it and a step. */
  readonly jumps: readonly number[]
}

/** Walks over [from, to) of a zone and what lies beside it, each `step` milliseconds; both are on whole minutes. */
export function lineOf(zone: string, from: number, to: number, step: number): Line {
  const data = IANAZone.create(zone)
  const origin = from - MARGIN
  const size = (to + MARGIN - origin) / step
  const line = {
    readings: new Float64Array(size),
    seconds: new Uint8Array(size),
    minutes: new Uint8Array(size),
    hours: new Uint8Array(size),
    days: new Uint8Array(size),
  }
  const dates: number[] = []
  const jumps: number[] = []
  let offset = data.offset(origin) * MINUTE
  for (let i = 0; i < size; i++) {
    const at = origin + i * step
    if (at % QUARTER === 0) offset = data.offset(at) * MINUTE
    const reading = at + offset
    const inDay = reading % DAY
    const date = reading - inDay
    if (dates.at(-1) !== date) dates.push(date)
    if (i > 0 && reading !== (line.readings[i - 1] ?? 0) + step) jumps.push(i)
    line.readings[i] = reading
    line.hours[i] = Math.floor(inDay / HOUR)
    line.minutes[i] = Math.floor(inDay / MINUTE) % 60
    line.seconds[i] = Math.floor(inDay / 1_000) % 60
    line.days[i] = dates.length - 1
  }
  return { zone, from, to, step, origin, ...line, dates, jumps }
}

/** An expression as the oracle reads it. */
export type Pattern = {
  readonly rhythmic: boolean
  readonly seconds: Uint8Array
  readonly minutes: Uint8Array
  readonly hours: Uint8Array
  readonly fallsOn: (date: number) => boolean
}

/** Reads five or six fields. */
export function patternOf(expression: string): Pattern {
  const words = expression.split(' ')
  const [second = '', minute = '', hour = '', day = '', month = '', weekday = ''] =
    words.length === 5 ? ['0', ...words] : words
  const hours = flags(valuesIn(hour, 0, 23), 24)
  const months = valuesIn(month, 1, 12, 'JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC')
  const either = !/^[*?]/.test(day) && !/^[*?]/.test(weekday)
  return {
    rhythmic: minute.includes('*') || hours.every((flag) => flag === 1),
    seconds: flags(valuesIn(second, 0, 59), 60),
    minutes: flags(valuesIn(minute, 0, 59), 60),
    hours,
    fallsOn: (date) => {
      const at = new Date(date)
      if (!months.has(at.getUTCMonth() + 1)) return false
      const [first, last] = [
        day.split(',').some((item) => isDay(item, at)),
        weekday.split(',').some((item) => isWeekday(item, at)),
      ]
      return either ? first || last : first && last
    },
  }
}

const flags = (values: ReadonlySet<number>, size: number): Uint8Array =>
  Uint8Array.from({ length: size }, (_, value) => (values.has(value) ? 1 : 0))

const lastOf = (at: Date): number => new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 0)).getUTCDate()

const weekdayOn = (at: Date, day: number): number =>
  new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), day)).getUTCDay()

const works = (at: Date, day: number): boolean => weekdayOn(at, day) % 6 !== 0

function isDay(item: string, at: Date): boolean {
  const [day, last] = [at.getUTCDate(), lastOf(at)]
  if (item === 'L') return day === last
  if (item.startsWith('L-')) return day === last - Number(item.slice(2))
  if (item === 'LW')
    return works(at, day) && !Array.from({ length: last - day }, (_, i) => day + 1 + i).some((one) => works(at, one))
  if (!item.endsWith('W')) return valuesIn(item, 1, 31).has(day)
  const wanted = Number(item.slice(0, -1))
  if (wanted > last) return false
  // The nearest of the month's working days; of two as near there is none, for a weekend has two days.
  const near = Array.from({ length: last }, (_, i) => i + 1)
    .filter((one) => works(at, one))
    .sort((a, b) => Math.abs(a - wanted) - Math.abs(b - wanted))
  return near[0] === day
}

function isWeekday(item: string, at: Date): boolean {
  const [day, weekday] = [at.getUTCDate(), at.getUTCDay()]
  const named = (text: string): boolean => valuesIn(text, 0, 7, 'SUNMONTUEWEDTHUFRISAT').has(weekday)
  if (item.includes('#')) return named(item.split('#')[0] ?? '') && Math.ceil(day / 7) === Number(item.split('#')[1])
  if (item.length > 1 && item.endsWith('L')) return named(item.slice(0, -1)) && day + 7 > lastOf(at)
  return named(item)
}

/** The values of a list; a range whose end lies before its beginning goes on at the field's lowest value. */
function valuesIn(field: string, least: number, most: number, names = ''): ReadonlySet<number> {
  const sunday = names.startsWith('SUN')
  const number = (text: string): number => (/^\d+$/.test(text) ? Number(text) : names.indexOf(text) / 3 + least)
  const values = new Set<number>()
  for (const item of field.split(',')) {
    const [range = '', step = '1'] = item.split('/')
    const [first = '', second] = range === '*' || range === '?' ? [`${least}`, `${most}`] : range.split('-')
    const low = number(first)
    const high = second === undefined ? (item.includes('/') ? most : low) : number(second)
    const size = sunday ? 7 : most - least + 1
    const end = high < low ? high + size : high
    for (let value = low; value <= end; value += Number(step))
      values.add(sunday ? value % 7 : ((value - least) % size) + least)
  }
  return values
}

/** The ticks of a line's window by the rules of docs/time.md, found by looking at every reading. */
export function walk(pattern: Pattern, line: Line, rules: Rules): readonly number[] {
  const falls = line.dates.map(pattern.fallsOn)
  const found: number[] = []
  for (let i = 0; i < line.readings.length; i++) {
    if (
      pattern.minutes[line.minutes[i] ?? 0] === 1 &&
      pattern.seconds[line.seconds[i] ?? 0] === 1 &&
      pattern.hours[line.hours[i] ?? 0] === 1 &&
      falls[line.days[i] ?? 0] === true
    )
      found.push(i)
  }
  const ticks = pattern.rhythmic ? found : [...onceEach(found, line, rules), ...afterGaps(pattern, line, rules)]
  const instants = ticks.map((i) => line.origin + i * line.step).filter((at) => at >= line.from && at < line.to)
  return pattern.rhythmic ? instants : [...new Set(instants)].sort((a, b) => a - b)
}

function onceEach(found: readonly number[], line: Line, rules: Rules): readonly number[] {
  if (rules.overlap === 'both' || line.jumps.length === 0) return found
  const shown = new Map<number, number>()
  for (const i of found) {
    const reading = line.readings[i] ?? 0
    if (rules.overlap === 'last' || !shown.has(reading)) shown.set(reading, i)
  }
  return [...shown.values()]
}

function afterGaps(pattern: Pattern, line: Line, rules: Rules): readonly number[] {
  if (rules.gap === 'skip') return []
  return line.jumps.filter((i) => {
    const shown = line.readings[i] ?? 0
    for (let missing = (line.readings[i - 1] ?? 0) + line.step; missing < shown; missing += line.step) {
      const at = new Date(missing)
      if (
        pattern.minutes[at.getUTCMinutes()] === 1 &&
        pattern.hours[at.getUTCHours()] === 1 &&
        pattern.seconds[at.getUTCSeconds()] === 1 &&
        pattern.fallsOn(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()))
      )
        return true
    }
    return false
  })
}
