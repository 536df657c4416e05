import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { Ajv } from 'ajv'
import fc from 'fast-check'
import { parse } from 'yaml'
import { type CalendarText, compileCalendar, excludedBy, unionOf, WEEKDAYS } from '../../src/schedule/calendar.ts'
import { calendarsSchema } from '../../src/schedule/calendar-schema.ts'
import { formatFault } from '../../src/schedule/fault.ts'
import { readCalendars } from '../../src/schedule/read-calendars.ts'
import { type Reading, reading } from '../../src/time/reading.ts'

const VALID: Readonly<Record<string, string>> = {
  'dates of each kind': `calendars:
  holidays:
    description: Days on which nobody works
    dates: ['2026-12-24', 12-25, 2026-12-24..2027-01-02, '12-31 .. 01-01', '02-29']
`,
  'hours of the week': `calendars:
  closed:
    weekly:
      - days: sat-sun
      - { days: [mon, Wednesday, thu - fri], from: 12:00, to: 13:00 }
      - { days: fri, from: '22:00', to: '06:00' }
      - { days: Sun, from: 12:30:15 }
      - { days: tue, to: '24:00' }
`,
  'one date': `calendars:\n  a: { dates: 12-25 }\n`,
  'no calendars': `calendars: {}\n`,
}

type Refused = Readonly<Record<string, { readonly text: string; readonly says: RegExp }>>

const INVALID: Refused = {
  'a date in another order': {
    text: `calendars:\n  a:\n    dates: [12-25, 24.12.2026]\n`,
    says: /f\.yml:3:20: a\.dates: expected a date such as '2026-12-25', '12-25' \(each year\) .*, got "24\.12\.2026"/,
  },
  'a month that is none': {
    text: `calendars:\n  a: { dates: 13-01 }\n`,
    says: /expected a day that the calendar has, got "13-01"; months are 01 to 12/,
  },
  'a day in words': {
    text: `calendars:\n  a: { weekly: [{ days: weekend }] }\n`,
    says: /f\.yml:2:25: a\.weekly\[0\]\.days: expected a day such as 'mon' or days such as 'sat-sun', got "weekend"/,
  },
  'an hour that is none': {
    text: `calendars:\n  a: { weekly: [{ days: mon, from: '25:00' }] }\n`,
    says: /f\.yml:2:30: a\.weekly\[0\]: from: expected a time of day/,
  },
  'an hour as a number': { text: `calendars:\n  a: { weekly: [{ days: mon, from: 12 }] }\n`, says: /got 12; quote it/ },
  'hours without days': {
    text: `calendars:\n  a: { weekly: [{ from: '12:00' }] }\n`,
    says: /f\.yml:2:17: a\.weekly\[0\]: expected days, got none/,
  },
  'a map of hours': {
    text: `calendars:\n  a: { weekly: { days: mon } }\n`,
    says: /a\.weekly: expected a list such as .*got a map/,
  },
  'nothing at all': {
    text: `calendars:\n  a: { description: x }\n`,
    says: /f\.yml:2:3: a: expected dates or weekly, got neither/,
  },
  'a misspelt key': {
    text: `calendars:\n  a: { dats: [12-25], weekly: [{ days: mon }] }\n`,
    says: /f\.yml:2:8: a: unknown key "dats", .*did you mean dates\?/,
  },
  'a name that is none': {
    text: `calendars:\n  'a b': { dates: 12-25 }\n`,
    says: /f\.yml:2:3: a b: expected a name of 1 to 100/,
  },
  'a list of calendars': {
    text: `calendars: [a]\n`,
    says: /f\.yml:1:12: calendars: expected a map from name to calendar, got a list/,
  },
  'no key': {
    text: `holidays: { dates: 12-25 }\n`,
    says: /f\.yml:1:1: unknown key "holidays", expected calendars[\s\S]*expected the key calendars, got none/,
  },
  'schedules among the calendars': {
    text: `calendars: {}\nschedules: {}\n`,
    says: /f\.yml:2:1: .*schedules stand in files of their own/,
  },
  'a calendar that is nothing': {
    text: `calendars:\n  a:\n`,
    says: /a: expected a map with dates or weekly, got nothing/,
  },
}

