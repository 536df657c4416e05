import assert from 'node:assert/strict'
import { test } from 'node:test'
import { duration } from '../../src/time/clock.ts'
import { formatDuration, parseDuration } from '../../src/time/duration.ts'
import { InvalidTimeError } from '../../src/time/invalid-time.ts'

const refused = (input: unknown, pattern: RegExp): void => {
  assert.throws(
    () => parseDuration(input, 'in'),
    (error) => error instanceof InvalidTimeError && error.code === 'MORROW_INVALID_TIME' && pattern.test(error.message),
    String(input),
  )
}

test('a duration is read from text, ISO 8601 or parts', () => {
  for (const [input, milliseconds] of [
    ['250ms', 250],
    ['90s', 90_000],
    ['15m', 900_000],
    ['1h30m', 5_400_000],
    ['1 hour 30 minutes', 5_400_000],
    ['3 days', 259_200_000],
    ['3d', 259_200_000],
    ['2 Weeks', 1_209_600_000],
    ['1.5h', 5_400_000],
    [' 0s ', 0],
    ['PT1H', 3_600_000],
    ['P1DT12H', 129_600_000],
    ['P2W', 1_209_600_000],
    ['PT0.5S', 500],
    [{ days: 3 }, 259_200_000],
    [{ hours: 1, minutes: 30 }, 5_400_000],
    ['3653 days', 315_619_200_000],
  ] as const)
    assert.equal(parseDuration(input, 'in'), milliseconds, JSON.stringify(input))
})

test('what cannot be a duration is refused with what to write', () => {
  refused(10, /got the number 10; a number alone has no unit: say '10s'/)
  refused('10', /got "10"; say '10s'/)
  refused(Number.NaN, /got the number NaN/)
  refused(Number.POSITIVE_INFINITY, /got the number Infinity/)
  refused(-5, /got the number -5/)
  refused('-3 days', /no negative duration/)
  refused({ days: -1 }, /days to be a number from 0, got -1/)
  refused({ days: Number.NaN }, /days to be a number from 0, got NaN/)
  refused('3 dyas', /got 'dyas' in "3 dyas"; did you mean 'days'\?/)
  refused({ dayz: 3 }, /unknown key 'dayz'; did you mean days\?/)
  refused('1 month', /months and years have no fixed length/)
  refused('P1M', /months and years have no fixed length/)
  refused('5M', /expected a unit of time|no fixed length/)
  refused({ months: 1 }, /no fixed length; say a time zone in tz/)
  refused('30m1h', /the larger unit first/)
  refused('1d2h3m', /at most two parts/)
  refused('P', /ISO 8601/)
  refused('PT', /ISO 8601/)
  refused('', /expected a duration/)
  refused({}, /expected a duration/)
  refused([], /expected a duration/)
  refused(null, /expected a duration/)
  refused(new Date(0), /expected a duration/)
  refused('3654 days', /at most 10 years/)
})

test('a duration is printed in its two largest units', () => {
  for (const [milliseconds, text] of [
    [0, '0 ms'],
    [250, '250 ms'],
    [90_000, '1 min 30 s'],
    [273_600_000, '3 d 4 h'],
    [3_600_000, '1 h'],
    [86_400_000 + 60_000, '1 d'],
    [-1_500, '-1 s 500 ms'],
  ] as const)
    assert.equal(formatDuration(duration(milliseconds)), text)
})
