import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MorrowError } from '../../src/errors.ts'
import { compileCron, next, previous } from '../../src/schedule/cron.ts'
import type { DstPolicy } from '../../src/schedule/cron-walk.ts'
import { hash } from '../../src/schedule/hashed.ts'
import { InvalidCronError } from '../../src/schedule/invalid-cron.ts'
import { instant } from '../../src/time/clock.ts'
import { random } from './zones.ts'

/** The first ticks strictly after an instant, without seconds and 'Z' noise. */
function after(
  text: string | readonly string[],
  zone: string,
  from: string,
  count = 1,
  dst?: Partial<DstPolicy>,
): readonly string[] {
  const cron = compileCron(text, zone, dst === undefined ? { seed: 'nightly' } : { seed: 'nightly', dst })
  const found: string[] = []
  let at = next(cron, instant(Date.parse(from)))
  for (; at !== null && found.length < count; at = next(cron, at))
    found.push(new Date(at).toISOString().replace(':00.000Z', 'Z'))
  return found
}

function before(text: string, zone: string, from: string): string {
  const at = previous(compileCron(text, zone, { seed: '' }), instant(Date.parse(from)))
  return at === null ? 'none' : new Date(at).toISOString().replace(':00.000Z', 'Z')
}

const refused = (text: string | readonly string[], pattern: RegExp, zone = 'UTC'): void => {
  assert.throws(
    () => compileCron(text, zone, { seed: 'nightly' }),
    (error) => error instanceof InvalidCronError && pattern.test(error.message),
    `${text}`,
  )
}

test('a rhythmic pattern fires at every instant that shows it: none in a missing hour', () => {
  assert.deepEqual(after('*/10 1 * * *', 'Europe/London', '2026-03-28T01:50:00Z', 2), [
    '2026-03-30T00:00Z',
    '2026-03-30T00:10Z',
  ])
  assert.deepEqual(after('*/10 1 * * *', 'Europe/London', '2026-03-29T01:00:00Z'), ['2026-03-30T00:00Z'])
})

test('a rhythmic pattern fires in both passes of a repeated hour', () => {
  assert.deepEqual(after('0 * * * *', 'America/New_York', '2026-11-01T04:30:00Z', 3), [
    '2026-11-01T05:00Z',
    '2026-11-01T06:00Z',
    '2026-11-01T07:00Z',
  ])
  assert.equal(after('*/10 1 * * *', 'Europe/London', '2026-10-24T23:59:00Z', 13).at(11), '2026-10-25T01:50Z')
})

test('asked between the two 01:30s, the answer is the next day', () => {
  assert.deepEqual(after('30 1 * * *', 'America/New_York', '2026-11-01T05:30:00Z'), ['2026-11-02T06:30Z'])
  assert.deepEqual(after('30 1 * * *', 'America/New_York', '2026-11-01T05:45:00Z'), ['2026-11-02T06:30Z'])
  assert.deepEqual(after('30 1 * * *', 'America/New_York', '2026-11-01T05:29:59Z'), ['2026-11-01T05:30Z'])
})

test('a missing 02:30 fires once, at 03:00 that day, also when asked inside the shifted hour', () => {
  assert.deepEqual(after('30 2 * * *', 'America/New_York', '2026-03-08T06:59:59Z', 2), [
    '2026-03-08T07:00Z',
    '2026-03-09T06:30Z',
  ])
  assert.deepEqual(after('30 2 * * *', 'America/New_York', '2026-03-08T07:15:00Z'), ['2026-03-09T06:30Z'])
  assert.deepEqual(after('*/30 2,3 * * *', 'America/New_York', '2026-03-08T06:00:00Z', 2), [
    '2026-03-08T07:00Z',
    '2026-03-08T07:30Z',
  ])
  assert.deepEqual(after(['30 2 * * *', '0 3 * * *'], 'America/New_York', '2026-03-08T06:00:00Z', 2), [
    '2026-03-08T07:00Z',
    '2026-03-09T06:30Z',
  ])
})

test('a gap of half an hour ends at half past', () => {
  assert.deepEqual(after('15 2 * * *', 'Australia/Lord_Howe', '2026-10-03T12:00:00Z'), ['2026-10-03T15:30Z'])
})

