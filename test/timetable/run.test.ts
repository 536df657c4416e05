import assert from 'node:assert/strict'
import { test } from 'node:test'
import { placeOf } from '../../src/job/id.ts'
import type { Json } from '../../src/job/json.ts'
import { instant } from '../../src/time/clock.ts'
import { MINUTE, SECOND } from '../../src/time/duration.ts'
import { backfill } from '../../src/timetable/backfill.ts'
import { pause } from '../../src/timetable/pause.ts'
import { runNow } from '../../src/timetable/run.ts'
import { skip } from '../../src/timetable/skip.ts'
import { each, openTimetable, START, type Timetable, TZ } from './timetable.ts'

const asked = { by: 'ada', tz: TZ }

async function jobOf({ store }: Timetable, answer: Awaited<ReturnType<typeof runNow>>) {
  assert.ok(answer.kind === 'made')
  const { page, slot } = placeOf(answer.id)
  const found = await (await store.queue('mail')).get(page, slot)
  assert.ok(found.kind === 'job')
  return found.job
}

test('a run by hand makes a job of its own, of a paused schedule too, and shifts no tick', async () => {
  const timetable = await openTimetable()
  const { store } = timetable
  await timetable.apply(each({ timing: { kind: 'cron', cron: ['0 * * * *'] }, payload: { to: 'all', dry: false } }))
  const now = timetable.at(10 * MINUTE)
  await pause(store, 'nightly', { by: 'ada', reason: 'no', now })
  const before = await timetable.stands()
  const job = await jobOf(timetable, await runNow(store, 'nightly', { ...asked, payload: { dry: true } }))
  assert.deepEqual([job.place, JSON.parse(job.record.payload)], ['ready', { to: 'all', dry: true }])
  const tick = { schedule: 'nightly', plannedAt: now, standsFor: 1, previousAt: START }
  assert.deepEqual(job.record.extension.tick, tick)
  const after = await timetable.stands()
  assert.deepEqual([after.nextAt, after.counted, after.made], [before.nextAt, 0, 1])
  assert.equal((await timetable.ledger()).at(-1), 'by-hand 600 600 1')
  assert.deepEqual((await timetable.audit()).differences, [])
})

test('a payload that is no map replaces the one of the definition, and a wrong one makes nothing', async () => {
  const timetable = await openTimetable()
  const { store } = timetable
  await timetable.apply(each({ timing: { kind: 'manual' }, payload: { to: 'all' } }))
  const job = await jobOf(timetable, await runNow(store, 'nightly', { ...asked, payload: [1, 2] }))
  assert.deepEqual(JSON.parse(job.record.payload), [1, 2])
  const check = (name: string, payload: Json | undefined) => [`${name}: expected text, got ${JSON.stringify(payload)}`]
  assert.deepEqual(await runNow(store, 'nightly', { ...asked, check }), {
    kind: 'invalid',
    faults: ['note: expected text, got {"to":"all"}'],
  })
  assert.equal((await timetable.stands()).made, 1)
})

test('a run whose answer was lost is asked for again by its token, and is the same', async () => {
  const timetable = await openTimetable()
  const { store } = timetable
  await timetable.apply(each({ timing: { kind: 'manual' } }))
  const first = await runNow(store, 'nightly', { ...asked, token: 'call-1' })
  assert.deepEqual(await runNow(store, 'nightly', { ...asked, token: 'call-1' }), first)
  const second = await runNow(store, 'nightly', { ...asked, token: 'call-2' })
  assert.notDeepEqual(second, first)
  assert.deepEqual(await runNow(store, 'nightly', { ...asked, token: 'call-2' }), second)
  assert.equal((await timetable.stands()).made, 2)
  assert.deepEqual(await runNow(store, 'nothing', asked), { kind: 'unknown' })
})

test('ten who run it at once make ten jobs', async () => {
  const timetable = await openTimetable()
  await timetable.apply(each({ timing: { kind: 'manual' } }))
  const answers = await Promise.all(Array.from({ length: 10 }, () => runNow(timetable.store, 'nightly', asked)))
  assert.equal(new Set(answers.map((answer) => answer.kind === 'made' && answer.id)).size, 10)
  assert.deepEqual((await timetable.audit()).differences, [])
})

test('neither a run by hand nor a backfill is taken for the last tick', async () => {
  const timetable = await openTimetable()
  const { store } = timetable
  await timetable.apply(each())
  await skip(store, 'nightly', { count: 1, by: 'ada', now: timetable.now() })
  for (const minute of [1, 2]) {
    timetable.at(minute * MINUTE)
    await timetable.fire()
  }
  const before = await timetable.stands()
  timetable.at(2 * MINUTE + SECOND)
  await runNow(store, 'nightly', asked)
  const filled = instant(START + MINUTE)
  const answer = await backfill(store, 'nightly', { from: filled, to: filled, rate: 1, ...asked })
  assert.deepEqual(answer, { kind: 'filled', ticks: [filled], more: false })
  const { made, lastPlannedAt, lastFiredAt } = await timetable.stands()
  assert.deepEqual([made, lastPlannedAt, lastFiredAt], [3, START + 2 * MINUTE, START + 2 * MINUTE])
  assert.deepEqual([before.lastPlannedAt, before.lastFiredAt], [lastPlannedAt, lastFiredAt])
})
