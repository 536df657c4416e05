import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileCron } from '../../src/schedule/cron.ts'
import { nextDay } from '../../src/schedule/cron-days.ts'
import { describe } from '../../src/schedule/describe.ts'
import { compileEvery } from '../../src/schedule/every.ts'
import { compileTiming } from '../../src/schedule/timing.ts'
import { duration } from '../../src/time/clock.ts'
import { random } from './zones.ts'

const said = (text: string | readonly string[], zone = 'UTC'): string =>
  describe(compileTiming(text, zone, { seed: 'nightly' })).replace(/, UTC$/, '')

const SENTENCES: Readonly<Record<string, string>> = {
  '0 9 * * 1-5': 'at 09:00 on weekdays',
  '* * * * *': 'every minute',
  '* * * * * *': 'every second',
  '*/15 * * * *': 'every 15 minutes',
  '*/20 * * * * *': 'every 20 seconds',
  '10-59/20 * * * * *': 'every 20 seconds from second 10',
  '5,25 * * * * *': 'at seconds 5 and 25 of every minute',
  '5-59/15 * * * *': 'at 5, 20, 35 and 50 minutes past every hour',
  '0 * * * *': 'every hour on the hour',
  '1 * * * *': 'at 1 minute past every hour',
  '*/7 * * * *': 'at 0, 7, 14, …, 56 minutes past every hour',
  '*/7 3 * * *': 'every 7 minutes from 03:00 to 03:56',
  '0 */2 * * *': 'every 2 hours from 00:00 to 22:00',
  '0 */12 * * *': 'at 00:00 and 12:00 every day',
  '0 9-17 * * *': 'every hour from 09:00 to 17:00',
  '*/15 9-17 * * 1-5': 'every 15 minutes from 09:00 to 17:45 on weekdays',
  '*/15 9,13 * * *': 'every 15 minutes during hours 9 and 13',
  '0 0,3,9,14-16,21 * * *': 'at 0 minutes past hours 0, 3, 9, 14 to 16 and 21',
  '* 3 * * *': 'every minute from 03:00 to 03:59',
  '*/10 30 2 * * *': 'every 10 seconds from 02:30:00 to 02:30:50',
  '30 0 9 * * *': 'at 09:00:30 every day',
  '15 30 * * * *': 'every hour from 00:30:15 to 23:30:15',
  '0 22-2 * * *': 'every hour from 22:00 to 02:00',
  '0 22-2 * * 5': 'at 00:00, 01:00, 02:00, 22:00 and 23:00 on Fridays',
  '0 9 * * MON,WED,FRI': 'at 09:00 on Mondays, Wednesdays and Fridays',
  '0 9 * * 0,6': 'at 09:00 on weekends',
  '0 9 * * 7': 'at 09:00 on Sundays',
  '0 9 * * 2-7': 'at 09:00 on Tuesdays to Sundays',
  '0 9 * 1 *': 'at 09:00 every day in January',
  '*/15 * * 1,7 *': 'every 15 minutes in January and July',
  '0 9 * 6-8 0,6': 'at 09:00 on weekends from June to August',
  '0 0 1 1 *': 'at 00:00 on 1 January',
  '0 0 29 2 *': 'at 00:00 on 29 February (leap years only)',
  '0 9 1 1,4,7,10 *': 'at 09:00 on the 1st of January, April, July and October',
  '0 0 1,15 * *': 'at 00:00 on the 1st and the 15th of every month',
  '0 0 31 * *': 'at 00:00 on the 31st of every month that has it',
  '0 0 */2 * *': 'at 00:00 on odd days of every month',
  '0 0 1-7,15 * *': 'at 00:00 on the 1st to 7th and the 15th of every month',
  '0 0 */5 * *': 'at 00:00 on the 1st, 6th, 11th, …, 31st of every month',
  '0 0 L * *': 'at 00:00 on the last day of every month',
  '0 0 L-1 * *': 'at 00:00 on the day before the last of every month',
  '0 0 L-3 * *': 'at 00:00 on the 3rd day before the last of every month',
  '0 0 LW * *': 'at 00:00 on the last working day of every month',
  '0 0 15W 1-6 *': 'at 00:00 on the working day nearest the 15th of each month from January to June',
  '0 0 1,L * *': 'at 00:00 on the 1st and the last day of every month',
  '0 0 * * 1#2': 'at 00:00 on the second Monday of every month',
  '0 0 * * 1#5': 'at 00:00 on the fifth Monday of every month that has it',
  '0 0 * * 5L': 'at 00:00 on the last Friday of every month',
  '0 0 * * 1,5L': 'at 00:00 on Mondays and on the last Friday of every month',
  '0 0 13 * 5': 'at 00:00 on the 13th of every month and on Fridays',
  '0 0 13 * 5&': 'at 00:00 on those Fridays that fall on the 13th of the month',
  '0 0 */2 * 1': 'at 00:00 on those Mondays that fall on odd days of the month',
  '0 0 8-14 * 1#2&': 'at 00:00 on those days that are the second Monday and also the 8th to 14th of the month',
  '0 0 1-31 * 1': 'at 00:00 every day',
  'H H * * *': 'at 18:34 every day',
  '@daily': 'at 00:00 every day',
  '@weekly': 'at 00:00 on Sundays',
  '@every 15m': 'every 15 minutes',
  '@every 90m': 'every 90 minutes',
  '@every 1h': 'every hour',
  '@every 7h': 'every 7 hours, counted from 1970-01-01T00:00:00Z',
}

