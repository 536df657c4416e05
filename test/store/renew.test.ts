import assert from 'node:assert/strict'
import { test } from 'node:test'
import { word } from '../../src/store/reply.ts'
import { run } from '../../src/store/script.ts'
import { scripts } from '../../src/store/scripts.ts'
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

test('a lease that is renewed in time lives on, one that ended is lost', async () => {
  const queue = await openTestQueue()
  await queue.enqueue(['A'])
  await queue.claim('w', 1)
  queue.at(15_000)
  assert.equal(await renew(queue, 'w'), 'renewed')
  queue.at(29_000)
  assert.deepEqual(await queue.keeper.reclaim(3), { back: 0, died: 0, nextIn: 1_001 })
  queue.at(30_001)
  assert.equal(await renew(queue, 'w'), 'lost')
  assert.equal(await renew(queue, 'nobody'), 'lost')
  assert.equal((await queue.keeper.reclaim(3)).back, 1)
})