test('previous is the last tick strictly before, around a gap and a repeated hour', () => {
  assert.equal(before('30 2 * * *', 'America/New_York', '2026-03-08T12:00:00Z'), '2026-03-08T07:00Z')
  assert.equal(before('30 2 * * *', 'America/New_York', '2026-03-08T07:00:00Z'), '2026-03-07T07:30Z')
  assert.equal(before('30 1 * * *', 'America/New_York', '2026-11-01T12:00:00Z'), '2026-11-01T05:30Z')
  assert.equal(before('0 * * * *', 'America/New_York', '2026-11-01T06:00:00Z'), '2026-11-01T05:00Z')
})

test('dst policies change wall-clock patterns, and are an error where there are none', () => {
  const [night, gapDay, repeatDay] = ['30 2 * * *', '2026-03-08T00:00:00Z', '2026-11-01T00:00:00Z']
  assert.deepEqual(after(night, 'America/New_York', '2026-03-08T06:00:00Z', 1, { gap: 'skip' }), ['2026-03-09T06:30Z'])
  assert.deepEqual(after('30 1 * * *', 'America/New_York', repeatDay, 1, { overlap: 'last' }), ['2026-11-01T06:30Z'])
  assert.deepEqual(after('30 1 * * *', 'America/New_York', repeatDay, 2, { overlap: 'both' }), [
    '2026-11-01T05:30Z',
    '2026-11-01T06:30Z',
  ])
  assert.throws(() => after('*/5 2 * * *', 'America/New_York', gapDay, 1, { gap: 'skip' }), /rhythmic/)
})

test('the field count is checked: nothing is padded', () => {
  for (const [text, count] of [
    ['', 0],
    ['5 4', 2],
    ['1 2 3', 3],
    ['* * * *', 4],
  ] as const)
    refused(text, new RegExp(`expected 5 or 6 fields, got ${count}`))
  refused('0 0 0 1 1 * 2027', /7: a year has no field/)
  refused([], /empty list/)
})

test('values said twice count once', () => {
  assert.deepEqual(after('0 0 * * 0,7', 'UTC', '2026-11-23T00:00:00Z', 2), ['2026-11-29T00:00Z', '2026-12-06T00:00Z'])
  assert.deepEqual(after('*/7,*/5 0 * * *', 'UTC', '2026-11-23T00:00:00Z', 4), [
    '2026-11-23T00:05Z',
    '2026-11-23T00:07Z',
    '2026-11-23T00:10Z',
    '2026-11-23T00:14Z',
  ])
  assert.deepEqual(after('1-10,5 0 * * *', 'UTC', '2026-11-23T00:04:00Z', 2), [
    '2026-11-23T00:05Z',
    '2026-11-23T00:06Z',
  ])
})

test('six fields begin with seconds', () => {
  const cron = compileCron('*/20 * * * * *', 'UTC', { seed: '' })
  assert.equal(next(cron, instant(1_000)), 20_000)
  assert.equal(next(cron, instant(59_999)), 60_000)
  assert.equal(previous(cron, instant(20_001)), 20_000)
})

test('days: both restricted means either, a star or a question mark means both', () => {
  assert.deepEqual(after('0 0 13 * 5', 'UTC', '2026-11-01T00:00:00Z', 3), [
    '2026-11-06T00:00Z',
    '2026-11-13T00:00Z',
    '2026-11-20T00:00Z',
  ])
  assert.deepEqual(after('0 0 */2 * 1', 'UTC', '2026-11-01T00:00:00Z', 2), ['2026-11-09T00:00Z', '2026-11-23T00:00Z'])
  assert.deepEqual(after('0 0 ? * 1', 'UTC', '2026-11-01T00:00:00Z'), ['2026-11-02T00:00Z'])
  refused('? * * * *', /minute field: \? stands in the day fields only/)
})

