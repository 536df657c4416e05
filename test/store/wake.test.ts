import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testRedisUrl } from '../support/redis.ts'
import { CLIENT, connectTo, openTestQueue } from './test-queue.ts'

/** A queue, and what is heard of it until a mark that is published last. */
async function openEars() {
  const queue = await openTestQueue()
  const ears = await connectTo(await testRedisUrl())
  const heard: string[] = []
  let marked = (): void => undefined
  await ears.listen(queue.store.space.keys.wakes, (_channel, message) => {
    if (message === 'mark') marked()
    else heard.push(message)
  })
  const all = async (): Promise<string[]> => {
    const mark = new Promise<void>((resolve) => {
      marked = () => resolve(undefined)
    })
    await queue.connection.command('PUBLISH', queue.keys.channel, 'mark')
    await mark
    return heard.splice(0)
  }
  return { queue, all }
}

test('workers are woken once by what becomes ready, and only when one was noted asleep', async () => {
  const { queue, all } = await openEars()
  await queue.enqueue(['A'])
  assert.deepEqual(await all(), [])
  await queue.claim('w', 1)
  await queue.claim('w', 2)
  await queue.enqueue(['B'])
  await queue.enqueue(['C'])
  assert.deepEqual(await all(), ['ready mail'])
})

test('schedulers are woken when the head moves earlier than they mean to rest', async () => {
  const { queue, all } = await openEars()
  await queue.enqueue([{ label: 'A', in: 3_000 }])
  await queue.keeper.promote('s')
  await queue.enqueue([{ label: 'B', in: 4_000 }])
  assert.deepEqual(await all(), [])
  await queue.enqueue([{ label: 'C', in: 2_000 }])
  await queue.enqueue([{ label: 'D', in: 2_500 }])
  assert.deepEqual(await all(), ['due mail'])
  await queue.door.reschedule(`${'c'.repeat(16)}:00000000`, 0, '+100')
  assert.deepEqual(await all(), ['due mail'])
})

test('promote, reclaim, release and hand-back wake a sleeping worker', async () => {
  const { queue, all } = await openEars()
  await queue.enqueue([{ label: 'A', in: 10 }])
  await queue.claim('w', 1)
  queue.at(10)
  await queue.keeper.promote('s')
  assert.deepEqual(await all(), ['ready mail'])
  const { jobs } = await queue.claim('w', 1)
  await queue.claim('v', 1)
  await queue.handBack('w', 2, jobs, '1')
  assert.deepEqual(await all(), ['ready mail'])
  await queue.claim('w', 3)
  await queue.claim('v', 1)
  queue.at(20_000)
  while ((await queue.keeper.reclaim(9)).nextIn === 0);
  assert.deepEqual(await all(), ['ready mail'])
})

test('the worker of a job that runs is told that it is cancelled', async () => {
  const { queue, all } = await openEars()
  await queue.enqueue(['A'])
  await queue.claim('w', 1)
  for (const _ of [1, 2]) await queue.door.cancel(`${CLIENT}:00000000`, 0)
  assert.deepEqual(await all(), Array(2).fill(`cancel mail ${CLIENT}:00000000 0`))
})
