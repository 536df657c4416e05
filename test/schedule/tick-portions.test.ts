import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { audit } from '../../src/schedule/audit.ts'
import type { CalendarText } from '../../src/schedule/calendar.ts'
import type { LedgerFate } from '../../src/schedule/ledger.ts'
import { DEFAULT_POLICIES, type MissedPolicy, type Policies } from '../../src/schedule/policies.ts'
import { dueOf, GRACE, nextPlanned, type Rule, ruleOf, windowOf } from '../../src/schedule/rule.ts'
import { planTicks, type TickStep } from '../../src/schedule/tick-plan.ts'
import { type Standing, spanFate } from '../../src/schedule/tick-spans.ts'
import { countTicks, nextTick } from '../../src/schedule/timing.ts'
import { duration, type Instant, instant } from '../../src/time/clock.ts'
import { DAY, HOUR, MINUTE } from '../../src/time/duration.ts'

const source = { file: 'schedules/x.yml', line: 1, column: 1 }
const ruleFor = (cron: readonly string[], tz: string, policies: Partial<Policies>): Rule =>
  ruleOf({
    name: 'x',
    timing: { kind: 'cron', cron },
    tz,
    job: 'j',
    enabled: true,
    source,
    policies: { ...DEFAULT_POLICIES, ...policies },
  })

const OFFICE: CalendarText = {
  name: 'office',
  dates: ['12-25', '2026-11-02..2026-11-04'],
  weekly: [
    { days: ['sat', 'sun'], from: '00:00', to: '24:00' },
    { days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '20:00', to: '08:00' },
  ],
}
const RUSH: CalendarText = {
  name: 'rush',
  dates: ['10-25'],
  weekly: [
    { days: ['sun', 'wed'], from: '01:30', to: '02:15' },
    { days: ['mon'], from: '23:45', to: '03:10' },
  ],
}

const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Africa/Casablanca', 'Asia/Kolkata']
/** Near changes of clocks, all over the world. */
const BASES = ['2026-03-07T12:00Z', '2026-03-28T12:00Z', '2026-10-03T00:00Z', '2026-10-24T20:00Z', '2026-10-31T20:00Z']
const PATTERNS: readonly (readonly string[])[] = [
  ['*/7 * * * *'],
  ['0 */5 * * *'],
  ['30 2 * * *'],
  ['30 1,2 * * *', '*/20 * * * *'],
  ['*/15 9-17 * * 1-5', '15 30 2 * * 0', '*/50 30 2 * * *'],
  ['30 */30 0-6 1,15,25 * *'],
]
const zones = fc.constantFrom(...ZONES)
const bases = fc.constantFrom(...BASES).map((text) => Date.parse(text))
const patterns = fc.constantFrom(...PATTERNS)

test('ticks are counted as they are walked, near changes of clocks too and whatever is done about them', () => {
  const dst = fc.record({
    gap: fc.constantFrom('run', 'skip'),
    overlap: fc.constantFrom('first', 'last', 'both'),
  })
  const second = fc.integer({ min: 0, max: 4 * 86_400 })
  fc.assert(
    fc.property(patterns, zones, dst, bases, second, second, (cron, zone, policy, base, a, b) => {
      const plain = ruleFor(cron, zone, {}).timing
      const isRhythmic = plain.kind === 'cron' && plain.patterns.every(({ readings }) => readings === 'rhythmic')
      const { timing } = isRhythmic ? { timing: plain } : ruleFor(cron, zone, { dst: policy })
      const [from, to] = [instant(base + Math.min(a, b) * 1_000 + 1), instant(base + Math.max(a, b) * 1_000)]
      let walked = 0
      for (let at = nextTick(timing, instant(from - 1)); at !== null && at < to; at = nextTick(timing, at)) walked += 1
      assert.equal(countTicks(timing, from, to), walked)
    }),
    { numRuns: 400 },
  )
})