test('L, #, W and ranges that wrap mean what they mean elsewhere', () => {
  const from = '2026-11-02T00:00:00Z'
  for (const [text, tick] of [
    ['0 0 L * *', '2026-11-30T00:00Z'],
    ['0 0 L-3 * *', '2026-11-27T00:00Z'],
    ['0 0 -1 2 *', '2027-02-28T00:00Z'],
    ['0 0 LW 1 *', '2027-01-29T00:00Z'],
    ['0 0 15W * *', '2026-11-16T00:00Z'],
    ['0 0 1W 8 *', '2027-08-02T00:00Z'],
    ['0 0 * * 5L', '2026-11-27T00:00Z'],
    ['0 0 * * 5#L', '2026-11-27T00:00Z'],
    ['0 0 * * FRIL', '2026-11-27T00:00Z'],
    ['0 0 * * MON#2', '2026-11-09T00:00Z'],
    ['0 0 * * 1#1,3#4', '2026-11-25T00:00Z'],
    ['0 0 29 2 *', '2028-02-29T00:00Z'],
    ['0 22-2 * * *', '2026-11-02T01:00Z'],
    ['0 0 * * FRI-MON', '2026-11-06T00:00Z'],
    ['0 0 * NOV-JAN 0-7', '2026-11-03T00:00Z'],
    ['0 0 * * 7-1', '2026-11-08T00:00Z'],
    ['0 0 * * 5-7', '2026-11-06T00:00Z'],
  ] as const)
    assert.deepEqual(after(text, 'UTC', from), [tick], text)
})

