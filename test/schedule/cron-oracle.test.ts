import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compare, DEFAULT, POLICIES, readOnce } from './oracle-compare.ts'
import { EXPRESSIONS, SECOND_EXPRESSIONS } from './oracle-expressions.ts'
import { DAY, HOUR, type Line, lineOf, MINUTE, type Rules } from './walker.ts'
import { distinctZones, random } from './zones.ts'

// The full walk is `npm run oracle`; these are seeded parts of it.
const SEED = 7
const zones = distinctZones(2024, 2031)

const NAMED = [
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
const CORE = [
  '30 2 * * *',
  '*/10 * * * *',
  '*/10 1 * * *',
  '0 * * * *',
  '15,45 1-3 * * *',
  '0 */12 * * *',
  '59 23 * * *',
  '0 0 * * *',
]

function agree(line: Line, expressions: readonly string[], policies: readonly Rules[]): void {
  for (const expression of expressions) {
    for (const rules of readOnce(expression).rhythmic ? [DEFAULT] : policies) {
      const compared = compare(expression, line, rules)
      assert.equal(compared.kind === 'different' ? compared.text : '', '')
    }
  }
}

const beside = (zone: string, at: number, step = MINUTE): Line => lineOf(zone, at - 36 * HOUR, at + 36 * HOUR, step)

test('the engine agrees with a walk over every minute around each change of clocks, 2024 to 2030', () => {
  for (const name of NAMED) {
    const alike = zones.find((zone) => zone.name === name)
    const jumps = alike?.jumps ?? distinctJumps(name)
    for (const at of jumps) agree(beside(name, at), CORE, [DEFAULT])
  }
})

/** The changes of a zone that is not the first of those with its offsets. */
const distinctJumps = (name: string): readonly number[] => {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' })
  const jumps: number[] = []
  const offset = (at: number): string => format.format(at).replace(/^.*GMT/, '')
  for (let day = Date.UTC(2024, 0, 1); day < Date.UTC(2031, 0, 1); day += DAY) {
    if (offset(day) === offset(day + DAY)) continue
    for (let at = day; at < day + DAY; at += HOUR / 4)
      if (offset(at) !== offset(at + HOUR / 4)) jumps.push(at + HOUR / 4)
  }
  return jumps
}

test('in all zones that Node knows, the engine agrees with the walk under every dst policy, and in random weeks', () => {
  assert.ok(zones.length > 50)
  const next = random(SEED)
  const some = (items: readonly string[], count: number): readonly string[] =>
    Array.from({ length: count }, () => items[Math.floor(next() * items.length)] ?? '')
  for (const { name, jumps } of zones) {
    const at = jumps[Math.floor(next() * jumps.length)]
    if (at !== undefined) agree(beside(name, at), ['30 2 * * *', ...some(EXPRESSIONS, 24)], POLICIES)
    const from = Date.UTC(2024, 0, 1) + Math.floor(next() * 2_500) * DAY
    agree(lineOf(name, from, from + 7 * DAY, MINUTE), some(EXPRESSIONS, 24), [DEFAULT])
  }
})

test('second by second, the engine agrees with the walk', () => {
  const next = random(SEED)
  const sparse = SECOND_EXPRESSIONS.filter((text) => !text.startsWith('*'))
  for (const { name, jumps } of zones.filter((_, i) => i % 6 === 1)) {
    const at = jumps[Math.floor(next() * jumps.length)] ?? Date.UTC(2026, 1, 28)
    agree(beside(name, at, 1_000), sparse, [DEFAULT])
  }
})

test('a local day that does not exist is a gap like any other', () => {
  const jump = Date.UTC(2011, 11, 30, 10)
  for (const expression of ['0 9 * * *', '0 9 30 12 *', '*/30 * * * *', '0 0 * * 5'])
    agree(beside('Pacific/Apia', jump), [expression], POLICIES)
})

test('the oracle would notice: an hour of readings that is off by one is a difference', () => {
  const line = beside('America/New_York', Date.UTC(2026, 10, 1, 6))
  const shifted = { ...line, hours: line.hours.map((hour) => (hour === 1 ? 2 : hour)) }
  assert.equal(compare('30 1 * * *', line, DEFAULT).kind, 'equal')
  assert.equal(compare('30 1 * * *', shifted, DEFAULT).kind, 'different')
})

test('expressions of every form are among those that are walked, each once', () => {
  const all = [...EXPRESSIONS, ...SECOND_EXPRESSIONS]
  assert.equal(new Set(all).size, all.length)
  assert.ok(all.length >= 250)
  for (const form of [/L-/, /LW/, /\dW/, /#5/, /\dL/, /FRI-MON/, /22-2/, /0,7/, /\?/, /\*\/45/])
    assert.ok(
      all.some((text) => form.test(text)),
      `${form}`,
    )
})
