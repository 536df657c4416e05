import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DstPolicy } from '../../src/schedule/cron-walk.ts'
import { lintCron } from '../../src/schedule/lint-cron.ts'
import { instant } from '../../src/time/clock.ts'

const from = instant(Date.UTC(2026, 10, 23))

/** Each finding as 'code [the text it points at]'. */
function found(text: string | readonly string[], zone = 'UTC', dst?: Partial<DstPolicy>): readonly string[] {
  const texts = typeof text === 'string' ? [text] : text
  return lintCron(text, zone, { seed: 'nightly', dst, from }).map(
    ({ code, pattern, span }) => `${code} [${texts[pattern]?.slice(span.from, span.to)}]`,
  )
}

const message = (text: string, zone = 'UTC'): string => {
  const [first] = lintCron(text, zone, { seed: 'nightly', from })
  return first === undefined ? '' : `${first.message} -> ${first.fix}`
}

test('what means what it seems to mean is not warned of', () => {
  for (const text of [
    '0 9 * * 1-5',
    '*/15 * * * *',
    '0 */6 * * *',
    '@daily',
    '@every 15m',
    'H H * * *',
    'H/15 * * * *',
    '0 0 L * *',
    '0 0 25-31 * *',
    '* * * * *',
    '*/10 * * * * *',
    '0 9-17/2 * * *',
    '0 0 13 * 5&',
    '* 9-17 * * 1-5',
  ])
    assert.deepEqual(found(text), [], text)
  assert.deepEqual(found('*/10 * * * *', 'Europe/Berlin'), [])
  assert.deepEqual(found('0 9 * * *', 'Europe/Berlin'), [])
  assert.deepEqual(found('30 2 * * 1-5', 'Europe/Berlin'), [], 'clocks are changed on Sundays')
})

test('steps that do not go round evenly are told, with an interval to write instead', () => {
  assert.deepEqual(found('*/90 * * * *'), ['step-too-large [*/90]'])
  assert.match(message('*/90 * * * *'), /once in each hour, not every 90 minutes -> write every: 90m/)
  assert.deepEqual(found('*/7 * * * *'), ['uneven-step [*/7]'])
  assert.match(
    message('*/7 * * * *'),
    /begins again with each hour: its last step is 4 minutes long, not 7 -> write every: 7m/,
  )
  assert.match(message('H/7 * * * *'), /not always 7 minutes long/)
  assert.deepEqual(found('0 */5 * * *'), ['uneven-step [*/5]'])
  assert.deepEqual(found('0 9 */2 * *'), ['uneven-step [*/2]'])
  assert.deepEqual(found('0 0 1 */5 *'), ['uneven-step [*/5]'])
})

test('a star below a single hour or minute is told', () => {
  assert.deepEqual(found('* 3 * * *'), ['every-minute-of-hour [*]'])
  assert.match(message('* 3 * * *'), /60 times in each hour that matches \(3\) -> write 0 there/)
  assert.match(message('* * 3 * * *'), /3,600 times/)
  assert.deepEqual(found('* 0 3 * * *'), ['every-second-of-minute [*]'])
})

test('both day fields together are told, as either or as both', () => {
  assert.deepEqual(found('0 0 13 * 5'), ['either-day [13]'])
  assert.match(message('0 0 13 * 5'), /either is enough: it runs on the 13th of every month and on Fridays -> write 5&/)
  assert.deepEqual(found('0 0 */2 * 1'), ['both-days [*/2]'])
  assert.match(message('0 0 */2 * 1'), /both must match: it runs on those Mondays that fall on odd days/)
})

test('days that some months lack are told', () => {
  assert.deepEqual(found('0 0 31 * *'), ['missing-day [31]'])
  assert.match(message('0 0 31 * *'), /no 31st in February, April, June, September and November/)
  assert.deepEqual(found('0 0 29 2 *'), ['missing-day [29]'])
  assert.match(message('0 0 30 * *'), /no 30th in February:/)
  assert.deepEqual(found('0 0 31 12 *'), [])
  assert.deepEqual(found('0 0 * * 1#5'), ['missing-day [1#5]'])
})

test('times that a zone skips or shows twice are told, unless a policy says that they are meant', () => {
  assert.deepEqual(found('30 2 * * *', 'Europe/Berlin'), ['missing-time [2]', 'repeated-time [2]'])
  assert.match(
    message('30 2 * * *', 'Europe/Berlin'),
    /02:30 does not exist: it runs once, at 03:00 \(on 2027-03-28 in Europe\/Berlin, where clocks go on from 02:00 to 03:00\) -> .*dst: \{ gap: run \}/,
  )
  assert.deepEqual(found('30 2 * * *', 'Europe/Berlin', { gap: 'skip' }), ['repeated-time [2]'])
  assert.deepEqual(found('30 2 * * *', 'Europe/Berlin', { gap: 'run', overlap: 'first' }), [])
  assert.deepEqual(found('*/10 2 * * *', 'Europe/Berlin'), ['missing-time [2]', 'repeated-time [2]'])
  assert.match(message('*/10 2 * * *', 'Europe/Berlin'), /02:00, 02:10, 02:20, … do not exist and do not run/)
  assert.deepEqual(found('0 0 * * *', 'Asia/Beirut'), ['missing-time [0]'])
})

test('what cannot be a schedule is an error, and never thrown', () => {
  const severities = (text: string | readonly string[], zone = 'UTC', dst?: Partial<DstPolicy>): readonly string[] =>
    lintCron(text, zone, { seed: '', dst, from }).map(({ severity, code }) => `${severity} ${code}`)
  assert.deepEqual(severities('0 0 31 2 *'), ['error never-fires'])
  assert.deepEqual(severities('*/10 2 * 3 0#2', 'America/New_York'), ['error never-fires'])
  assert.deepEqual(severities('5 4'), ['error invalid'])
  assert.deepEqual(severities('@every 15'), ['error invalid'])
  assert.deepEqual(severities('0 9 * * *', 'Europe/Berln'), ['error unknown-zone'])
  assert.deepEqual(severities(['0 9 * * * Europe/Berlin', '0 8 * * * Europe/Paris']), ['error invalid'])
  assert.deepEqual(severities(['0 9 * * *', '@every 5m']), ['error invalid'])
  assert.deepEqual(severities('* * * * *', 'UTC', { gap: 'run' }), ['error invalid'])
  assert.deepEqual(severities([]), ['error invalid'])
})

test('a finding points at its field, wherever that stands', () => {
  assert.deepEqual(found('  0   0  31  1-7 *  Europe/Berlin '), ['missing-day [31]'])
  assert.deepEqual(found(['0 9 * * *', '30 0 0 31 * *']), ['missing-day [31]'])
  assert.deepEqual(found('0 25 * * *'), ['invalid [25]'])
  assert.equal(lintCron(['0 9 * * *', '0 0 31 * *'], 'UTC', { seed: '', from })[0]?.pattern, 1)
})

test('forms of other crons are told as what they are read as', () => {
  assert.deepEqual(found('0 24 * * *'), ['foreign-form [24]'])
  assert.match(message('0 22-24 * * *'), /22-24 is read as 22-0/)
  assert.match(message('0 0-24 * * *'), /0-24 is read as 0-23/)
  assert.match(message('0 0 -3 * *'), /-3 is read as L-2/)
  assert.match(message('0 0 * * 5#L'), /5#L is read as 5L/)
})
