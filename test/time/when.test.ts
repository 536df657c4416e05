import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runInNewContext } from 'node:vm'
import { DateTime } from 'luxon'
import { instant } from '../../src/time/clock.ts'
import type { When } from '../../src/time/due.ts'
import { InvalidTimeError } from '../../src/time/invalid-time.ts'
import { parseWhen, parseWhenOf } from '../../src/time/parse-when.ts'
import { needsNow, resolve } from '../../src/time/resolve.ts'

const NOW = '2026-11-23T10:00:00Z'

function due(when: When, now = NOW): readonly [string, string?] {
  const { dueAt, note } = resolve(parseWhen(when), instant(Date.parse(now)))
  // As the store does.
  const text = new Date(Math.max(dueAt, Date.parse(now))).toISOString().replace(':00.000Z', 'Z')
  return note === undefined ? [text] : [text, note]
}

const refused = (input: unknown, pattern: RegExp): void => {
  assert.throws(
    () => resolve(parseWhenOf(input), instant(Date.parse(NOW))),
    (error) => error instanceof InvalidTimeError && pattern.test(error.message),
    JSON.stringify(input),
  )
}

test('text and parts without a zone are elapsed time, left to Redis as a delay', () => {
  assert.deepEqual(due({ in: '3 days' }), ['2026-11-26T10:00Z'])
  assert.deepEqual(due({ in: { days: 3 } }), ['2026-11-26T10:00Z'])
  assert.deepEqual(due({ in: '1h30m' }), ['2026-11-23T11:30Z'])
  assert.equal(needsNow(parseWhen({ in: '3 days' })), false)
  assert.equal(needsNow(parseWhen({ in: '3 days', window: { from: '09:00', to: '18:00', tz: 'UTC' } })), true)
})

test('days in a zone keep the time on the wall', () => {
  assert.deepEqual(due({ in: { days: 3 }, tz: 'Europe/Berlin' }, '2026-10-23T10:00:00Z'), ['2026-10-26T11:00Z'])
  assert.deepEqual(due({ in: { days: 1 } }, '2026-10-24T10:00:00Z'), ['2026-10-25T10:00Z'])
  assert.deepEqual(due({ in: { days: 1, hours: 2 }, tz: 'Europe/Berlin' }, '2026-10-24T10:00:00Z'), [
    '2026-10-25T13:00Z',
  ])
  assert.deepEqual(due({ in: { hours: 0 }, tz: 'Europe/Berlin' }, '2026-10-25T01:30:00Z'), ['2026-10-25T01:30Z'])
})

test('a time on the third day is that time on the wall', () => {
  assert.deepEqual(due({ in: { days: 3 }, time: '09:00', tz: 'Europe/Berlin' }), ['2026-11-26T08:00Z'])
  assert.deepEqual(due({ in: { days: 3 }, time: '09:00', tz: 'Asia/Kolkata' }, '2026-11-23T20:00:00Z'), [
    '2026-11-27T03:30Z',
  ])
})

test('months end where the month ends', () => {
  assert.deepEqual(due({ in: { months: 1 }, tz: 'UTC' }, '2026-01-31T10:00:00Z'), ['2026-02-28T10:00Z'])
  assert.deepEqual(due({ in: { years: 1 }, tz: 'UTC' }, '2028-02-29T10:00:00Z'), ['2029-02-28T10:00Z'])
  assert.deepEqual(due({ in: { years: 10 }, tz: 'UTC' }), ['2036-11-23T10:00Z'])
})

test('a missing time is the first instant after the gap, a repeated one the first, and the note says so', () => {
  assert.deepEqual(due({ in: { days: 1 }, time: '02:30', tz: 'Europe/Berlin' }, '2027-03-27T10:00:00Z'), [
    '2027-03-28T01:00Z',
    '02:30 does not exist on 2027-03-28 in Europe/Berlin (clocks go from 02:00 to 03:00): taken as 03:00',
  ])
  assert.deepEqual(due({ at: '2027-10-31T02:30', tz: 'Europe/Berlin' }), [
    '2027-10-31T00:30Z',
    '02:30 happens twice on 2027-10-31 in Europe/Berlin: this is the first, at +02:00',
  ])
})

test('at takes a Date, an offset, a zone or anything with toMillis', () => {
  assert.deepEqual(due({ at: new Date('2026-12-01T09:00:00Z') }), ['2026-12-01T09:00Z'])
  assert.deepEqual(due({ at: '2026-12-01T09:00:00+01:00' }), ['2026-12-01T08:00Z'])
  assert.deepEqual(due({ at: '2026-12-01 09:00Z' }), ['2026-12-01T09:00Z'])
  assert.deepEqual(due({ at: '2026-12-01T09:00', tz: 'Europe/Berlin' }), ['2026-12-01T08:00Z'])
  assert.deepEqual(due({ at: DateTime.fromISO('2026-12-01T09:00:00Z') }), ['2026-12-01T09:00Z'])
})

test('a Date of another realm is a Date', () => {
  const at = runInNewContext("new Date('2026-12-01T09:00:00Z')") as Date
  assert.deepEqual(due({ at }), ['2026-12-01T09:00Z'])
})

test('what is past runs now', () => {
  assert.deepEqual(due({ at: new Date(0) }), ['2026-11-23T10:00Z'])
  assert.deepEqual(due({ in: { days: 0 }, time: '09:00', tz: 'UTC' }), ['2026-11-23T10:00Z'])
})

