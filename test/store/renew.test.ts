import assert from 'node:assert/strict'
import { test } from 'node:test'
import { word } from '../../src/store/reply.ts'
import { run } from '../../src/store/script.ts'
import { scripts } from '../../src/store/scripts.ts'
import { openStore } from '../../src/store/store.ts'
import { NOTHING } from './places.ts'
import { labels, openTestQueue, type TestQueue } from './test-queue.ts'

const renew = async ({ connection, keys, now }: TestQueue, owner: string): Promise<string> =>
  word(await run(connection, scripts.renew, keys, { args: { now: now(), owner, lease: 15_000 } }))

test('jobs of a lease that ended are back at the front of ready in the order of their claims', async () => {
  const queue = await openTestQueue()
  const all = labels('j', 40)
  await queue.enqueue(all)
  for (let call = 1; call <= 12; call++) await queue.claim('w', call, { limit: 3 })
  queue.at(15_000)
  assert.deepEqual(await queue.keeper.reclaim(3), { back: 0, died: 0, nextIn: 1 }, 'not one millisecond early')
  queue.at(15_001)
  assert.deepEqual(await queue.keeper.reclaim(3), { back: 36, died: 0, nextIn: null })
  assert.deepEqual(await queue.places(), { ...NOTHING, ready: all })
  assert.deepEqual(await queue.keeper.reclaim(3), { back: 0, died: 0, nextIn: null }, 'a second time there is nothing')
})

test('a lease that is renewed lives on, one that was taken back is lost', async () => {
  const queue = await openTestQueue()
  await queue.enqueue(['A'])
  await queue.claim('w', 1)
  queue.at(15_000)
  assert.equal(await renew(queue, 'w'), 'renewed')
  queue.at(29_000)
  assert.deepEqual(await queue.keeper.reclaim(3), { back: 0, died: 0, nextIn: 1_001 })
  queue.at(30_001)
  assert.equal(await renew(queue, 'nobody'), 'lost')
  assert.equal((await queue.keeper.reclaim(3)).back, 1)
  assert.equal(await renew(queue, 'w'), 'lost')
})

const LEAP = 26 * 3_600_000

for (const leap of [LEAP, -LEAP]) {
  test(`a leap of Redis’ clock by ${leap / 3_600_000} hours ends no lease of a worker that lives, and one that died is taken back`, async () => {
    const queue = await openTestQueue()
    await queue.enqueue(['A', 'B'])
    await queue.claim('lives', 1, { limit: 1 })
    await queue.claim('dies', 1, { limit: 1 })
    queue.at(5_000 + leap)
    for (const owner of ['lives', 'dies']) assert.equal(await renew(queue, owner), 'renewed', 'though its end is past')
    queue.at(10_000)
    while ((await queue.keeper.reclaim(3)).nextIn === 0);
    assert.deepEqual((await queue.places()).active, ['A*1', 'B*1'], 'the clock has come back, nobody has renewed')
    assert.equal(await renew(queue, 'lives'), 'renewed')
    queue.at(24_000)
    assert.equal(await renew(queue, 'lives'), 'renewed')
    queue.at(36_000)
    while ((await queue.keeper.reclaim(3)).nextIn === 0);
    assert.deepEqual(await queue.places(), { ...NOTHING, ready: ['B'], active: ['A*1'] })
    queue.at(39_001)
    assert.equal((await queue.keeper.reclaim(3)).back, 1, 'the lease was renewed by the clock as it is')
  })
}

test('a lease that ended while no scheduler looked, or Redis was away, may be renewed first', async () => {
  const queue = await openTestQueue()
  await queue.enqueue(['A'])
  await queue.claim('w', 1)
  queue.at(120_000)
  assert.deepEqual(await queue.keeper.reclaim(3), { back: 0, died: 0, nextIn: 25_001 })
  assert.equal(await renew(queue, 'w'), 'renewed')
  queue.at(135_001)
  assert.equal((await queue.keeper.reclaim(3)).back, 1, 'but once')
})

test('a lease of which some jobs are taken back is renewed no more', async () => {
  const queue = await openTestQueue()
  await queue.enqueue(labels('j', 600))
  for (let call = 1; call <= 6; call++) await queue.claim('w', call, { limit: 100 })
  queue.at(15_001)
  assert.equal((await queue.keeper.reclaim(3)).back, 300)
  assert.equal(await renew(queue, 'w'), 'lost')
  assert.equal((await queue.keeper.reclaim(3)).back, 300)
})

test('a lease that ends later than one may was given by a clock that had leapt', async () => {
  const queue = await openTestQueue()
  await queue.enqueue(['A', 'B'])
  await queue.claim('one', 1, { limit: 1, lease: 7_200_000 })
  await queue.claim('two', 1, { limit: 1, lease: 7_200_000 })
  const { connection, prefix, now } = queue
  const long = openStore({ connection, prefix, now: () => String(now()), longestLease: 7_200_000 })
  assert.deepEqual(await long.keeper('mail').reclaim(3), { back: 0, died: 0, nextIn: 7_200_001 })
  assert.equal((await queue.keeper.reclaim(3)).nextIn, 0)
  assert.equal((await queue.keeper.reclaim(3)).nextIn, 0)
  assert.equal((await queue.keeper.reclaim(3)).nextIn, 25_001)
  queue.at(25_001)
  while ((await queue.keeper.reclaim(3)).nextIn === 0);
  assert.deepEqual([...(await queue.places()).ready].sort(), ['A', 'B'])
})
