import assert from 'node:assert/strict'
import { test } from 'node:test'
import { duration } from '../../src/time/clock.ts'
import { NOTHING } from './places.ts'
import { DAY, keeping, openTestQueue } from './test-queue.ts'

test('dead jobs beyond count or age are purged, the oldest first', async () => {
  const queue = await openTestQueue()
  await queue.enqueue(['A', 'B', 'C'])
  for (const call of [1, 3, 5]) {
    queue.at(call * 100)
    await queue.bury('w', call + 1, (await queue.claim('w', call, { limit: 1 })).jobs, String(call))
  }
  await queue.keeper.prune(keeping({ dead: { count: 2, age: duration(DAY) } }))
  assert.deepEqual(await queue.places(), { ...NOTHING, dead: ['B', 'C'] })
  queue.at(300 + 1_000)
  await queue.keeper.prune(keeping({ dead: { count: 2, age: duration(1_000) } }))
  assert.deepEqual(await queue.places(), { ...NOTHING, dead: ['C'] })
  assert.deepEqual(
    (await queue.store.inspector.dead('mail', 0, 10)).map(({ at }) => at),
    [Date.UTC(2026, 0, 1) + 500],
  )
})