const MEANINGLESS: Refused = {
  'a 29th of February without a leap year': {
    text: `calendars:\n  a: { dates: 2026-02-29 }\n`,
    says: /f\.yml:2:15: a\.dates: expected a day that the calendar has, got "2026-02-29"; month 2 of 2026 has 28 days/,
  },
  'a 30th of February': { text: `calendars:\n  a: { dates: 02-30 }\n`, says: /month 2 has 29 days/ },
  'a span that ends before it begins': {
    text: `calendars:\n  a: { dates: 2026-12-24..2026-12-23 }\n`,
    says: /expected the earlier date first/,
  },
  'a span from a year into each year': {
    text: `calendars:\n  a: { dates: 2026-12-24..12-31 }\n`,
    says: /both dates with a year or both without/,
  },
  'hours of no length': {
    text: `calendars:\n  a: { weekly: [{ days: mon, from: '12:00', to: '12:00' }] }\n`,
    says: /expected from and to to differ/,
  },
  'an empty file': {
    text: ``,
    says: /f\.yml:1:1: expected the key calendars, got an empty file; write calendars: \{\}/,
  },
  tabs: { text: `calendars:\n\ta: {}\n`, says: /f\.yml:2:1: .*indent with spaces/ },
  'a name twice': {
    text: `calendars:\n  a: { dates: 12-25 }\n  a: { dates: 12-26 }\n`,
    says: /f\.yml:3:3: expected each key once, got "a" again, after line 2/,
  },
  'an anchor': { text: `calendars:\n  a: &x { dates: 12-25 }\n  b: *x\n`, says: /expected no anchor, got &x/ },
}

const calendarsOf = (text: string): readonly CalendarText[] => {
  const { calendars, faults } = readCalendars('f.yml', text)
  assert.deepEqual(faults.map(formatFault), [])
  return calendars.map(({ calendar }) => calendar)
}

const at = (text: string): Reading => reading(Date.parse(`${text}Z`))

const excluded = (calendar: CalendarText | undefined, texts: readonly string[]): readonly string[] => {
  assert.ok(calendar)
  const { excludes } = compileCalendar(calendar)
  return texts.filter((text) => excludes(at(text)))
}

test('a file of calendars is read into plain data', () => {
  assert.deepEqual(calendarsOf(VALID['dates of each kind'] ?? ''), [
    {
      name: 'holidays',
      dates: ['02-29', '12-25', '12-31..01-01', '2026-12-24', '2026-12-24..2027-01-02'],
      weekly: [],
    },
  ])
  assert.deepEqual(calendarsOf(VALID['hours of the week'] ?? '')[0]?.weekly, [
    { days: ['sun', 'sat'], from: '00:00', to: '24:00' },
    { days: ['mon', 'wed', 'thu', 'fri'], from: '12:00', to: '13:00' },
    { days: ['fri'], from: '22:00', to: '06:00' },
    { days: ['sun'], from: '12:30:15', to: '24:00' },
    { days: ['tue'], from: '00:00', to: '24:00' },
  ])
})

test('each faulty calendar says where, what was expected and what came, and the others of the file go on', () => {
  for (const [name, { text, says }] of Object.entries({ ...INVALID, ...MEANINGLESS })) {
    const { faults, calendars } = readCalendars('f.yml', text)
    assert.match(faults.map(formatFault).join('\n'), says, name)
    assert.deepEqual(calendars, [], name)
  }
  const { calendars, faulty, readable } = readCalendars(
    'f.yml',
    `calendars:\n  a: { dates: 1 }\n  b: { dates: 12-25 }\n`,
  )
  assert.deepEqual([calendars.map(({ name }) => name), faulty.map(({ name }) => name), readable], [['b'], ['a'], true])
})

