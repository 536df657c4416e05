import assert from 'node:assert/strict'
import { test } from 'node:test'
import { placeOf } from '../../src/job/id.ts'
import { type Duration, duration, instant } from '../../src/time/clock.ts'
import { HOUR, MINUTE, SECOND } from '../../src/time/duration.ts'
import { history } from '../../src/timetable/history.ts'
import { pause, resume } from '../../src/timetable/pause.ts'
import { skip } from '../../src/timetable/skip.ts'
import { each, openTimetable, START, type Timetable, TZ } from './timetable.ts'

const by = 'ada'
const minutes = (count: number) => instant(START + count * MINUTE)

/** Each minute up to this one, with a look at each. */
async function liveUntil(timetable: Timetable, minute: number): Promise<void> {
  for (let next = Math.floor((timetable.now() - START) / MINUTE) + 1; next <= minute; next++) {
    timetable.at(next * MINUTE)
    await timetable.fire()
  }
}

async function paused(until: Duration | null = null) {
  const timetable = await openTimetable()
  await timetable.apply(each())
  await liveUntil(timetable, 2)
  const now = timetable.at(2 * MINUTE + 30 * SECOND)
  const end = until === null ? null : instant(now + until)
  const answer = await pause(timetable.store, 'nightly', { by, reason: 'invoices are wrong', now, until: end })
  return { timetable, answer, now }
}

test('ticks due in a pause are recorded as paused, and it survives an apply', async () => {
  const { timetable, answer, now } = await paused()
  assert.deepEqual(answer, {
    kind: 'paused',
    pause: { since: now, until: null, by, reason: 'invoices are wrong' },
    before: [],
  })
  await timetable.apply(each({ payload: 'other' }))
  await liveUntil(timetable, 4)
  assert.deepEqual((await timetable.ledger()).slice(-2), ['paused 180 180 1', 'paused 240 240 1'])
  assert.deepEqual((await timetable.audit()).differences, [])
})

test('a pause ends by itself, and the latest that are over are still told', async () => {
  const { timetable } = await paused(duration(MINUTE))
  await liveUntil(timetable, 4)
  assert.deepEqual((await timetable.ledger()).slice(-2), ['paused 180 180 1', 'fired 240 240 1'])
  assert.equal((await timetable.stands()).pauses.length, 1)
  for (let left = 25; left > 0; left--) {
    const now = timetable.now()
    await pause(timetable.store, 'nightly', { by, reason: `${left}`, now })
    await resume(timetable.store, 'nightly', { by, now, tz: TZ })
  }
  const { pauses } = await timetable.stands()
  assert.deepEqual([pauses.length <= 21, pauses.at(-1)?.reason], [true, '1'])
})

test('a second pause takes the place of the first, and one that ends in the past is refused', async () => {
  const { timetable, now } = await paused()
  await liveUntil(timetable, 3)
  const again = await pause(timetable.store, 'nightly', { by: 'bob', reason: 'still', now: timetable.now() })
  assert.deepEqual(again.kind === 'paused' && again.before.map((each) => each.by), [by])
  assert.deepEqual(
    (await timetable.stands()).pauses.map((each) => [each.by, each.until]),
    [
      [by, timetable.now()],
      ['bob', null],
    ],
  )
  await assert.rejects(
    pause(timetable.store, 'nightly', { by, reason: 'past', now, until: now }),
    /^InvalidTimeError: until: expected an instant after now \(2026-01-01T00:02:30\.000Z\), got 2026-01-01T00:02:30/,
  )
  assert.deepEqual(await pause(timetable.store, 'nothing', { by, reason: '', now }), { kind: 'unknown' })
})

test('a resume lets the paused ticks be unless it is told, and says when nothing is paused', async () => {
  const { timetable } = await paused()
  await liveUntil(timetable, 5)
  const now = timetable.now()
  const answer = await resume(timetable.store, 'nightly', { by, now, tz: TZ })
  assert.deepEqual(answer.kind === 'resumed' && [answer.pauses.map(({ until }) => until), answer.filled], [[now], null])
  assert.deepEqual(await resume(timetable.store, 'nightly', { by, now, tz: TZ }), { kind: 'not-paused' })
  assert.deepEqual(
    (await timetable.stands()).pauses.map(({ until }) => until),
    [now],
  )
  await liveUntil(timetable, 6)
  assert.equal((await timetable.ledger()).at(-1), 'fired 360 360 1')
})

test('a resume with once makes one job for the newest paused tick, also when no scheduler has looked yet', async () => {
  const { timetable } = await paused()
  const now = timetable.at(10 * MINUTE + SECOND)
  const answer = await resume(timetable.store, 'nightly', { by, now, tz: TZ, missed: 'once' })
  assert.deepEqual(answer.kind === 'resumed' && answer.filled, { ticks: [minutes(10)], more: false })
  const last = (await history(timetable.store, 'nightly', { count: 1, newestFirst: true }))?.entries[0]?.jobs[0]
  const { page, slot } = placeOf(last?.id)
  const found = await (await timetable.store.queue('mail')).get(page, slot)
  const tick = { schedule: 'nightly', plannedAt: minutes(10), standsFor: 8, previousAt: minutes(2) }
  assert.deepEqual(found.kind === 'job' && found.job.record.extension.tick, tick)
  assert.deepEqual((await timetable.ledger()).slice(-3), [
    'paused 180 540 7',
    'paused 600 600 1',
    'backfilled 600 600 1',
  ])
  assert.deepEqual((await timetable.audit()).differences, [])
})

