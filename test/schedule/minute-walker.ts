import { IANAZone } from 'luxon'

const MINUTE = 60_000
const QUARTER = 15 * MINUTE
const DAY = 86_400_000

type Rules = { readonly gap: 'run' | 'skip'; readonly overlap: 'first' | 'last' | 'both' }

/**
 * An independent oracle: it walks minute by minute, asks only the zone's offset (of Luxon), and knows five plain fields
 * of stars, numbers, lists, ranges and steps. It shares no line with what it judges.
 */
export function walkedTicks(
  expression: string,
  zone: string,
  from: number,
  to: number,
  rules: Rules,
): readonly number[] {
  const fields = expression.split(' ')
  const wanted = matcher(fields)
  const rhythmic = (fields[0] ?? '').includes('*') || expand(fields[1] ?? '', 0, 23).size === 24
  const shown = minutesShown(zone, from - 1.25 * DAY, to + 1.25 * DAY)
  const ticks = new Set<number>()
  const [first, last] = [shown[0], shown.at(-1)]
  if (first === undefined || last === undefined) return []
  if (rhythmic) for (const [at, reading] of shown) if (wanted(reading)) ticks.add(at)
  if (!rhythmic) for (const at of wallClockTicks(shown, wanted, rules)) ticks.add(at)
  return [...ticks].filter((at) => at >= from && at < to).sort((a, b) => a - b)
}

let latest: { readonly key: string; readonly shown: readonly (readonly [number, number])[] } = { key: '', shown: [] }

/** Every instant on a whole minute, with the reading that it shows. */
function minutesShown(zone: string, from: number, to: number): readonly (readonly [number, number])[] {
  if (latest.key === `${zone} ${from} ${to}`) return latest.shown
  const data = IANAZone.create(zone)
  const shown: [number, number][] = []
  let offset = 0
  for (let at = Math.floor(from / QUARTER) * QUARTER; at < to; at += MINUTE) {
    if (at % QUARTER === 0) offset = data.offset(at) * MINUTE
    shown.push([at, at + offset])
  }
  latest = { key: `${zone} ${from} ${to}`, shown }
  return shown
}

function wallClockTicks(
  shown: readonly (readonly [number, number])[],
  wanted: (reading: number) => boolean,
  rules: Rules,
): readonly number[] {
  const instants = new Map<number, number[]>()
  for (const [at, reading] of shown) instants.set(reading, [...(instants.get(reading) ?? []), at])
  const ticks: number[] = []
  for (const [reading, at] of instants) {
    if (!wanted(reading)) continue
    const [first = 0, last = first] = [at[0], at.at(-1)]
    if (rules.overlap === 'both') ticks.push(...at)
    else ticks.push(rules.overlap === 'first' ? first : last)
  }
  for (let i = 1; i < shown.length; i++) {
    const [at = 0, reading = 0] = shown[i] ?? []
    const before = shown[i - 1]?.[1] ?? 0
    for (let missing = before + MINUTE; missing < reading; missing += MINUTE) {
      if (rules.gap === 'run' && wanted(missing)) ticks.push(at)
    }
  }
  return ticks
}

function matcher(fields: readonly string[]): (reading: number) => boolean {
  const [minutes, hours, days, months, weekdays] = [
    expand(fields[0] ?? '', 0, 59),
    expand(fields[1] ?? '', 0, 23),
    expand(fields[2] ?? '', 1, 31),
    expand(fields[3] ?? '', 1, 12),
    new Set([...expand(fields[4] ?? '', 0, 7)].map((day) => day % 7)),
  ]
  const either = !(fields[2] ?? '').startsWith('*') && !(fields[4] ?? '').startsWith('*')
  return (reading) => {
    const date = new Date(reading)
    if (!minutes.has(date.getUTCMinutes()) || !hours.has(date.getUTCHours())) return false
    if (!months.has(date.getUTCMonth() + 1)) return false
    const [day, weekday] = [days.has(date.getUTCDate()), weekdays.has(date.getUTCDay())]
    return either ? day || weekday : day && weekday
  }
}

function expand(field: string, least: number, most: number): Set<number> {
  const values = new Set<number>()
  for (const item of field.split(',')) {
    const [range = '', step = '1'] = item.split('/')
    const [low, high = low] = range === '*' ? [least, most] : range.split('-').map(Number)
    const end = item.includes('/') && !range.includes('-') && range !== '*' ? most : (high ?? least)
    for (let value = low ?? least; value <= end; value += Number(step)) values.add(value)
  }
  return values
}

/** The instants between two years at which the offset of a zone changes, to the quarter of an hour. */
export function jumpsOf(zone: string, fromYear: number, toYear: number): readonly number[] {
  const data = IANAZone.create(zone)
  const jumps: number[] = []
  for (let day = Date.UTC(fromYear, 0, 1); day < Date.UTC(toYear, 0, 1); day += DAY) {
    if (data.offset(day) === data.offset(day + DAY)) continue
    for (let at = day; at < day + DAY; at += QUARTER)
      if (data.offset(at) !== data.offset(at + QUARTER)) jumps.push(at + QUARTER)
  }
  return jumps
}

/** One name for each different behaviour among all zones that this Node knows. */
export function distinctZones(fromYear: number, toYear: number): readonly string[] {
  const byOffsets = new Map<string, string>()
  for (const name of Intl.supportedValuesOf('timeZone')) {
    const format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' })
    const offsets: string[] = []
    for (let at = Date.UTC(fromYear, 0, 1); at < Date.UTC(toYear, 0, 1); at += 9 * DAY)
      offsets.push(format.format(at).replace(/^.*GMT/, ''))
    const key = offsets.join()
    if (!byOffsets.has(key)) byOffsets.set(key, name)
  }
  return [...byOffsets.values()]
}
