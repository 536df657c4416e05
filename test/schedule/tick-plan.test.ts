import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compileCron } from '../../src/schedule/cron.ts'
import { compileEvery } from '../../src/schedule/every.ts'
import type { MissedPolicy } from '../../src/schedule/policies.ts'
import { dueOf, nextPlanned, type Rule } from '../../src/schedule/rule.ts'
import { planTicks, type TickStep } from '../../src/schedule/tick-plan.ts'
import { type Standing, spanFate } from '../../src/schedule/tick-spans.ts'
import { duration, type Instant, instant } from '../../src/time/clock.ts'

const at = (text: string): Instant => instant(Date.parse(text))
const HOUR = 3_600_000

const rule = (cron: string, more: Partial<Rule> = {}): Rule => ({
  timing: compileCron(cron, 'UTC', { seed: '' }),
  starts: null,
  ends: null,
  spread: null,
  excludes: null,
  steadyUntil: () => instant(Infinity),
  missed: { kind: 'once' },
  deadline: null,
  ...more,
})

const standing = (cursor: string, now: string, more: Partial<Standing> = {}): Standing => ({
  cursor: at(cursor),
  now: at(now),
  pauses: [],
  skips: [],
  ...more,
})

/** A step as words: fate, hour and minute, and what it stands for or is coalesced into. */
function said(step: TickStep): string {
  const clock = (when: number): string => new Date(when).toISOString().slice(5, 16).replace('T', ' ')
  if (step.kind === 'run') return `${step.fate} ${clock(step.plannedAt)} x${step.standsFor}`
  const span = step.count === 1 ? clock(step.first) : `${clock(step.first)}..${clock(step.last)} (${step.count})`
  return `${step.fate} ${span}${step.into === null ? '' : ` into ${clock(step.into)}`}`
}

const plan = (of: Rule, from: Standing) => {
  const { steps, next } = planTicks(of, from)
  return { steps: steps.map(said), next }
}

test('nothing is decided before a tick is due', () => {
  const from = standing('2026-11-24T03:00Z', '2026-11-24T02:59:59.999Z')
  assert.deepEqual(plan(rule('0 3 * * *'), from), { steps: [], next: at('2026-11-24T03:00Z') })
})

test('a tick that is due fires and stands for itself, and knows the tick before it', () => {
  const { steps, next } = planTicks(rule('0 3 * * *'), standing('2026-11-24T03:00Z', '2026-11-24T03:00Z'))
  const plannedAt = at('2026-11-24T03:00Z')
  const run = { kind: 'run', fate: 'fired', plannedAt, dueAt: plannedAt, standsFor: 1, after: 0 }
  assert.deepEqual(steps, [{ ...run, previousAt: at('2026-11-23T03:00Z') }])
  assert.equal(next, at('2026-11-25T03:00Z'))
})

test('ticks seen within ten seconds are live and fire one by one', () => {
  const { steps } = planTicks(rule('* * * * * *'), standing('2026-11-24T03:00:00Z', '2026-11-24T03:00:10Z'))
  assert.equal(steps.length, 11)
  assert.ok(steps.every((step) => step.kind === 'run' && step.standsFor === 1 && step.fate === 'fired'))
})

test('a night of downtime gives one late run that stands for all', () => {
  assert.deepEqual(plan(rule('0 * * * *'), standing('2026-11-24T00:00Z', '2026-11-24T06:30Z')), {
    steps: ['coalesced 11-24 00:00..11-24 05:00 (6) into 11-24 06:00', 'late 11-24 06:00 x7'],
    next: at('2026-11-24T07:00Z'),
  })
})

test('missed ticks are coalesced into the live tick of the same turn', () => {
  assert.deepEqual(plan(rule('0 * * * *'), standing('2026-11-24T04:00Z', '2026-11-24T06:00:02Z')).steps, [
    'coalesced 11-24 04:00..11-24 05:00 (2) into 11-24 06:00',
    'fired 11-24 06:00 x3',
  ])
})

test('what was missed before the window is said to be', () => {
  assert.deepEqual(plan(rule('0 3 * * *'), standing('2026-11-20T03:00Z', '2026-11-24T02:00Z')).steps, [
    'missed 11-20 03:00..11-22 03:00 (3)',
    'late 11-23 03:00 x1',
  ])
})

test('a monthly run missed at the weekend still runs on Monday', () => {
  assert.deepEqual(plan(rule('0 6 1 * *'), standing('2026-08-01T06:00Z', '2026-08-03T09:00Z')).steps, [
    'late 08-01 06:00 x1',
  ])
})

