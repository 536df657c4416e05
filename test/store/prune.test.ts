import assert from 'node:assert/strict'
import { test } from 'node:test'
import { duration } from '../../src/time/clock.ts'
import { NOTHING } from './places.ts'
import { CLIENT, DAY, KEEP_NOTHING, keeping, keysOf, labels, openTestQueue } from './test-queue.ts'

const PAGE = `${CLIENT}:00000000`
test('ended jobs beyond the count go, the oldest first; those that wait in the same page stay', async () => {
  const queue = await openTestQueue()
  await queue.enqueue(['A', 'B', { label: 'C', in: 9 }, 'D'])
  for (const call of [1, 3, 5]) {
    await queue.complete('w', call + 1, (await queue.claim('w', call, { limit: 1 })).jobs, String(call))
  }
  assert.equal(await queue.keeper.prune(keeping({ ended: { count: 1, age: duration(DAY) } })), false)
  assert.deepEqual(await queue.places(), { ...NOTHING, scheduled: ['C+9'], ended: ['D'] })
  assert.deepEqual(await queue.door.get(PAGE, 0), { kind: 'none' })
})

test('ended jobs of a certain age go, however few they are', async () => {
  const queue = await openTestQueue()
  await queue.enqueue(['A', 'B'])
  await queue.complete('w', 2, (await queue.claim('w', 1, { limit: 1 })).jobs, '1')
  queue.at(500)
  await queue.door.cancel(PAGE, 1)
  queue.at(999)
  await queue.keeper.prune(keeping({ ended: { count: 10, age: duration(1_000) } }))
  assert.deepEqual(await queue.places(), { ...NOTHING, ended: ['A', 'B'] })
  queue.at(1_000)
  await queue.keeper.prune(keeping({ ended: { count: 10, age: duration(1_000) } }))
  assert.deepEqual(await queue.places(), { ...NOTHING, ended: ['B'] })
})

test('prune works in bounded portions and says that there is more', async () => {
  const queue = await openTestQueue()
  for (const from of [0, 200, 400]) await queue.enqueue(labels('j', 200, from))
  for (const call of [1, 3, 5]) {
    await queue.complete('w', call + 1, (await queue.claim('w', call, { limit: 200 })).jobs, String(call))
  }
  const left: number[] = []
  while (await queue.keeper.prune(KEEP_NOTHING)) left.push((await queue.places()).ended.length)
  assert.deepEqual(left, [350, 100])
  assert.deepEqual(await queue.places(), NOTHING)
})

test('nothing of a queue is left in Redis when all its jobs are gone, but numbers and totals', async () => {
  const queue = await openTestQueue()
  await queue.enqueue([
    ...labels('j', 70),
    { label: 'x'.repeat(5_000) },
    { label: 'O', own: 'o' },
    { label: 'later', in: 5 },
  ])
  const { jobs } = await queue.claim('w', 1)
  await queue.complete('w', 2, jobs.slice(0, 40))
  await queue.bury('w', 3, jobs.slice(40), '1')
  await queue.door.cancel(`${CLIENT}:00000001`, 8)
  queue.at(15_001)
  await queue.keeper.reclaim(3)
  await queue.keeper.promote('s')
  await queue.keeper.prune(KEEP_NOTHING)
  await queue.keeper.prune(KEEP_NOTHING)
  assert.deepEqual(await queue.places(), NOTHING)
  const left = (await keysOf(queue)).filter((key) => key.includes('{mail}:'))
  assert.deepEqual(left.map((key) => key.replace(/^.*}:/, '')).sort(), [
    'alarm',
    'clients',
    'counts',
    'keeper',
    'turned',
  ])
})
