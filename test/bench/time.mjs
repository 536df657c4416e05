// npm run bench:time: what the time engine costs. No Redis and no peers; --json FILE writes the figures down.
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { describe } from '../../src/schedule/describe.ts'
import { lintCron } from '../../src/schedule/lint-cron.ts'
import { compileTiming, nextTick, previousTick } from '../../src/schedule/timing.ts'
import { factsOf } from './table.mjs'

const ROUNDS = 5
const FROM = Date.UTC(2026, 0, 1)
const TO = Date.UTC(2031, 0, 1)
/** What the design allows, in the unit of the row. */
const TYPICAL_NEXT = 5
const COMPILE_ALL = 1_000

const TYPICAL = [
  ['*/15 * * * *', 'UTC'],
  ['0 * * * *', 'America/New_York'],
  ['30 2 * * *', 'Europe/Berlin'],
  ['0 9 * * 1-5', 'Europe/London'],
  ['*/15 9-17 * * 1-5', 'America/New_York'],
  ['0 0 1 * *', 'Asia/Kolkata'],
  ['0 0 L * *', 'Europe/Paris'],
  ['0 9 * * 1#2', 'Australia/Sydney'],
  ['*/10 * * * * *', 'Europe/London'],
]
const SPARSE = [
  ['0 0 29 2 *', 'Europe/Berlin'],
  ['0 0 */31 1,7 1', 'America/New_York'],
  ['0 0 */29 2 1', 'UTC'],
]

const rows = [
  ...TYPICAL.map(([text, zone]) => nextRow(text, zone, TYPICAL_NEXT)),
  ...SPARSE.map(([text, zone]) => nextRow(text, zone)),
  row('previous: 30 2 * * * Europe/Berlin', 'µs', TYPICAL_NEXT, () =>
    walked('30 2 * * *', 'Europe/Berlin', previousTick, TO),
  ),
  row('next, from random instants: 30 2 * * * Europe/Berlin', 'µs', TYPICAL_NEXT, scattered),
  row('compile 10,000 schedules in 60 zones, first time', 'ms', COMPILE_ALL, compileAll),
  row('describe 10,000 schedules', 'ms', undefined, describeAll),
  row('lint 1,000 schedules in 60 zones', 'ms', undefined, lintAll),
]
print()

/** A row: the median of all rounds, and of a compilation the first, which fills what later ones share. */
function row(label, unit, limit, measure) {
  const figures = Array.from({ length: ROUNDS }, measure)
  const figure = /first time/.test(label) ? figures[0] : figures.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)]
  return { label, unit, figure, limit }
}

function nextRow(text, zone, limit) {
  return row(`next: ${text} ${zone}`, 'µs', limit, () => walked(text, zone, nextTick, FROM))
}

/** Microseconds a tick, over five years again and again. */
function walked(text, zone, step, from) {
  const timing = compileTiming(text, zone, { seed: 'bench' })
  const count = 100_000
  let at = from
  const started = performance.now()
  for (let i = 0; i < count; i++) {
    const tick = step(timing, at)
    at = tick === null || tick < FROM || tick > TO ? from : tick
  }
  return ((performance.now() - started) / count) * 1_000
}

/** Asked here and there within five years, as of 10,000 schedules: no answer follows another. */
function scattered() {
  const timing = compileTiming('30 2 * * *', 'Europe/Berlin', { seed: 'bench' })
  const count = 100_000
  const started = performance.now()
  for (let i = 0; i < count; i++) nextTick(timing, FROM + ((i * 7_919_000_003) % (TO - FROM)))
  return ((performance.now() - started) / count) * 1_000
}

function texts(count) {
  const zones = Intl.supportedValuesOf('timeZone').filter((_, i) => i % 7 === 0)
  return Array.from({ length: count }, (_, i) => ({
    text: `${i % 60} ${i % 24} * * ${i % 7}`,
    zone: zones[i % zones.length],
    seed: `${i}`,
  }))
}

function compileAll() {
  const all = texts(10_000)
  const started = performance.now()
  for (const { text, zone, seed } of all) compileTiming(text, zone, { seed })
  return performance.now() - started
}

function describeAll() {
  const all = texts(10_000).map(({ text, zone, seed }) => compileTiming(text, zone, { seed }))
  const started = performance.now()
  for (const timing of all) describe(timing)
  return performance.now() - started
}

function lintAll() {
  const all = texts(1_000)
  const started = performance.now()
  for (const { text, zone, seed } of all) lintCron(text, zone, { seed, from: FROM })
  return performance.now() - started
}

function print() {
  const facts = factsOf({ redis: 'none', rounds: ROUNDS, quick: false })
  const size = Math.max(...rows.map(({ label }) => label.length))
  console.log(
    `The time engine. ${facts.cpu}, ${facts.system}; Node ${facts.node}, tz data ${process.versions.tz}; ${facts.date}\n`,
  )
  for (const { label, unit, figure, limit } of rows) {
    const allowed = limit === undefined ? '' : `  ${figure <= limit ? 'within' : 'ABOVE'} ${limit} ${unit}`
    console.log(`${label.padEnd(size)}  ${figure.toFixed(2).padStart(9)} ${unit}${allowed}`)
  }
  const { values } = parseArgs({ options: { json: { type: 'string' } } })
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ facts, rows }, null, 2)}\n`)
  if (rows.some(({ figure, limit }) => limit !== undefined && figure > limit)) process.exitCode = 1
}