/** What becomes of each tick, decided one by one: the slow and simple way. */
function decidedOneByOne(rule: Rule, standing: Standing): string[] {
  const { cursor, now } = standing
  const ticks: Instant[] = []
  for (let at: Instant | null = cursor; at !== null && dueOf(rule, at) <= now; at = nextPlanned(rule, at))
    ticks.push(at)
  const isMissed = (at: Instant): boolean => dueOf(rule, at) < now - GRACE
  const newest = ticks.filter(isMissed).at(-1)
  const within = newest === undefined ? null : windowOf(rule, newest)
  const young = (at: Instant): boolean => within === null || dueOf(rule, at) >= now - within
  const fates = new Map(ticks.map((at) => [at, spanFate(rule, standing, at)]))
  const open = ticks.filter((at) => fates.get(at) === 'open')
  const late = rule.missed.kind === 'skip' ? [] : open.filter((at) => isMissed(at) && young(at))
  const kept = rule.missed.kind === 'all' ? late.slice(-rule.missed.max) : late
  const live = open.filter((at) => !isMissed(at))
  const carrier = rule.missed.kind === 'once' && kept.length > 0 ? (live[0] ?? kept.at(-1)) : undefined
  return ticks.map((at) => {
    const fate = fates.get(at)
    if (fate !== 'open') return `${at} ${fate}`
    const isLate = isMissed(at)
    if (isLate && !kept.includes(at)) return `${at} missed`
    const count = at === carrier ? kept.length + (isLate ? 0 : 1) : 1
    return isLate && carrier !== undefined && at !== carrier
      ? `${at} coalesced into ${carrier}`
      : `${at} ${isLate ? 'late' : 'fired'} x${count}`
  })
}

/** The same by plans, each of which goes on where the one before it stopped. */
function decidedInPortions(rule: Rule, standing: Standing): string[] {
  const said: string[] = []
  const say = (step: TickStep): void => {
    if (step.kind === 'run') said.push(`${step.plannedAt} ${step.fate} x${step.standsFor}`)
    else {
      let at: Instant | null = step.first
      for (let left = step.count; left > 0 && at !== null; left--, at = nextPlanned(rule, at))
        said.push(`${at} ${step.fate}${step.into === null ? '' : ` into ${step.into}`}`)
    }
  }
  for (let cursor: Instant | null = standing.cursor; cursor !== null; ) {
    const { steps, next } = planTicks(rule, { ...standing, cursor })
    if (steps.length === 0) break
    for (const step of steps) say(step)
    cursor = next
  }
  return said
}

test('whatever the zone, the calendars and the pauses, portions decide each tick as it is decided by itself', () => {
  const missed = fc.constantFrom<MissedPolicy>(
    { kind: 'skip' },
    { kind: 'once' },
    { kind: 'once', within: duration(40 * DAY) },
    { kind: 'all', max: 7 },
    { kind: 'all', max: 400, within: duration(60 * HOUR) },
  )
  const minute = fc.integer({ min: 0, max: 8_000 })
  const pause = fc.tuple(minute, fc.option(minute))
  const exclude = fc.subarray([OFFICE, RUSH])
  const spread = fc.constantFrom(undefined, duration(20 * MINUTE))
  fc.assert(
    fc.property(
      patterns,
      zones,
      bases,
      missed,
      spread,
      exclude,
      minute,
      minute,
      fc.array(pause, { maxLength: 2 }),
      (cron, zone, base, ...rest) => {
        const [policy, spreads, calendars, a, b, stops] = rest
        const more = calendars.length === 0 ? {} : { exclude: calendars }
        const rule = ruleFor(cron, zone, {
          missed: policy,
          ...more,
          ...(spreads === undefined ? {} : { spread: spreads }),
        })
        const at = (minutes: number): Instant => instant(base + minutes * MINUTE + 1_234)
        const cursor = nextPlanned(rule, at(Math.min(a, b)))
        if (cursor === null) return
        const pauses = stops.map(([since, until]) => ({
          since: at(since),
          until: until === null ? null : at(Math.max(since, until)),
        }))
        const skips = [nextPlanned(rule, at(Math.max(a, b) - 50)) ?? cursor]
        const standing: Standing = { cursor, now: at(Math.max(a, b)), pauses, skips }
        assert.deepEqual(decidedInPortions(rule, standing), decidedOneByOne(rule, standing))
      },
    ),
    { numRuns: 250 },
  )
})