test('a file of calendars that cannot be used tells its other faults too', () => {
  const text = `calendars:
  a: { dates: ['13-01'], dates: [] }
  b: { <<: { weekly: [] }, other: 1 }
  c: { weekly: [{ days: someday }] }
`
  assert.deepEqual(
    readCalendars('c.yml', text).faults.map(({ line, column }) => `${line}:${column}`),
    ['2:26', '2:33', '3:8', '3:28', '4:25'],
  )
})

test('as long as a calendar says it is steady it says the same, and it is steady to where it changes', () => {
  const compiled = compileCalendar(
    unionOf([
      { name: 'a', dates: ['12-24..12-26', '02-29'], weekly: [{ days: ['sat', 'sun'], from: '00:00', to: '24:00' }] },
      { name: 'b', dates: ['2028-03-01'], weekly: [{ days: ['fri', 'tue'], from: '22:00', to: '03:30' }] },
    ]),
  )
  const end = Date.UTC(2028, 3, 1)
  let stretches = 0
  for (let at = reading(Date.UTC(2026, 10, 24)); at < end; stretches++) {
    const until = compiled.steadyUntil(at)
    const said = compiled.excludes(at)
    for (let each: number = at; each < Math.min(until, end); each += 15 * 60_000)
      assert.equal(compiled.excludes(reading(each)), said)
    assert.equal(compiled.excludes(until), !said, new Date(until).toISOString())
    at = until
  }
  assert.ok(stretches > 200)
  const none = compileCalendar({ name: 'none', dates: [], weekly: [] })
  assert.ok(none.steadyUntil(reading(0)) > 300 * 86_400_000)
})

test('the JSON Schema and the reader agree on every calendar', async () => {
  const shipped: unknown = JSON.parse(
    await readFile(new URL('../../src/schedule/calendars.schema.json', import.meta.url), 'utf8'),
  )
  assert.deepEqual(shipped, calendarsSchema(), 'calendars.schema.json is what calendarsSchema() makes')
  const validate = new Ajv({ allErrors: true, strict: true, strictRequired: false }).compile(calendarsSchema())
  for (const [name, text] of Object.entries(VALID)) {
    assert.ok(validate(parse(text)), `${name}: ${JSON.stringify(validate.errors)}`)
    calendarsOf(text)
  }
  for (const [name, { text }] of Object.entries(INVALID)) assert.equal(validate(parse(text)), false, name)
})

test('a date is a whole day, a span holds both its ends, and a date without a year comes each year', () => {
  const [calendar] = calendarsOf(
    `calendars:\n  a: { dates: [2026-12-25, 07-04, 2027-01-30..2027-02-02, 12-30..01-02] }\n`,
  )
  const inside = [
    '2026-12-25T00:00:00',
    '2026-12-25T23:59:59.999',
    '1999-07-04T12:00:00',
    '2027-07-04T00:00:00',
    '2027-01-30T00:00:00',
    '2027-02-02T23:59:59',
    '2030-12-30T00:00:00',
    '2031-01-02T23:59:59',
  ]
  const outside = [
    '2026-12-24T23:59:59.999',
    '2026-12-26T00:00:00',
    '2027-12-25T00:00:00',
    '2027-02-03T00:00:00',
    '2031-01-03T00:00:00',
    '1960-06-30T00:00:00',
  ]
  assert.deepEqual(excluded(calendar, [...inside, ...outside]), inside)
})

test('the 29th of February is excluded where there is one, and spans pass over it', () => {
  const [leap, span] = calendarsOf(`calendars:\n  a: { dates: 02-29 }\n  b: { dates: [02-28..03-01, 2028-02-29] }\n`)
  const days = ['2027-02-28', '2027-03-01', '2028-02-28', '2028-02-29', '2028-03-01', '2028-03-02'].map(
    (day) => `${day}T12:00:00`,
  )
  assert.deepEqual(excluded(leap, days), ['2028-02-29T12:00:00'])
  assert.deepEqual(excluded(span, days), days.slice(0, 5))
})

