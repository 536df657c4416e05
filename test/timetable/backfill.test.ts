import assert from 'node:assert/strict'
import { test } from 'node:test'
import { queueKeys } from '../../src/store/keys.ts'
import type { Store } from '../../src/store/store.ts'
import { duration, instant } from '../../src/time/clock.ts'
import { MINUTE, SECOND } from '../../src/time/duration.ts'
import { type BackfillRequest, backfill } from '../../src/timetable/backfill.ts'
import { skip } from '../../src/timetable/skip.ts'
import { each, openTimetable, START, type Timetable, TZ } from './timetable.ts'

const minutes = (count: number) => instant(START + count * MINUTE)

const request = (from: number, to: number, more: Partial<BackfillRequest> = {}): BackfillRequest => ({
  from: minutes(from),
  to: minutes(to),
  rate: 10,
  by: 'ada',
  tz: TZ,
  ...more,
})

/** Minutes 1 to 10: 2 and 6 were called off, the others have run. */
async function withGaps(): Promise<Timetable> {
  const timetable = await openTimetable()
  await timetable.apply(each({ policies: { limit: 8 } }))
  for (const minute of [2, 6]) await skip(timetable.store, 'nightly', { at: minutes(minute), by: 'ada', now: START })
  for (let minute = 1; minute <= 9; minute++) {
    timetable.at(minute * MINUTE)
    await timetable.fire()
  }
  return timetable
}

const filled = (timetable: Timetable) =>
  timetable.ledger().then((lines) => lines.filter((line) => line.startsWith('backfilled')))

test('a backfill makes the ticks that have not run, once, however often and by how many it is asked', async () => {
  const timetable = await withGaps()
  const { store } = timetable
  assert.deepEqual(await backfill(store, 'nightly', request(0, 9, { dryRun: true, from: minutes(1) })), {
    kind: 'would-fill',
    ticks: [minutes(2), minutes(6)],
    more: false,
  })
  assert.deepEqual(await filled(timetable), [])
  const both = await Promise.all([1, 2].map(() => backfill(store, 'nightly', request(1, 9))))
  assert.deepEqual(both.flatMap((each) => (each.kind === 'filled' ? each.ticks : [])).sort(), [minutes(2), minutes(6)])
  assert.deepEqual(await backfill(store, 'nightly', request(1, 9)), { kind: 'filled', ticks: [], more: false })
  assert.equal((await timetable.stands()).counted, 7)
  assert.deepEqual((await timetable.audit()).differences, [])
})

test('what was backfilled is folded where it is neighbours only', async () => {
  const timetable = await withGaps()
  const { store } = timetable
  await backfill(store, 'nightly', request(1, 4))
  await backfill(store, 'nightly', request(5, 9))
  await store.schedules.fold(await timetable.homeOf('nightly'), { keep: 1_000, oldest: 0, tail: 0 })
  assert.deepEqual(await filled(timetable), ['backfilled 120 120 1', 'backfilled 360 360 1'])
  assert.deepEqual((await timetable.audit()).differences, [])
})

test('a backfill of an outage goes on where one was stopped', async () => {
  const timetable = await openTimetable()
  const { store } = timetable
  await timetable.apply(each({ policies: { missed: { kind: 'skip' } } }))
  timetable.at(300 * MINUTE + 30_000)
  await timetable.fire()
  let calls = 0
  const fire: Store['schedules']['fire'] = async (queue, by, draws) => {
    const drawn = await store.schedules.fire(queue, by, draws)
    calls += 1
    if (calls === 2) throw new Error('killed')
    return drawn
  }
  const dying = { ...store, schedules: { ...store.schedules, fire } }
  await assert.rejects(backfill(dying, 'nightly', request(1, 300)), /killed/)
  const rest = await backfill(store, 'nightly', request(1, 300))
  assert.equal(rest.kind === 'filled' && rest.ticks.length, 100)
  await store.schedules.fold(await timetable.homeOf('nightly'), { keep: 1_000, oldest: 0, tail: 0 })
  assert.deepEqual(await timetable.ledger(), ['applied 0 0 1', 'missed 60 18000 300', 'backfilled 60 18000 300'])
  assert.deepEqual((await timetable.audit()).differences, [])
})

