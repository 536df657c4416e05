import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compileCron, next, previous } from '../../src/schedule/cron.ts'
import { compileEvery } from '../../src/schedule/every.ts'
import { countTicks, nextTick, previousTick, type Timing } from '../../src/schedule/timing.ts'
import { duration, instant } from '../../src/time/clock.ts'
import { EXPRESSIONS } from './oracle-expressions.ts'
import { random } from './zones.ts'

const ZONES = [
  'UTC',
  'Asia/Kolkata',
  'America/New_York',
  'Europe/London',
  'Europe/Berlin',
  'Australia/Lord_Howe',
  'Asia/Beirut',
  'Pacific/Apia',
  'America/Santiago',
]

const item = (least: number, most: number): fc.Arbitrary<string> =>
  fc.oneof(
    fc.constant('*'),
    fc.integer({ min: least, max: most }).map(String),
    fc.tuple(fc.integer({ min: least, max: most }), fc.integer({ min: least, max: most })).map(([a, b]) => `${a}-${b}`),
    fc.integer({ min: 1, max: most }).map((step) => `*/${step}`),
    fc.constant('H'),
  )

const field = (least: number, most: number): fc.Arbitrary<string> =>
  fc.array(item(least, most), { minLength: 1, maxLength: 2 }).map((items) => items.join(','))

const expression = fc
  .tuple(
    field(0, 59),
    field(0, 23),
    field(1, 28),
    fc.constantFrom('*', '*/2', '3-11', '10'),
    fc.oneof(fc.constant('*'), field(0, 6)),
  )
  .map((fields) => fields.join(' '))

const timing: fc.Arbitrary<Timing> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .tuple(expression, fc.constantFrom(...ZONES), fc.string())
      .map(([text, zone, seed]): Timing => compileCron(text, zone, { seed })),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.integer({ min: 1_000, max: 1e9 }), fc.integer({ min: 0, max: 999 }))
      .map(([every, offset]): Timing => compileEvery({ every: duration(every), offset: duration(offset) })),
  },
)

const moment = fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2031, 0, 1) }).map(instant)

/** Compiles so that a failure prints its seed; fast-check names seed and path in the error it throws. */
const holds = (predicate: (timing: Timing, at: ReturnType<typeof instant>) => void, runs: number): void => {
  fc.assert(fc.property(timing, moment, predicate), { numRuns: runs })
}

test('next and previous are each other’s mirror', () => {
  holds((subject, at) => {
    const ahead = nextTick(subject, at)
    const behind = previousTick(subject, at)
    if (ahead === null || behind === null) return
    assert.ok(ahead > at && behind < at)
    assert.ok((nextTick(subject, behind) ?? 0) >= at)
    assert.ok((previousTick(subject, ahead) ?? 0) <= at)
    assert.equal(nextTick(subject, instant(ahead - 1)), ahead)
    assert.equal(previousTick(subject, instant(behind + 1)), behind)
  }, 1_500)
})

test('from wherever it is asked, next tells the same sequence', () => {
  holds((subject, at) => {
    const sequence: number[] = []
    for (let tick = nextTick(subject, at); tick !== null && sequence.length < 30; tick = nextTick(subject, tick))
      sequence.push(tick)
    const [first = at, last = at] = [sequence[0], sequence.at(-1)]
    for (let i = 0; i < 10; i++) {
      const asked = Math.floor(first + ((last - first) * i) / 10)
      assert.equal(
        nextTick(subject, instant(asked)),
        sequence.find((tick) => tick > asked),
      )
    }
  }, 300)
})

test('ticks counted by the day are the ticks counted one by one', () => {
  holds((subject, at) => {
    const to = instant(at + 200 * 86_400_000)
    let count = 0
    let end = to
    for (let tick = nextTick(subject, instant(at - 1)); tick !== null && tick < to; tick = nextTick(subject, tick)) {
      if (count === 5_000) end = tick
      if (count === 5_000) break
      count += 1
    }
    assert.equal(countTicks(subject, at, end), count)
  }, 200)
})

test('asked from 1,000 random instants, next and previous tell one and the same sequence', () => {
  const draw = random(1_000)
  for (const zone of ZONES) {
    for (let k = 0; k < 8; k++) {
      const text = EXPRESSIONS[Math.floor(draw() * EXPRESSIONS.length)] ?? '30 2 * * *'
      const cron = compileCron(text, zone, { seed: '' })
      const [from, most] = [Date.UTC(2026, 0, 1), 2_000]
      const sequence: number[] = []
      for (let at = next(cron, instant(from)); at !== null && sequence.length < most; at = next(cron, at))
        sequence.push(at)
      const span = Math.min((sequence.at(-1) ?? from) - from, 1_200 * 86_400_000)
      for (let i = 0; i < 1_000; i++) {
        const asked = instant(from + Math.floor(draw() * span))
        const ahead = sequence.findIndex((tick) => tick > asked)
        assert.equal(next(cron, asked), sequence[ahead], `${text} ${zone} from ${new Date(asked).toISOString()}`)
        const behind = sequence[ahead - 1] === asked ? ahead - 2 : ahead - 1
        if (behind >= 0) assert.equal(previous(cron, asked), sequence[behind], `${text} ${zone} before ${asked}`)
      }
    }
  }
})