test('an expression is said as a person would say it', () => {
  for (const [text, sentence] of Object.entries(SENTENCES)) assert.equal(said(text), sentence, text)
})

test('a sentence says its zone, and several expressions are one sentence', () => {
  assert.equal(
    describe(compileCron('0 9 * * 1-5', 'Europe/London', { seed: '' })),
    'at 09:00 on weekdays, Europe/London',
  )
  assert.equal(said('30 8 * * 1-4 Europe/Stockholm'), 'at 08:30 on Mondays to Thursdays, Europe/Stockholm')
  assert.equal(said(['0 9 * * 1-5', '0 12 * * 6']), 'at 09:00 on weekdays, and at 12:00 on Saturdays')
  assert.equal(
    said(['0 9 * * 1-5', '0 12 * * 6', '0 15 1 * *']),
    'at 09:00 on weekdays; at 12:00 on Saturdays; and at 15:00 on the 1st of every month',
  )
})

test('an interval says where it is counted from', () => {
  const every = (length: number, offset = 0): string =>
    describe(compileEvery({ every: duration(length), offset: duration(offset) }))
  assert.equal(every(900_000, 300_000), 'every 15 minutes, from 00:05 UTC on')
  assert.equal(every(86_400_000, 32_400_000), 'every day, at 09:00 UTC')
  assert.equal(every(7 * 86_400_000), 'every 7 days, counted from 1970-01-01T00:00:00Z')
  assert.equal(
    every(5_400_000 + 30_001),
    'every 1 hour, 30 minutes, 30 seconds and 1 millisecond, counted from 1970-01-01T00:00:00Z',
  )
  assert.equal(describe({ kind: 'manual' }), 'only when a person asks for it')
})

const PARTS = [
  ['0', '0', '0', '30', '*', '*/20', '5,25', '0-9'],
  ['0', '30', '*', '*/15', '5-59/15', '*/7', '0-59/7', '15,45', '1,2,3', '20-30', '0,1,58', '7'],
  ['*', '9', '0', '*/2', '*/6', '9-17', '22-2', '0,12', '9,13,20', '1-23/2', '0-22', '*/7', '8-10,12-14', '23'],
  ['*', '1', '31', 'L', 'L-3', 'LW', '15W', '1,15', '1-7', '*/2', '2-30/2', '*/5', '1-31', '1,L', '29', '13'],
  ['*', '1', '2', '1,7', '3-11', 'NOV-FEB', '*/3', '1,2', '1-3'],
  ['*', '1', '5', '1-5', '0,6', '2-6', '1#2', '5L', '1,5L', '*/2', '0-6', '1#5', 'FRI-MON', '1,3', '5&'],
] as const

/** All that an expression means, without zone and clocks. */
function meaning(text: string): string {
  const [times] = compileCron(text, 'UTC', { seed: '' }).patterns.map((pattern) => pattern.times)
  if (times === undefined) return ''
  const days: number[] = []
  const first = Date.UTC(2024, 0, 1) / 86_400_000
  for (let day = nextDay(times.days, first); day !== null && day < first + 1_500; day = nextDay(times.days, day + 1))
    days.push(day - first)
  return [times.seconds, times.minutes, times.hours].map(({ from }) => from.join()).join(' ') + days.join()
}

test('no two expressions that mean different times are said with the same sentence', () => {
  const draw = random(99)
  const meanings = new Map<string, { readonly text: string; readonly means: string }>()
  let shared = 0
  for (let i = 0; i < 4_000; i++) {
    const text = PARTS.map((part, field) =>
      draw() < 0.35 ? (part[Math.floor(draw() * part.length)] ?? '*') : field < 2 ? '0' : '*',
    ).join(' ')
    let sentence: string
    try {
      sentence = said(text)
    } catch (error) {
      assert.match(`${error}`, /never fires/)
      continue
    }
    const means = meaning(text)
    const known = meanings.get(sentence)
    if (known === undefined) meanings.set(sentence, { text, means })
    else if (known.text !== text) {
      shared += 1
      assert.equal(means, known.means, `${sentence}: ${text} and ${known.text}`)
    }
  }
  assert.ok(shared > 100 && meanings.size > 500, `${shared} shared of ${meanings.size}`)
})
