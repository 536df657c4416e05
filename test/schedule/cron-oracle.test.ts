import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileCron, next, previous } from '../../src/schedule/cron.ts'
import { instant } from '../../src/time/clock.ts'
import { distinctZones, jumpsOf, walkedTicks } from './minute-walker.ts'

const DAY = 86_400_000
const ZONES = [
  'UTC',
  'Asia/Kolkata',
  'America/New_York',
  'Europe/London',
  'Europe/Berlin',
  'Australia/Lord_Howe',
  'Asia/Beirut',
  'Africa/Casablanca',
  'America/Santiago',
]
const EXPRESSIONS = [
  '30 2 * * *',
  '*/10 * * * *',
  '*/10 1 * * *',
  '0 * * * *',
  '15,45 1-3 * * *',
  '0 */12 * * *',
  '59 23 * * *',
  '0 0 */2 * 1',
  '20 0 1-10 * 0',
  '0-59/7 0,2 * 3-11 *',
  '5 0-23 * * *',
]
const DEFAULT = { gap: 'run', overlap: 'first' } as const

/** All ticks of [from, to), forwards and then backwards. */
function engineTicks(expression: string, zone: string, from: number, to: number, dst?: object): readonly number[] {
  const cron = compileCron(expression, zone, dst === undefined ? { seed: '' } : { seed: '', dst })
  const forwards: number[] = []
  for (let at = next(cron, instant(from - 1)); at !== null && at < to; at = next(cron, at)) forwards.push(at)
  const backwards: number[] = []
  for (let at = previous(cron, instant(to)); at !== null && at >= from; at = previous(cron, at)) backwards.unshift(at)
  assert.deepEqual(backwards, forwards, `${expression} ${zone}: previous is the mirror of next`)
  return forwards
}

function agree(
  expression: string,
  zone: string,
  around: number,
  rules: { gap: 'run' | 'skip'; overlap: 'first' | 'last' | 'both' },
  dst?: object,
): void {
  const [from, to] = [around - DAY, around + DAY]
  const expected = walkedTicks(expression, zone, from, to, rules)
  assert.deepEqual(
    engineTicks(expression, zone, from, to, dst),
    expected,
    `${expression} ${zone} around ${new Date(around).toISOString()} ${JSON.stringify(rules)}`,
  )
}

test('the engine agrees with a walk over every minute around each change of clocks, 2024 to 2030', () => {
  for (const zone of ZONES) {
    const jumps = jumpsOf(zone, 2024, 2031)
    const moments = jumps.length > 0 ? jumps : [Date.UTC(2026, 1, 28)]
    for (const around of moments) for (const expression of EXPRESSIONS) agree(expression, zone, around, DEFAULT)
  }
})

test('every dst policy agrees with the walk', () => {
  for (const zone of ['America/New_York', 'Australia/Lord_Howe', 'Asia/Beirut']) {
    for (const around of jumpsOf(zone, 2026, 2028)) {
      for (const gap of ['run', 'skip'] as const) {
        for (const overlap of ['first', 'last', 'both'] as const) {
          for (const expression of ['30 2 * * *', '15,45 0-3 * * *', '0 0 * * *'])
            agree(expression, zone, around, { gap, overlap }, { gap, overlap })
        }
      }
    }
  }
})

test('the engine agrees with the walk in all zones that Node knows, around each change of clocks', () => {
  for (const zone of distinctZones(2024, 2031)) {
    for (const around of jumpsOf(zone, 2025, 2027))
      for (const expression of ['30 2 * * *', '*/20 0-3 * * *']) agree(expression, zone, around, DEFAULT)
  }
})

test('a local day that does not exist is a gap like any other', () => {
  const jump = jumpsOf('Pacific/Apia', 2011, 2012).at(-1) ?? 0
  assert.equal(new Date(jump).toISOString(), '2011-12-30T10:00:00.000Z')
  for (const expression of ['0 9 * * *', '0 9 30 12 *', '*/30 * * * *'])
    agree(expression, 'Pacific/Apia', jump, DEFAULT)
})
