import { excerpt } from '../errors.ts'
import { DAY } from '../time/duration.ts'
import {
  type CalendarText,
  datesOf,
  hoursOf,
  WEEKDAYS,
  type Weekday,
  type WeeklyHours,
  weekdaysOf,
} from './calendar.ts'
import { besides, faultsBeside } from './draft.ts'
import { type Fault, inOrder, type Place } from './fault.ts'
import { attempt, came, type Fields, fieldsIn, mapAt, refuseUnknown, report, textAt, textsAt } from './fields.ts'
import { type Entry, parseYaml, type Tree } from './yaml-tree.ts'

/** A name that stands in a file of calendars. */
export type FoundCalendar = Place & { readonly name: string }

/** What one file of calendars says; it is unreadable when nothing of it can be trusted. */
export type ReadCalendars = {
  readonly readable: boolean
  readonly calendars: readonly (FoundCalendar & { readonly calendar: CalendarText })[]
  readonly faulty: readonly FoundCalendar[]
  readonly faults: readonly Fault[]
}

/** The calendars that schedules may name, as far as they could be read. */
export type Calendars = {
  readonly known: ReadonlyMap<string, CalendarText>
  /** The names of those that stand in a file and cannot be used. */
  readonly faulty: ReadonlySet<string>
  /** The files that could not be read, so that any name may stand there. */
  readonly unreadable: readonly string[]
}

/** What schedules may name where there are no files of calendars. */
export const NO_CALENDARS: Calendars = { known: new Map(), faulty: new Set(), unreadable: [] }

export const CALENDAR_KEYS = ['description', 'dates', 'weekly'] as const
export const WEEKLY_KEYS = ['days', 'from', 'to'] as const

/** Each schedule carries the calendars it names, so they stay small. */
export const MOST_DATES = 1_000
export const MOST_HOURS = 100

const NAME = /^[A-Za-z0-9][\w.-]{0,99}$/
const EXAMPLE = `a map with dates or weekly`

/** Reads the text of one file of calendars; all its faults at once, never an exception. */
export function readCalendars(file: string, text: string): ReadCalendars {
  const { draft, faults: broken } = parseYaml(file, text, `calendars`)
  const faults: Fault[] = []
  const map = draft === null ? undefined : calendarsIn(draft, faults)
  const told = [...broken, ...besides(broken, faults)]
  if (map === undefined || told.length > 0) {
    const entries = [...(map?.entries.values() ?? [])]
    const read = (entry: Entry, found: Fault[]) => readCalendar({ path: '', entries: new Map(), faults: found }, entry)
    return { ...UNREADABLE, faults: inOrder([...told, ...faultsBeside(told, entries, read, false)]) }
  }
  const calendars: (FoundCalendar & { readonly calendar: CalendarText })[] = []
  const faulty: FoundCalendar[] = []
  for (const entry of map.entries.values()) {
    const before = faults.length
    const calendar = readCalendar(map, entry)
    const found = { ...entry.place, name: entry.key }
    if (calendar !== undefined && faults.length === before) calendars.push({ ...found, calendar })
    else faulty.push(found)
  }
  return { readable: true, calendars, faulty, faults: inOrder(faults) }
}

const UNREADABLE = { readable: false, calendars: [], faulty: [] } as const

function calendarsIn(tree: Tree, faults: Fault[]): Fields | undefined {
  const top: Fields = tree.kind === 'map' ? fieldsIn(tree, '', faults) : { path: '', entries: new Map(), faults }
  if (tree.kind !== 'map') {
    report(top, tree.place, '', `expected the key calendars, got ${came(tree)}`)
    return undefined
  }
  refuseUnknown(top, ['calendars'])
  const list = top.entries.get('calendars')
  if (list?.value.kind === 'map') return fieldsIn(list.value, '', faults)
  if (list === undefined)
    report(top, tree.place, '', `expected the key calendars, got none; put them under it, by name`)
  else report(top, list.value.place, 'calendars', `expected a map from name to calendar, got ${came(list.value)}`)
  return undefined
}