test('forty minutes of outage, with each policy for what was missed', () => {
  const from = standing('2026-11-24T03:00Z', '2026-11-24T03:40:30Z')
  const missed = (policy: MissedPolicy) => plan(rule('*/10 * * * *', { missed: policy }), from).steps
  assert.deepEqual(missed({ kind: 'skip' }), ['missed 11-24 03:00..11-24 03:40 (5)'])
  assert.deepEqual(missed({ kind: 'once' }), [
    'coalesced 11-24 03:00..11-24 03:30 (4) into 11-24 03:40',
    'late 11-24 03:40 x5',
  ])
  assert.deepEqual(missed({ kind: 'once', within: duration(15 * 60_000) }), [
    'missed 11-24 03:00..11-24 03:20 (3)',
    'coalesced 11-24 03:30 into 11-24 03:40',
    'late 11-24 03:40 x2',
  ])
  assert.deepEqual(missed({ kind: 'all', max: 2 }), [
    'missed 11-24 03:00..11-24 03:20 (3)',
    'late 11-24 03:30 x1',
    'late 11-24 03:40 x1',
  ])
})

test('what is caught up is spaced, the live tick beside it is not', () => {
  const { steps } = planTicks(
    rule('* * * * *', { missed: { kind: 'all', max: 10 } }),
    standing('2026-11-24T03:00Z', '2026-11-24T03:03Z'),
  )
  assert.deepEqual(
    steps.map((step) => step.kind === 'run' && [step.fate, step.after]),
    [
      ['late', 0],
      ['late', 100],
      ['late', 200],
      ['fired', 0],
    ],
  )
})

test('each tick has the first reason that applies: excluded, paused, called off, missed', () => {
  const noon = at('2026-11-24T12:00Z')
  const from = standing('2026-11-24T09:00Z', '2026-11-24T15:00:01Z', {
    pauses: [{ since: at('2026-11-24T10:00Z'), until: at('2026-11-24T13:00Z') }],
    skips: [at('2026-11-24T13:00Z')],
  })
  const of = rule('0 * * * *', {
    excludes: (planned) => planned === noon,
    steadyUntil: (planned) => instant(planned + 1),
  })
  assert.deepEqual(plan(of, from).steps, [
    'coalesced 11-24 09:00 into 11-24 15:00',
    'paused 11-24 10:00..11-24 11:00 (2)',
    'excluded 11-24 12:00',
    'called-off 11-24 13:00',
    'coalesced 11-24 14:00 into 11-24 15:00',
    'fired 11-24 15:00 x3',
  ])
  assert.deepEqual(
    plan({ ...of, excludes: null, steadyUntil: () => instant(Infinity) }, from).steps.slice(1, 3),
    ['paused 11-24 10:00..11-24 12:00 (3)', 'called-off 11-24 13:00'],
    'counted as one stretch instead of tick by tick, with the same result',
  )
})

test('a spread puts off when a tick is due, never its name or its order', () => {
  const spread = { most: duration(10 * 60_000), share: 0.5 }
  const of = rule('0 * * * *', { spread })
  assert.deepEqual(plan(of, standing('2026-11-24T03:00Z', '2026-11-24T03:04:59Z')).steps, [])
  const { steps } = planTicks(of, standing('2026-11-24T03:00Z', '2026-11-24T03:05Z'))
  assert.equal(steps[0]?.kind === 'run' && steps[0].dueAt, at('2026-11-24T03:05Z'))
  assert.equal(dueOf(rule('* * * * *', { spread }), at('2026-11-24T03:00Z')), at('2026-11-24T03:00:30Z'))
})

test('the ticks of a definition that ends are decided on, due or not', () => {
  const of = rule('0 * * * *', { spread: { most: duration(HOUR), share: 0.9 } })
  const from = standing('2026-11-24T03:00Z', '2026-11-24T03:10Z', { until: at('2026-11-24T03:10Z') })
  const { steps, next } = planTicks(of, from)
  assert.deepEqual([steps.map(said), next], [['fired 11-24 03:00 x1'], at('2026-11-24T04:00Z')])
})

test('nothing is planned before starts and after ends, both included', () => {
  const of = rule('0 * * * *', { starts: at('2026-11-24T03:00Z'), ends: at('2026-11-24T05:00Z') })
  assert.equal(nextPlanned(of, instant(0)), at('2026-11-24T03:00Z'))
  assert.deepEqual(plan(of, standing('2026-11-24T05:00Z', '2026-11-24T05:00Z')), {
    steps: ['fired 11-24 05:00 x1'],
    next: null,
  })
})