test('a window moves what lies outside it to the next opening', () => {
  const window = { from: '09:00', to: '18:00', tz: 'Europe/Berlin' } as const
  assert.deepEqual(due({ in: '2h', window }), ['2026-11-23T12:00Z'])
  assert.deepEqual(due({ in: '10h', window }), [
    '2026-11-24T08:00Z',
    '21:00 is outside 09:00 to 18:00 in Europe/Berlin: moved to 2026-11-24 09:00',
  ])
  assert.deepEqual(due({ in: '7h', window })[0], '2026-11-24T08:00Z')
  assert.deepEqual(due({ in: '20h', window })[0], '2026-11-24T08:00Z')
  const night = { from: '22:00', to: '06:00', tz: 'UTC' } as const
  assert.deepEqual(due({ in: '1h', window: night })[0], '2026-11-23T22:00Z')
  assert.deepEqual(due({ in: '18h', window: night }), ['2026-11-24T04:00Z'])
  assert.deepEqual(due({ in: '1h', window: { from: '12:00', to: '24:00', tz: 'UTC' } })[0], '2026-11-23T12:00Z')
})

test('nonsense is refused with what was expected and what came', () => {
  refused({ in: 10 }, /say '10s'/)
  refused({ in: '3 days', at: new Date(0) }, /either in or at, got both/)
  refused({}, /expected in or at/)
  refused({ inn: '3 days' }, /did you mean in for 'inn'/)
  refused('3 days', /expected \{ in: '3 days' \}/)
  refused({ in: '3 days', tz: 'Europe/Berlin' }, /write \{ days: 3 \} for calendar days/)
  refused({ in: '3 days', time: '09:00' }, /time zone in tz/)
  refused({ in: { days: 3 }, time: '9:00', tz: 'UTC' }, /time of day such as '09:00'/)
  refused({ in: { days: 3 }, time: '24:00', tz: 'UTC' }, /time of day/)
  refused({ in: { days: 3, hours: 1 }, time: '09:00', tz: 'UTC' }, /only years, months, weeks, days/)
  refused({ in: { days: 1.5 }, tz: 'UTC' }, /days on a calendar to be a whole number/)
  refused({ in: { days: -1 }, tz: 'UTC' }, /number from 0, got -1/)
  refused({ in: { months: 1 } }, /say a time zone in tz/)
  refused({ in: { days: 3 }, tz: 'Europe/Berln' }, /did you mean 'Europe\/Berlin'/)
  refused({ at: new Date(Number.NaN) }, /an invalid Date/)
  refused({ at: 1_700_000_000_000 }, /say new Date\(milliseconds\)/)
  refused({ at: '2026-12-01T09:00' }, /has no zone; add an offset .* or a zone/)
  refused({ at: '2026-12-01T09:00Z', tz: 'UTC' }, /leave out one of them/)
  refused({ at: new Date(0), tz: 'UTC' }, /is an instant already/)
  refused({ at: '2026-02-30T09:00Z' }, /expected a Date/)
  refused({ at: 'tomorrow' }, /expected a Date/)
  refused(new Date(0), /expected \{ in: '3 days' \} or \{ at: … \}, got "1970/)
  refused([{ in: '1h' }], /expected \{ in: '3 days' \}/)
  refused({ in: '1h', windw: {} }, /nothing else, got "windw" too; did you mean window for 'windw'/)
  refused({ at: new Date(0), priority: 1 }, /expected in, at, time, tz, window and nothing else, got "priority"/)
  refused({ at: DateTime.fromISO('nonsense') }, /expected a Date/)
  refused({ at: '2026-12-01T09:00Z', time: '09:00' }, /time: expected only beside in/)
  refused({ at: '2037-01-01T00:00Z' }, /at most 10 years from now/)
  const window = { from: '09:00', to: '18:00', tz: 'Europe/Berlin' }
  refused({ at: new Date(8.64e15), window }, /at most 10 years from now/)
  refused({ at: { toMillis: () => 9e15 } }, /expected a Date/)
  refused({ at: { toMillis: () => Number.POSITIVE_INFINITY }, window }, /expected a Date/)
  refused({ in: { years: 11 }, tz: 'UTC' }, /at most 10 years/)
  refused({ in: '1h', window: { from: '09:00', to: '09:00', tz: 'UTC' } }, /expected from and to to differ/)
  refused({ in: '1h', window: { from: '09:00', until: '10:00', tz: 'UTC' } }, /unknown key 'until'/)
  refused({ in: '1h', window: '09:00' }, /window: expected/)
})

test('a strict type refuses nonsense when it is compiled', () => {
  // @ts-expect-error both
  const both: When = { in: '3 days', at: new Date(0) }
  // @ts-expect-error a misspelt unit
  const misspelt: When = { in: '3 dyas' }
  // @ts-expect-error a text in a zone
  const zoned: When = { in: '3 days', tz: 'UTC' }
  // @ts-expect-error a time without a zone
  const zoneless: When = { in: { days: 3 }, time: '09:00' }
  // @ts-expect-error a Date in a zone
  const instantInZone: When = { at: new Date(0), tz: 'UTC' }
  // @ts-expect-error months without a zone
  const months: When = { in: { months: 1 } }
  // @ts-expect-error hours beside a time
  const hours: When = { in: { hours: 1 }, time: '09:00', tz: 'UTC' }
  // @ts-expect-error nothing
  const nothing: When = {}
  assert.equal([both, misspelt, zoned, zoneless, instantInZone, months, hours, nothing].length, 8)
})
