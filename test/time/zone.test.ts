import assert from 'node:assert/strict'
import { test } from 'node:test'
import { IANAZone } from 'luxon'
import { instant } from '../../src/time/clock.ts'
import { calendarDay, dayNumber, reading, weekday } from '../../src/time/reading.ts'
import { instantsOf, isoLocal, isZoneName, offsetAt, pieceAt, zoneOf } from '../../src/time/zone.ts'

const at = (text: string) => instant(Date.parse(text))
const wall = (text: string) => reading(Date.parse(`${text}Z`))

test('an unknown zone is refused with the one that was meant', () => {
  assert.throws(() => zoneOf('Europe/Berln'), /unknown time zone "Europe\/Berln", did you mean 'Europe\/Berlin'\?/)
  assert.throws(() => zoneOf('New York'), /did you mean 'America\/New_York'\?/)
  assert.throws(() => zoneOf('Berlin', 'tz'), /^InvalidTimeError: tz: .* 'Europe\/Berlin'/)
  assert.throws(() => zoneOf('+02:00'), /an offset is no zone/)
  assert.throws(() => zoneOf(undefined), /expected an IANA name/)
  assert.throws(() => zoneOf(''), /unknown time zone/)
  for (const name of ['UTC', 'Asia/Kolkata', 'US/Eastern', 'EST5EDT', 'Etc/GMT+5']) assert.ok(isZoneName(name), name)
})

test('offsets are those of Luxon, at every quarter of an hour near a change and each day elsewhere', () => {
  for (const name of [
    'UTC',
    'Asia/Kolkata',
    'America/New_York',
    'Europe/Dublin',
    'Australia/Lord_Howe',
    'Asia/Beirut',
    'Pacific/Apia',
    'Africa/Casablanca',
    'Africa/Monrovia',
  ]) {
    const [zone, luxon] = [zoneOf(name), IANAZone.create(name)]
    const moments = [0, 1, 2, 3, 4].map((month) => at('2026-01-01T00:00Z') + month * 75 * 86_400_000)
    for (let i = 0; i < 500; i++)
      moments.push(at('1971-12-20T00:00Z') + i * 40 * 86_400_000, at('2026-03-07T00:00Z') + i * 900_000)
    for (const moment of moments)
      assert.equal(
        offsetAt(zone, instant(moment)),
        Math.round(luxon.offset(moment) * 60_000),
        `${name} ${new Date(moment).toISOString()}`,
      )
  }
})

test('pieces of one offset follow each other without a hole', () => {
  const zone = zoneOf('Africa/Casablanca')
  let piece = pieceAt(zone, at('2024-01-01T00:00Z'))
  for (let i = 0; i < 60; i++) {
    const next = pieceAt(zone, piece.to)
    assert.equal(next.from, piece.to)
    assert.ok(next.to > next.from)
    piece = next
  }
})

test('a reading is shown once, never or twice', () => {
  const berlin = zoneOf('Europe/Berlin')
  assert.deepEqual(instantsOf(berlin, wall('2026-11-23T09:00')), { kind: 'unique', at: at('2026-11-23T08:00Z') })
  assert.deepEqual(instantsOf(berlin, wall('2026-03-29T02:30')), {
    kind: 'gap',
    after: at('2026-03-29T01:00Z'),
    missingFrom: wall('2026-03-29T02:00'),
    missingTo: wall('2026-03-29T03:00'),
  })
  assert.deepEqual(instantsOf(berlin, wall('2026-10-25T02:30')), {
    kind: 'repeated',
    first: at('2026-10-25T00:30Z'),
    second: at('2026-10-25T01:30Z'),
  })
  assert.deepEqual(instantsOf(zoneOf('Pacific/Apia'), wall('2011-12-30T12:00')).kind, 'gap')
  assert.deepEqual(instantsOf(zoneOf('Australia/Lord_Howe'), wall('2026-04-05T01:45')).kind, 'repeated')
})

test('an instant is shown with its offset', () => {
  assert.equal(isoLocal(zoneOf('America/New_York'), at('2026-03-08T07:00Z')), '2026-03-08T03:00:00-04:00')
  assert.equal(isoLocal(zoneOf('Asia/Kolkata'), at('2026-03-08T07:00:00.250Z')), '2026-03-08T12:30:00.250+05:30')
})

test('days are counted as the calendar counts them', () => {
  for (let day = -800_000; day < 800_000; day += 997) {
    const date = new Date(day * 86_400_000)
    assert.deepEqual(calendarDay(day), {
      year: date.getUTCFullYear(),
      month: date.getUTCMonth() + 1,
      day: date.getUTCDate(),
    })
    assert.equal(dayNumber(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()), day)
    assert.equal(weekday(day), date.getUTCDay())
  }
})