test('what has no single meaning is refused with the reason', () => {
  refused('0 24 * * 1', /hour field: expected 0-23, got "24"; midnight is 0/)
  refused('0 24/2 * * *', /hour field: expected 0-23, got "24\/2"/)
  refused('0 25 * * *', /hour field: expected 0-23, got "25"/)
  refused('0 0 * * L', /L alone names no weekday/)
  refused('0 0 * * 1%2', /weeks modulo/)
  refused('0 0 * * 1#6', /expected #1 to #5/)
  refused('@reboot', /@reboot has no meaning here/)
  refused('@every 5m', /write every: 5m/)
  refused('@dayly', /expected one of @yearly.*did you mean @daily/)
  refused('5/* * * * *', /minute field/)
  refused('0 9 * * Stockholm', /expected 5 or 6 fields, got 4/)
  refused('61 * * * *', /minute field: expected 0-59, got "61"/)
  refused('0 0 * FOO *', /month field: expected 1-12 or JAN-DEC/)
  refused('1,,2 * * * *', /value between the commas/)
  refused('HH * * * *', /expected H, H\/15/)
  refused('H(0-70) * * * *', /minute field: expected H, .*got "H\(0-70\)"/)
  refused('H(5-1) * * * *', /minute field: expected H, /)
  refused('0 9 * * MONDAY', /day of week field: .*got "MONDAY"; write MON/)
  refused('-5 * * * *', /minute field: expected 0-59, got "-5"$/)
})

test('what other crons write is read where it has one meaning', () => {
  const from = '2026-11-23T10:30:00Z'
  const cases: readonly (readonly [string, string])[] = [
    ['0 24 * * *', '0 0 * * *'],
    ['15 22-24 * * *', '15 22,23,0 * * *'],
    ['0 0-24 * * *', '0 0-23 * * *'],
    ['0 20-24/2 * * *', '0 20,22,0 * * *'],
    ['0 0 -1 * *', '0 0 L * *'],
    ['0 0 -3 * *', '0 0 L-2 * *'],
    ['0 0 * * 5#L', '0 0 * * 5L'],
    ['0 0 * * 5#-1', '0 0 * * 5L'],
    ['@Daily', '0 0 * * *'],
  ]
  for (const [foreign, ours] of cases)
    assert.deepEqual(after(foreign, 'UTC', from, 5), after(ours, 'UTC', from, 5), foreign)
  assert.deepEqual(after('0 0 13 * 5&', 'UTC', from, 2), ['2027-08-13T00:00Z', '2028-10-13T00:00Z'])
  assert.deepEqual(after('0 0 13& * 5', 'UTC', from, 2), ['2027-08-13T00:00Z', '2028-10-13T00:00Z'])
})

test('a fifth weekday comes in months that have one, and in no other', () => {
  assert.deepEqual(after('0 2 * * 5#5', 'UTC', '2026-10-01T00:00:00Z', 3), [
    '2026-10-30T02:00Z',
    '2027-01-29T02:00Z',
    '2027-04-30T02:00Z',
  ])
})

test('what never fires is refused when it is read', () => {
  refused('0 0 31 2 *', /never fires/)
  refused('0 0 30 2 *', /never fires/)
  refused('0 0 31 4,6,9,11 *', /never fires/)
  refused('*/10 2 * 3 0#2', /America\/New_York skips that time/, 'America/New_York')
})

test('names stand for their patterns, and a zone may stand at the end', () => {
  assert.deepEqual(after('@hourly', 'UTC', '2026-11-23T10:30:00Z'), ['2026-11-23T11:00Z'])
  assert.deepEqual(after('@midnight', 'UTC', '2026-11-23T10:30:00Z'), ['2026-11-24T00:00Z'])
  assert.deepEqual(after('30 6 * * 1 Europe/Stockholm', 'UTC', '2026-11-23T10:30:00Z'), ['2026-11-30T05:30Z'])
  assert.deepEqual(after('@daily Asia/Kolkata', 'UTC', '2026-11-23T10:30:00Z'), ['2026-11-23T18:30Z'])
  assert.deepEqual(after('0 0 * * * Japan', 'UTC', '2026-11-23T10:30:00Z'), ['2026-11-23T15:00Z'])
  assert.deepEqual(after('0 0 * * MON EST', 'UTC', '2026-11-23T10:30:00Z'), ['2026-11-30T05:00Z'])
  assert.throws(() => compileCron('30 6 * * 1 Stockholm', 'UTC', { seed: '' }), /did you mean 'Europe\/Stockholm'/)
  assert.throws(
    () => compileCron('0 0 * * *', 'Europe/Berln', { seed: '' }),
    /unknown time zone "Europe\/Berln", did you mean 'Europe\/Berlin'/,
  )
  refused(['0 0 * * * Europe/Berlin', '0 1 * * * Europe/Paris'], /one time zone for all/)
})

test('H is resolved by the seed, for good', () => {
  assert.deepEqual([hash(''), hash('nightly'), hash('mail.digest')], [2872998923, 2531167562, 2319320167])
  const resolved = (text: string, seed: string): string => compileCron(text, 'UTC', { seed }).resolved.join()
  assert.equal(resolved('H H * * *', 'nightly'), RESOLVED.nightly)
  assert.equal(resolved('H H(1-5) H * *', 'mail.digest'), RESOLVED.digest)
  assert.equal(resolved('H/15 * * * *', 'nightly'), RESOLVED.quarter)
  assert.notEqual(resolved('H H * * *', 'nightly'), resolved('H H * * *', 'weekly'))
  assert.equal(compileCron('H/15 3 * * *', 'UTC', { seed: '' }).patterns[0]?.readings, 'rhythmic')
  assert.notEqual(compileCron('H 3 * * *', 'UTC', { seed: '' }).patterns[0]?.readings, 'rhythmic')
})

/** Written down once: a change of these values moves every schedule that says H. */
const RESOLVED = { nightly: '0 34 18 * * *', digest: '0 28 3 12 * *', quarter: '0 4-59/15 * * * *' } as const

test('a minute star or all hours make a pattern rhythmic, nothing else does', () => {
  const kind = (text: string): string =>
    compileCron(text, 'UTC', { seed: '' }).patterns[0]?.readings === 'rhythmic' ? 'rhythmic' : 'wall-clock'
  for (const text of [
    '*/10 * * * *',
    '0 * * * *',
    '*/10 1 * * *',
    '0 */1 * * *',
    '0 0-23 * * *',
    '30 0 0-11,12-23 * * *',
  ])
    assert.equal(kind(text), 'rhythmic', text)
  for (const text of ['30 2 * * *', '0 1-3 * * *', '0 */12 * * *', '15,45 9 * * 1-5', '* 0 2 * * *', '0-59 2 * * *'])
    assert.equal(kind(text), 'wall-clock', text)
})

test('whatever the text, it is compiled or refused with an error of ours', () => {
  const draw = random(5)
  const signs = '0123456789*,-/?LWH#()&@ ajFriMON24'
  let taken = 0
  for (let i = 0; i < 20_000; i++) {
    const word = (): string =>
      Array.from({ length: 1 + Math.floor(draw() * 3) }, () => signs[Math.floor(draw() * signs.length)]).join('')
    const text = Array.from({ length: 5 }, () => (draw() < 0.5 ? '*' : word())).join(' ')
    try {
      next(compileCron(text, 'Europe/Berlin', { seed: '' }), instant(0))
      taken += 1
    } catch (error) {
      assert.ok(error instanceof MorrowError, `${text}: ${error}`)
    }
  }
  assert.ok(taken > 500, `${taken}`)
})