test('a resume with all makes each paused tick, so many a second, and nothing else', async () => {
  const { timetable } = await paused()
  await liveUntil(timetable, 10)
  const now = timetable.now()
  await resume(timetable.store, 'nightly', { by, now, tz: TZ, missed: 'all', rate: 2 })
  assert.deepEqual(
    (await timetable.ledger()).filter((line) => line.startsWith('b')),
    [...[3, 4, 5, 6, 7, 8, 9].map((minute) => `backfilled ${minute * 60} ${minute * 60} 1`)],
  )
  const counts = await timetable.store.inspector.counts('mail')
  assert.deepEqual([counts.ready, counts.scheduled], [3, 6])
  const { next } = await timetable.store.inspector.head('mail', 10)
  assert.deepEqual(
    next.map(({ at }) => at - now),
    [500, 1_000, 1_500, 2_000, 2_500, 3_000],
  )
  assert.deepEqual((await timetable.audit()).differences, [])
})

test('ticks to come are called off, one of an instant or the next ones that would run', async () => {
  const timetable = await openTimetable()
  await timetable.apply(each())
  await liveUntil(timetable, 1)
  const { store } = timetable
  const now = timetable.now()
  assert.deepEqual(await skip(store, 'nightly', { at: minutes(3), by, now }), { kind: 'skipped', at: [minutes(3)] })
  assert.deepEqual(await skip(store, 'nightly', { count: 2, by, now }), {
    kind: 'skipped',
    at: [minutes(2), minutes(4)],
  })
  await liveUntil(timetable, 5)
  assert.deepEqual((await timetable.ledger()).slice(-4), [
    'called-off 120 120 1',
    'called-off 180 180 1',
    'called-off 240 240 1',
    'fired 300 300 1',
  ])
})

test('a tick that was decided on, or that nobody planned, cannot be called off', async () => {
  const timetable = await openTimetable()
  await timetable.apply(each())
  await liveUntil(timetable, 2)
  const { store } = timetable
  const now = timetable.now()
  assert.deepEqual(await skip(store, 'nightly', { at: minutes(2), by, now }), { kind: 'decided', at: minutes(2) })
  const between = instant(minutes(3) + SECOND)
  const [before, after] = [minutes(3), minutes(4)]
  assert.deepEqual(await skip(store, 'nightly', { at: between, by, now }), {
    kind: 'not-planned',
    at: between,
    before,
    after,
  })
  assert.deepEqual(await skip(store, 'nightly', { count: 5_000, by, now }), { kind: 'too-many', most: 1_000 })
  assert.deepEqual(await skip(store, 'nothing', { count: 1, by, now }), { kind: 'unknown' })
  assert.deepEqual((await timetable.stands()).skips, [])
})

test('a tick that a scheduler decides on while it is called off is said to be decided', async () => {
  const timetable = await openTimetable()
  await timetable.apply(each())
  const { store } = timetable
  const now = timetable.at(MINUTE)
  const amend: typeof store.schedules.amend = async (...given) => {
    await timetable.fire()
    return store.schedules.amend(...given)
  }
  const slow = { ...store, schedules: { ...store.schedules, amend } }
  assert.deepEqual(await skip(slow, 'nightly', { at: minutes(1), by, now }), { kind: 'decided', at: minutes(1) })
})

test('a paused schedule that is spread is paused by when its ticks are due', async () => {
  const timetable = await openTimetable()
  await timetable.apply(each({ timing: { kind: 'cron', cron: ['0 * * * *'] }, policies: { spread: duration(HOUR) } }))
  const due = (await timetable.stands()).dueAt ?? 0
  assert.ok(due > START + HOUR + SECOND)
  const now = timetable.at(due - SECOND - START)
  await pause(timetable.store, 'nightly', { by, reason: 'late', now })
  const end = timetable.at(due + SECOND - START)
  const answer = await resume(timetable.store, 'nightly', { by, now: end, tz: TZ, missed: 'all' })
  assert.deepEqual(answer.kind === 'resumed' && answer.filled?.ticks, [START + HOUR])
})

test('of the next ticks that are called off, one that a scheduler decides on meanwhile is made up for by another', async () => {
  const timetable = await openTimetable()
  await timetable.apply(each())
  const { store } = timetable
  const now = timetable.at(MINUTE)
  let first = true
  const amend: typeof store.schedules.amend = async (...given) => {
    if (first) await timetable.fire()
    first = false
    return store.schedules.amend(...given)
  }
  const slow = { ...store, schedules: { ...store.schedules, amend } }
  const answer = await skip(slow, 'nightly', { count: 2, by, reason: 'provider is down', now })
  assert.deepEqual(answer, { kind: 'skipped', at: [minutes(2), minutes(3)] })
  const { skips, calledOff } = await timetable.stands()
  assert.deepEqual(
    skips.filter((at) => at > minutes(1)),
    [minutes(2), minutes(3)],
  )
  assert.deepEqual(calledOff.flatMap((each) => each.at.map((at) => [at, each.by, each.reason])).slice(-2), [
    [minutes(2), by, 'provider is down'],
    [minutes(3), by, 'provider is down'],
  ])
})

test('who called off the latest ticks is kept when they are over, and goes along to another queue', async () => {
  const timetable = await openTimetable()
  await timetable.apply(each())
  const { store } = timetable
  for (let minute = 1; minute <= 25; minute++) {
    await skip(store, 'nightly', { at: minutes(minute), by: `${minute}`, now: timetable.now() })
    timetable.at(minute * MINUTE)
    await timetable.fire()
  }
  await skip(store, 'nightly', { at: minutes(99), by: 'last', now: timetable.now() })
  await timetable.apply(each({ queue: 'post' }))
  const { skips, calledOff } = await timetable.stands()
  assert.deepEqual(skips, [minutes(99)])
  assert.deepEqual([calledOff.length, calledOff.at(0)?.by, calledOff.at(-1)?.by], [21, '6', 'last'])
})