function readCalendar(all: Fields, entry: Entry): CalendarText | undefined {
  const fields = mapAt(all, entry, EXAMPLE)
  if (fields === undefined) return undefined
  if (!NAME.test(entry.key)) {
    const expected = `expected a name of 1 to 100 of A-Z a-z 0-9 _ . - that begins with a letter or a digit`
    report(fields, entry.place, '', `${expected}, got ${excerpt(entry.key)}`)
  }
  refuseUnknown(fields, CALENDAR_KEYS)
  const [description, dates, weekly] = CALENDAR_KEYS.map((key) => fields.entries.get(key))
  if (description !== undefined) textAt(fields, description, 'a text')
  if (dates === undefined && weekly === undefined)
    report(fields, entry.place, '', `expected dates or weekly, got neither`)
  return {
    name: entry.key,
    dates: dates === undefined ? [] : readDates(fields, dates),
    weekly: weekly === undefined ? [] : readWeekly(fields, weekly),
  }
}

function readDates(fields: Fields, entry: Entry): readonly string[] {
  const texts = textsAt(fields, entry, `a date such as '2026-12-25', or a list of them`) ?? []
  if (texts.length > MOST_DATES)
    report(fields, entry.value.place, entry.key, `expected at most ${MOST_DATES} dates, got ${texts.length}`)
  const items = entry.value.kind === 'list' ? entry.value.items : [entry.value]
  const dates = texts.map((text) => text.trim().replace(/\s*\.\.\s*/, '..'))
  dates.forEach((text, i) => {
    attempt(fields, (items[i] ?? entry.value).place, entry.key, () => datesOf(text))
  })
  return [...new Set(dates)].sort()
}

function readWeekly(fields: Fields, entry: Entry): readonly WeeklyHours[] {
  const { value } = entry
  const expected = `a list such as [{ days: sat-sun }, { days: mon, from: '12:00', to: '13:00' }]`
  if (value.kind !== 'list' || value.items.length === 0 || value.items.length > MOST_HOURS) {
    const got = value.kind === 'list' ? `a list of ${value.items.length}` : came(value)
    report(fields, value.place, entry.key, `expected ${expected}, of 1 to ${MOST_HOURS}, got ${got}`)
    return []
  }
  return value.items
    .map((item, i) => readHours(fields, { key: `${entry.key}[${i}]`, place: item.place, value: item }))
    .filter((hours) => hours !== undefined)
}

function readHours(parent: Fields, entry: Entry): WeeklyHours | undefined {
  const fields = mapAt(parent, entry, `a map such as { days: sat-sun, from: '12:00', to: '13:00' }`)
  if (fields === undefined) return undefined
  refuseUnknown(fields, WEEKLY_KEYS)
  const [days, from, to] = WEEKLY_KEYS.map((key) => fields.entries.get(key))
  if (days === undefined) {
    report(fields, entry.place, '', `expected days, got none; write days: sat-sun, or a list of days`)
    return undefined
  }
  const hours = {
    from: from === undefined ? '00:00' : textAt(fields, from, `a time of day such as '12:00'; quote it`),
    to: to === undefined ? '24:00' : textAt(fields, to, `a time of day such as '13:00' or '24:00'; quote it`),
  }
  const names = readDays(fields, days)
  if (hours.from === undefined || hours.to === undefined || names === undefined) return undefined
  const said = { from: hours.from, to: hours.to }
  const span = attempt(fields, (from ?? to ?? entry).place, '', () => hoursOf(said))
  if (span === undefined) return undefined
  return { days: names, from: said.from, to: span.to === DAY ? '24:00' : said.to }
}

function readDays(fields: Fields, entry: Entry): readonly Weekday[] | undefined {
  const texts = textsAt(fields, entry, `days such as 'sat-sun' or [mon, wed]`)
  const days = texts?.map((text) => attempt(fields, entry.value.place, entry.key, () => weekdaysOf(text)))
  if (days === undefined || days.includes(undefined)) return undefined
  return WEEKDAYS.filter((day) => days.some((some) => some?.includes(day)))
}