test('what is to come, and what no ledger tells, is not backfilled unless it is forced', async () => {
  const timetable = await withGaps()
  const { store } = timetable
  assert.deepEqual(await backfill(store, 'nightly', request(1, 60)), {
    kind: 'refused',
    why: 'future',
    now: minutes(9),
  })
  const early = await backfill(store, 'nightly', request(-3, 9))
  assert.deepEqual(early, { kind: 'refused', why: 'before-ledger', knownFrom: START + 1 })
  const forced = await backfill(store, 'nightly', request(-3, 9, { force: true }))
  assert.equal(forced.kind === 'filled' && forced.ticks.length, 6)
  await store.schedules.fold(await timetable.homeOf('nightly'), { keep: 4, oldest: 0, tail: 0 })
  const dropped = await backfill(store, 'nightly', request(1, 9))
  assert.equal(dropped.kind === 'refused' && dropped.why, 'before-ledger')
  assert.deepEqual(await backfill(store, 'nothing', request(1, 2)), { kind: 'unknown' })
  await assert.rejects(
    backfill(store, 'nightly', request(1, 2, { rate: 0 })),
    /rate: expected a number of jobs a second/,
  )
  await assert.rejects(
    backfill(store, 'nightly', request(2, 1)),
    /from: expected an instant up to the end of the range \(2026-01-01T00:01:00\.000Z\), got 2026-01-01T00:02:00/,
  )
})

test('excluded ticks, and those that are not decided on yet, are not backfilled', async () => {
  const timetable = await openTimetable()
  const dates = [{ name: 'holidays', dates: ['2026-01-01'], weekly: [] }]
  await timetable.apply(each({ policies: { exclude: dates } }))
  timetable.at(5 * MINUTE)
  await timetable.fire()
  timetable.at(10 * MINUTE)
  assert.deepEqual(await backfill(timetable.store, 'nightly', request(1, 10)), {
    kind: 'filled',
    ticks: [],
    more: false,
  })
})

test('the ticks of the present definition are made where another was in force and had none there', async () => {
  const timetable = await openTimetable()
  await timetable.apply(each({ timing: { kind: 'cron', cron: ['*/2 * * * *'] } }))
  for (const minute of [2, 4, 6]) {
    timetable.at(minute * MINUTE)
    await timetable.fire()
  }
  await timetable.apply(each())
  const answer = await backfill(timetable.store, 'nightly', request(1, 6))
  assert.deepEqual(answer.kind === 'filled' && answer.ticks, [1, 3, 5].map(minutes))
  await timetable.store.schedules.fold(await timetable.homeOf('nightly'), { keep: 1_000, oldest: 0, tail: 0 })
  assert.deepEqual((await timetable.audit()).differences, [])
  assert.deepEqual(await backfill(timetable.store, 'nightly', request(1, 6)), {
    kind: 'filled',
    ticks: [],
    more: false,
  })
})

test('what a fold drops of old backfills does not make the ledger begin earlier than it does', async () => {
  const timetable = await withGaps()
  const { store } = timetable
  const home = await timetable.homeOf('nightly')
  await backfill(store, 'nightly', request(1, 2))
  timetable.at(10 * MINUTE)
  await timetable.fire()
  await store.schedules.fold(home, { keep: 3, oldest: 0, tail: 100 })
  assert.deepEqual(await timetable.ledger(), ['backfilled 120 120 1', 'fired 600 600 1', 'limit 600 600 1'])
  await store.schedules.fold(home, { keep: 2, oldest: 0, tail: 100 })
  assert.equal((await timetable.stands()).dropped, minutes(9))
  assert.deepEqual((await timetable.audit()).differences, [])
})

test('a ledger that was deleted says nothing of before, and is refused without a crash', async () => {
  const timetable = await withGaps()
  const { id, queue } = await timetable.homeOf('nightly')
  await timetable.connection.command('DEL', `${queueKeys(timetable.prefix, queue).ledgers}${id}`)
  const answer = await backfill(timetable.store, 'nightly', request(1, 9))
  assert.deepEqual(answer, { kind: 'refused', why: 'before-ledger', knownFrom: (await timetable.stands()).nextAt })
})

test('a backfill that is forced far back goes so far in one call, and says that more are left', async () => {
  const timetable = await openTimetable()
  await timetable.apply(each({ timing: { kind: 'every', every: duration(SECOND), offset: duration(0) } }))
  const answer = await backfill(timetable.store, 'nightly', request(-10_000, 0, { force: true, dryRun: true }))
  assert.ok(answer.kind === 'would-fill')
  assert.deepEqual([answer.ticks.length, answer.more], [100_000, true])
})