test('a month of ticks each second is decided by stretches: no call asks a calendar more than a few hundred times', () => {
  const now = instant(Date.parse('2026-11-24T00:00:00.500Z'))
  const from = instant(now - 500 - 30 * DAY)
  const policies: readonly Partial<Policies>[] = [
    { missed: { kind: 'once', within: duration(30 * DAY) } },
    { missed: { kind: 'once' } },
    { missed: { kind: 'all', max: 100 } },
    { missed: { kind: 'skip' } },
  ]
  const long = [[], [{ since: from, until: null }], [{ since: from, until: instant(now - MINUTE) }]]
  for (const each of policies)
    for (const pauses of long) {
      const rule = ruleFor(['* * * * * *'], 'Europe/Berlin', { ...each, exclude: [OFFICE, RUSH] })
      let asked = 0
      const { excludes } = rule
      const counting: Rule = {
        ...rule,
        excludes: (at) => {
          asked += 1
          return excludes?.(at) ?? false
        },
      }
      let count = 0
      for (let cursor: Instant | null = from; cursor !== null && cursor <= now; ) {
        asked = 0
        const { steps, next } = planTicks(counting, { cursor, now, pauses, skips: [] })
        for (const step of steps) count += step.kind === 'run' ? 1 : step.count
        assert.ok(asked < 700, `${asked} questions in one call`)
        cursor = next
      }
      assert.equal(count, 30 * 86_400 + 1)
    }
})

test('the last of a long row of ticks that may be caught up is found without walking to it', () => {
  const now = instant(Date.parse('2026-11-24T00:00:00.500Z'))
  const rule = ruleFor(['* * * * * *'], 'UTC', { missed: { kind: 'all', max: 10 } })
  const pausedAt = instant(now - 500 - 365 * DAY)
  const standing: Standing = {
    cursor: instant(pausedAt - MINUTE),
    now,
    pauses: [{ since: pausedAt, until: null }],
    skips: [],
  }
  const { steps } = planTicks(rule, standing)
  assert.deepEqual(
    steps.map((step) => (step.kind === 'run' ? step.fate : `${step.fate} ${step.count}`)),
    [
      'missed 50',
      ...Array.from({ length: 10 }, () => 'late'),
      `paused ${365 * 86_400 + 1 - 10}`,
      ...Array.from({ length: 10 }, () => 'paused 1'),
    ],
  )
})

test('an audit looks at each tick of a run, not at its ends only: what a calendar excludes among them is told', () => {
  const ruling = { version: '1', rule: ruleFor(['0 12 * * *'], 'UTC', { exclude: [OFFICE] }), limit: null }
  const entry = (fate: LedgerFate, first: string, last: string, count: number) => ({
    ruling,
    entry: {
      fate,
      first: instant(Date.parse(first)),
      last: instant(Date.parse(last)),
      count,
      at: null,
      lateness: duration(0),
      job: null,
      into: null,
      context: 1,
      decidedBy: null,
    },
  })
  const nextAt = instant(Date.parse('2026-11-18T12:00Z'))
  const differences = (...decided: readonly ReturnType<typeof entry>[]) =>
    audit({
      entries: [entry('applied', '2026-11-12T00:00Z', '2026-11-12T00:00Z', 1), ...decided],
      stands: { ruling, nextAt, made: 0, counted: 0, sameTz: true },
      droppedUntil: null,
      since: instant(0),
      now: instant(nextAt - 1),
    }).differences.map(({ kind, count }) => `${kind} ${count}`)
  const weekend = entry('excluded', '2026-11-14T12:00Z', '2026-11-15T12:00Z', 2)
  const [before, after] = [
    entry('paused', '2026-11-12T12:00Z', '2026-11-13T12:00Z', 2),
    entry('paused', '2026-11-16T12:00Z', '2026-11-17T12:00Z', 2),
  ]
  assert.deepEqual(differences(before, weekend, after), [])
  assert.deepEqual(differences(entry('paused', '2026-11-12T12:00Z', '2026-11-17T12:00Z', 6)), ['unexpected 6'])
  assert.deepEqual(differences(entry('excluded', '2026-11-12T12:00Z', '2026-11-17T12:00Z', 6)), ['missing 6'])
})
