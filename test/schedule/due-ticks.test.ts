import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileCron } from '../../src/schedule/cron.ts'
import { dueTicks } from '../../src/schedule/due-ticks.ts'
import { compileEvery } from '../../src/schedule/every.ts'
import { duration, type Instant, instant } from '../../src/time/clock.ts'

const at = (text: string): Instant => instant(Date.parse(text))
const cron = (text: string) => compileCron(text, 'UTC', { seed: '' })

test('nothing is due before the cursor', () => {
  assert.deepEqual(dueTicks(cron('0 3 * * *'), at('2026-11-24T03:00Z'), at('2026-11-24T02:59:59.999Z')), {
    fires: [],
    skipped: null,
    next: at('2026-11-24T03:00Z'),
  })
})

test('a tick that is due fires and stands for itself', () => {
  const due = dueTicks(cron('0 3 * * *'), at('2026-11-24T03:00Z'), at('2026-11-24T03:00Z'))
  assert.deepEqual(due.fires, [
    {
      plannedAt: at('2026-11-24T03:00Z'),
      standsFor: 1,
      previousAt: at('2026-11-23T03:00Z'),
      next: at('2026-11-25T03:00Z'),
    },
  ])
  assert.equal(due.next, at('2026-11-25T03:00Z'))
})

test('ticks seen within ten seconds are live and fire one by one', () => {
  const due = dueTicks(cron('* * * * * *'), at('2026-11-24T03:00:00Z'), at('2026-11-24T03:00:10Z'))
  assert.equal(due.fires.length, 11)
  assert.ok(due.fires.every(({ standsFor }) => standsFor === 1))
  assert.equal(due.skipped, null)
})

test('a night of downtime gives one late run that stands for all', () => {
  const due = dueTicks(cron('0 * * * *'), at('2026-11-24T00:00Z'), at('2026-11-24T06:30Z'))
  assert.deepEqual(due, {
    fires: [
      {
        plannedAt: at('2026-11-24T06:00Z'),
        standsFor: 7,
        previousAt: at('2026-11-23T23:00Z'),
        next: at('2026-11-24T07:00Z'),
      },
    ],
    skipped: null,
    next: at('2026-11-24T07:00Z'),
  })
})

test('missed ticks are coalesced into the live tick of the same turn', () => {
  const due = dueTicks(cron('0 * * * *'), at('2026-11-24T04:00Z'), at('2026-11-24T06:00:02Z'))
  assert.deepEqual(due.fires, [
    {
      plannedAt: at('2026-11-24T06:00Z'),
      standsFor: 3,
      previousAt: at('2026-11-24T03:00Z'),
      next: at('2026-11-24T07:00Z'),
    },
  ])
})

test('what was missed before the window is skipped, and said', () => {
  const due = dueTicks(cron('0 3 * * *'), at('2026-11-20T03:00Z'), at('2026-11-24T02:00Z'))
  assert.deepEqual(
    due.fires.map(({ plannedAt, standsFor }) => [plannedAt, standsFor]),
    [[at('2026-11-23T03:00Z'), 1]],
  )
  assert.deepEqual(due.skipped, {
    count: 3,
    first: at('2026-11-20T03:00Z'),
    last: at('2026-11-22T03:00Z'),
    reason: 'missed',
  })
})

test('a monthly run missed at the weekend still runs on Monday', () => {
  const due = dueTicks(cron('0 6 1 * *'), at('2026-08-01T06:00Z'), at('2026-08-03T09:00Z'))
  assert.deepEqual(
    due.fires.map(({ plannedAt }) => plannedAt),
    [at('2026-08-01T06:00Z')],
  )
})

test('a year of downtime is decided at once, also for a tick each second', () => {
  for (const timing of [cron('* * * * * *'), compileEvery({ every: duration(1_000) })]) {
    const due = dueTicks(timing, at('2025-11-24T00:00:00Z'), at('2026-11-24T00:00:00Z'))
    assert.equal(due.fires.length, 11)
    assert.equal(due.fires[0]?.standsFor, 86_400 - 10 + 1)
    assert.equal(due.skipped?.count, 364 * 86_400)
  }
})

test('the stored cursor is a tick even when the timing of this process has none there', () => {
  const due = dueTicks(cron('0 3 * * *'), at('2026-11-24T02:00Z'), at('2026-11-24T02:00:01Z'))
  assert.deepEqual(
    due.fires.map(({ plannedAt, next }) => [plannedAt, next]),
    [[at('2026-11-24T02:00Z'), at('2026-11-24T03:00Z')]],
  )
})

test('fires and skipped ticks together are all that was due', () => {
  for (const [text, from, now] of [
    ['*/7 * * * *', '2026-11-20T00:00Z', '2026-11-24T05:03:05Z'],
    ['0 0 * * 1', '2026-10-05T00:00Z', '2026-11-24T05:03:05Z'],
  ] as const) {
    const due = dueTicks(cron(text), at(from), at(now))
    let expected = 0
    for (let tick = at(from); tick <= at(now); tick = dueTicks(cron(text), tick, tick).next ?? at(now)) expected += 1
    assert.equal(
      due.fires.reduce((sum, fire) => sum + fire.standsFor, due.skipped?.count ?? 0),
      expected,
    )
  }
})
