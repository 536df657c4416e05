import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defineJob } from '../../src/job/definition.ts'
import type { OverlapPolicy } from '../../src/schedule/policies.ts'
import { duration } from '../../src/time/clock.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../src/time/duration.ts'
import { history } from '../../src/timetable/history.ts'
import { openWorld } from './world.ts'

const note = defineJob({ name: 'note', queue: 'mail' })

/** A schedule in queue mail, and a worker that has as long as a test wants for each of its runs. */
async function hourly(overlap: OverlapPolicy, lease = 30 * DAY) {
  const world = await openWorld('2026-01-01T00:00:00Z')
  const began: string[] = []
  let takes = 0
  const handler = note.handle(async (_, { tick }) => {
    began.push(
      `${tick?.plannedAt.toISOString().slice(11, 16)} at ${new Date(world.clock.now()).toISOString().slice(11, 16)}`,
    )
    await world.clock.sleep(duration(takes))
  })
  const worker = world.worker([handler], { lease: duration(lease) })
  const scheduler = world.scheduler()
  const feed = (queue: string) =>
    world.client.schedules.upsert('hourly', { job: 'note', queue, cron: '0 * * * *', overlap })
  /** Lets the scheduler look; with work the worker too. */
  const live = async (time: number, works: boolean, step: number = MINUTE): Promise<void> => {
    for (let passed = 0; passed < time; passed += step) {
      await world.pass(step)
      for (let turn = 0; turn < 4; turn++) {
        for (let rest = 0, left = 30; rest === 0 && left > 0; left--) rest = await scheduler.tick()
        if (!works) continue
        for (const queue of ['mail', 'post']) worker.hear(`ready ${queue}`)
        await worker.tick()
      }
    }
  }
  const told = async () =>
    ((await history(world.store, 'hourly', { count: 100, newestFirst: false }))?.entries ?? []).map(
      ({ words, first, jobs, blockedBy }) => {
        const states = [...jobs, ...(blockedBy === null ? [] : [blockedBy])].map(({ state }) => state)
        return [words, new Date(first).toISOString().slice(11, 16), ...states].join(' ')
      },
    )
  await feed('mail')
  return { world, began, feed, live, told, take: (time: number) => (takes = time) }
}

test('skip: a run that goes on in the queue before the move keeps each tick from running, until it has ended', async () => {
  const { began, feed, live, told, take } = await hourly('skip')
  take(2 * HOUR + 30 * MINUTE)
  await live(HOUR, true)
  await feed('post')
  await live(2 * HOUR, true)
  assert.deepEqual((await told()).slice(-2), ['skipped: overlap 02:00 active', 'skipped: overlap 03:00 active'])
  take(0)
  await live(HOUR, true)
  assert.deepEqual(began, ['01:00 at 01:00', '04:00 at 04:00'])
  assert.equal((await told()).at(-1), 'fired 04:00 completed')
})

test('queue-one: one run waits in the new queue behind the one in the old, and begins when that has ended', async () => {
  const { world, began, feed, live, told, take } = await hourly('queue-one')
  take(2 * HOUR + 30 * MINUTE)
  await live(HOUR, true)
  await feed('post')
  await live(2 * HOUR, true)
  assert.deepEqual((await told()).slice(-2), ['fired 02:00 held', 'skipped: overlap 03:00 active'])
  assert.equal((await world.store.inspector.counts('post')).held, 1)
  take(0)
  await live(40 * MINUTE, true)
  assert.deepEqual(began, ['01:00 at 01:00', '02:00 at 03:30'])
  await live(HOUR, true)
  assert.equal((await told()).at(-1), 'fired 04:00 completed')
})

test('cancel-previous: what waits in the old queue is cancelled, and a run that goes on there is waited for', async () => {
  const waiting = await hourly('cancel-previous')
  await waiting.live(HOUR, false)
  await waiting.feed('post')
  await waiting.live(HOUR + MINUTE, false)
  assert.deepEqual(
    (await waiting.told()).filter((line) => line.startsWith('fired')),
    ['fired 01:00 cancelled', 'fired 02:00 ready'],
  )
  const busy = await hourly('cancel-previous')
  busy.take(2 * HOUR + 30 * MINUTE)
  await busy.live(HOUR, true)
  await busy.feed('post')
  await busy.live(2 * HOUR, true)
  busy.take(0)
  await busy.live(HOUR, true)
  assert.deepEqual(busy.began, ['01:00 at 01:00', '03:00 at 03:30', '04:00 at 04:00'])
})

test('a schedule that comes back to its queue sees the run that it left there, and those of every queue between', async () => {
  const { began, feed, live, told, take } = await hourly('skip')
  take(3 * HOUR + 30 * MINUTE)
  await live(HOUR, true)
  await feed('post')
  await feed('mail')
  await live(HOUR, true)
  assert.equal((await told()).at(-1), 'skipped: overlap 02:00 active')
  await feed('post')
  await feed('letters')
  await live(2 * HOUR, true)
  assert.deepEqual((await told()).slice(-2), ['skipped: overlap 03:00 active', 'skipped: overlap 04:00 active'])
  take(0)
  await live(HOUR, true)
  assert.deepEqual((await told()).slice(-1), ['fired 05:00 completed'])
  assert.deepEqual(began, ['01:00 at 01:00', '05:00 at 05:00'])
})

test('a schedule without an overlap policy moves and runs on', async () => {
  const { began, feed, live, take } = await hourly('allow')
  take(5 * HOUR)
  await live(HOUR, true)
  await feed('post')
  await live(HOUR + SECOND, true)
  assert.deepEqual(began, ['01:00 at 01:00', '02:00 at 02:00'])
})

test('a run that waits behind one in another queue begins also after its schedule was removed', async () => {
  const { world, began, feed, live, take } = await hourly('queue-one')
  take(2 * HOUR)
  await live(HOUR, true)
  await feed('post')
  await live(HOUR, true)
  await world.client.schedules.remove('hourly', { pending: 'keep' })
  take(0)
  await live(2 * HOUR, true)
  assert.deepEqual(began, ['01:00 at 01:00', '02:00 at 03:00'])
})

test('skip: a run in the old queue that ends a second before a tick is due does not keep that from running', async () => {
  const { began, feed, live, take } = await hourly('skip', HOUR)
  take(HOUR - 2 * SECOND)
  await live(HOUR, true)
  await feed('post')
  await live(HOUR - MINUTE, true)
  take(0)
  await live(MINUTE, true, SECOND)
  assert.deepEqual(began, ['01:00 at 01:00', '02:00 at 02:00'])
})