test('a year of downtime is decided at once, also for a tick each second', () => {
  for (const timing of [rule('* * * * * *').timing, compileEvery({ every: duration(1_000) })]) {
    const { steps } = planTicks(rule('0 0 * * *', { timing }), standing('2025-11-24T00:00:00Z', '2026-11-24T00:00:00Z'))
    const runs = steps.filter((step) => step.kind === 'run')
    assert.deepEqual([runs.length, runs[0]?.standsFor], [11, 86_400 - 10 + 1])
    assert.equal(steps[0]?.kind === 'rest' && steps[0].count, 364 * 86_400)
  }
})

test('with a calendar a long past is looked at in turns, and nothing is left out', () => {
  const full = {
    excludes: (planned: number) => planned % HOUR === 0,
    steadyUntil: (planned: number) => instant(planned + 1),
  }
  const of = rule('* * * * *', full)
  const now = at('2026-11-24T00:00:30Z')
  let cursor: Instant | null = at('2026-11-01T00:00Z')
  let count = 0
  let turns = 0
  while (cursor !== null && cursor <= now) {
    const { steps, next } = planTicks(of, { cursor, now, pauses: [], skips: [] })
    for (const step of steps) count += step.kind === 'run' ? 1 : step.count
    turns += 1
    cursor = next
  }
  assert.deepEqual([count, turns > 1], [23 * 1_440 + 1, true])
})

test('the stored cursor is a tick even when the timing of this process has none there', () => {
  assert.deepEqual(plan(rule('0 3 * * *'), standing('2026-11-24T02:00Z', '2026-11-24T02:00:01Z')), {
    steps: ['fired 11-24 02:00 x1'],
    next: at('2026-11-24T03:00Z'),
  })
})

test('whatever the rule and the pauses, each planned tick gets one fate, in order, and what is open runs or is stood for', () => {
  const patterns = ['*/7 * * * *', '0 */5 * * *', '0 0 * * 1', '*/15 9-17 * * 1-5']
  const base = Date.parse('2026-11-20T00:00Z')
  const minute = fc.integer({ min: 0, max: 5_000 }).map((minutes) => instant(base + minutes * 60_000 + 1_234))
  const missed = fc.constantFrom<MissedPolicy>(
    { kind: 'skip' },
    { kind: 'once' },
    { kind: 'once', within: duration(HOUR) },
    { kind: 'all', max: 5 },
    { kind: 'all', max: 50, within: duration(5 * HOUR) },
  )
  const spread = fc.constantFrom(null, { most: duration(20 * 60_000), share: 0.37 })
  const excluded = fc.constantFrom(null, (planned: Instant) => new Date(planned).getUTCHours() === 12)
  fc.assert(
    fc.property(
      fc.constantFrom(...patterns),
      missed,
      spread,
      excluded,
      minute,
      minute,
      minute,
      minute,
      (cron, ...rest) => {
        const [policy, spreads, excludes, from, to, since, until] = rest
        const steadyUntil = (planned: Instant): Instant =>
          instant(excludes === null ? Infinity : planned - (planned % HOUR) + HOUR)
        const of = rule(cron, { missed: policy, spread: spreads, excludes, steadyUntil })
        const first = nextPlanned(of, from)
        if (first === null) return
        const pauses = [{ since: instant(Math.min(since, until)), until: instant(Math.max(since, until)) }]
        const stands: Standing = { cursor: first, now: to, pauses, skips: [] }
        const { steps, next } = planTicks(of, stands)
        let tick: Instant | null = first
        let open = 0
        for (const step of steps) {
          assert.equal(step.kind === 'run' ? step.plannedAt : step.first, tick)
          for (let left = step.kind === 'run' ? 1 : step.count; left > 0 && tick !== null; left--) {
            const fate = spanFate(of, stands, tick)
            assert.equal(fate === 'open', step.kind === 'run' || step.fate === 'missed' || step.fate === 'coalesced')
            if (step.kind === 'run' || step.fate === 'coalesced') open += 1
            if (step.kind === 'rest' && left === 1) assert.equal(step.last, tick)
            tick = nextPlanned(of, tick)
          }
        }
        assert.equal(next, tick)
        if (next !== null && steps.length > 0) assert.ok(dueOf(of, next) > to)
        const stood = steps.reduce((sum, step) => sum + (step.kind === 'run' ? step.standsFor : 0), 0)
        assert.equal(stood, open)
      },
    ),
    { numRuns: 500 },
  )
})

test('a plan is true as long as what it calls live is not missed', () => {
  const freshFor = (cursor: string, now: string) =>
    planTicks(rule('0 * * * *'), standing(cursor, now)).freshUntil - at(now)
  assert.equal(freshFor('2026-11-24T03:00Z', '2026-11-24T03:00:04Z'), 6_000)
  assert.equal(freshFor('2026-11-24T03:00Z', '2026-11-24T03:30:00Z'), 10_000)
  assert.equal(freshFor('2026-11-24T02:00Z', '2026-11-24T03:00:10Z'), 0)
})
