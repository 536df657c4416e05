import assert from 'node:assert/strict'
import { test } from 'node:test'
import { instant } from '../../src/time/clock.ts'
import { MINUTE } from '../../src/time/duration.ts'
import { putInForce } from '../../src/timetable/apply.ts'
import { history } from '../../src/timetable/history.ts'
import { pause } from '../../src/timetable/pause.ts'
import { runNow } from '../../src/timetable/run.ts'
import { each, openTimetable, START, TZ } from './timetable.ts'

/** A schedule that goes on in another queue, while its name still leads to the queue that it left. */
async function halfMoved() {
  const timetable = await openTimetable()
  await timetable.apply(each())
  timetable.at(MINUTE)
  await timetable.fire()
  const { store, hand } = timetable
  const rehome: typeof store.schedules.rehome = (name, from, to) =>
    from === null ? store.schedules.rehome(name, from, to) : Promise.reject(new Error('killed'))
  const dying = { ...store, schedules: { ...store.schedules, rehome } }
  await assert.rejects(putInForce({ ...hand, store: dying }, each({ queue: 'post' }), 'file'), /killed/)
  assert.equal((await timetable.homeOf('nightly')).queue, 'mail')
  return timetable
}

test('a schedule whose move to another queue was broken off at its end is found where it goes on', async () => {
  const timetable = await halfMoved()
  const { store } = timetable
  timetable.at(3 * MINUTE)
  await timetable.fire('post')
  const audited = await timetable.audit()
  assert.deepEqual([audited.home.queue, audited.inForce, audited.expected, audited.differences], ['post', true, 3, []])
  const page = await history(store, 'nightly', { count: 1, newestFirst: true })
  assert.deepEqual(
    page?.entries.map(({ first, queue }) => [first, queue]),
    [[START + 3 * MINUTE, 'post']],
  )
  assert.equal((await runNow(store, 'nightly', { by: 'ada', tz: TZ })).kind, 'made')
  const now = instant(START + 3 * MINUTE)
  assert.equal((await pause(store, 'nightly', { by: 'ada', reason: 'no', now })).kind, 'paused')
  assert.equal((await timetable.stands()).pauses.length, 0, 'the queue that it left is not told')
})