test('weekly hours begin at from and end before to, and pass midnight when from is later', () => {
  const [calendar] = calendarsOf(
    `calendars:\n  a: { weekly: [{ days: mon, from: '12:00', to: '13:00' }, { days: sat, from: '22:00', to: '06:00' }] }\n`,
  )
  // 2026-11-23 is a Monday.
  const inside = [
    '2026-11-23T12:00:00',
    '2026-11-23T12:59:59.999',
    '2026-11-28T22:00:00',
    '2026-11-28T23:59:59',
    '2026-11-29T05:59:59',
  ]
  const outside = [
    '2026-11-23T11:59:59',
    '2026-11-23T13:00:00',
    '2026-11-24T12:30:00',
    '2026-11-28T05:00:00',
    '2026-11-29T06:00:00',
    '2026-11-29T22:00:00',
  ]
  assert.deepEqual(excluded(calendar, [...inside, ...outside]), inside)
})

test('the first calendar that holds a reading is named', () => {
  const compiled = calendarsOf(`calendars:\n  a: { dates: 12-25 }\n  b: { dates: 12-25..12-26 }\n`).map(compileCalendar)
  const names = ['2026-12-25T10:00:00', '2026-12-26T10:00:00', '2026-12-27T10:00:00'].map((text) =>
    excludedBy(compiled, at(text)),
  )
  assert.deepEqual(names, ['a', 'b', undefined])
})

const two = (value: number): string => String(value).padStart(2, '0')

const anyDate = fc
  .date({ min: new Date('2024-01-01'), max: new Date('2030-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10))
const anyDates = fc.oneof(
  anyDate,
  anyDate.map((date) => date.slice(5)),
  fc.tuple(anyDate, anyDate).map((dates) => [...dates].sort().join('..')),
  fc.tuple(anyDate, anyDate).map((dates) => dates.map((date) => date.slice(5)).join('..')),
)
const anyTime = fc.tuple(fc.nat(23), fc.nat(59)).map(([hour, minute]) => `${two(hour)}:${two(minute)}`)
const anyHours = fc
  .record({ days: fc.subarray([...WEEKDAYS], { minLength: 1 }), from: anyTime, to: anyTime })
  .filter(({ from, to }) => from !== to)
const anyCalendar: fc.Arbitrary<CalendarText> = fc.record({
  name: fc.constant('any'),
  dates: fc.array(anyDates, { maxLength: 12 }),
  weekly: fc.array(anyHours, { maxLength: 4 }),
})

/** Compares texts, and knows nothing of numbers of days. */
function slowly({ dates, weekly }: CalendarText, when: Date): boolean {
  const [date = '', time = ''] = when.toISOString().split('T')
  const day = (shift: number) => WEEKDAYS[(when.getUTCDay() + 7 + shift) % 7] ?? 'sun'
  const within = (text: string): boolean => {
    const [from = '', to = from] = text.split('..')
    const own = from.length === 5 ? date.slice(5) : date
    return from <= to ? own >= from && own <= to : own >= from || own <= to
  }
  return (
    dates.some(within) ||
    weekly.some(({ days, from, to }) => {
      const [today, yesterday] = [days.includes(day(0)), days.includes(day(-1))]
      if (from < to) return today && time >= from && time < to
      return (today && time >= from) || (yesterday && time < to)
    })
  )
}

test('a compiled calendar says of any minute what its texts say', () => {
  const minute = fc.integer({ min: Date.UTC(2023, 11, 1) / 60_000, max: Date.UTC(2031, 1, 1) / 60_000 })
  fc.assert(
    fc.property(anyCalendar, fc.array(minute, { minLength: 20, maxLength: 60 }), (calendar, minutes) => {
      const { excludes } = compileCalendar(calendar)
      for (const each of minutes)
        assert.equal(
          excludes(reading(each * 60_000)),
          slowly(calendar, new Date(each * 60_000)),
          new Date(each * 60_000).toISOString(),
        )
    }),
    { numRuns: 300 },
  )
})
