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

test('dead jobs that are named are purged, unless they have died anew since', async () => {
  const queue = await openTestQueue()
  await queue.enqueue(['A', 'B', 'C'])
  await queue.bury('w', 2, (await queue.claim('w', 1)).jobs, '1')
  const dead = await queue.store.dead('mail')
  const pages = []
  for await (const page of dead.between(0, queue.now())) pages.push(...page)
  const [a, b] = pages
  assert.ok(a && b)
  queue.at(100)
  assert.equal(await queue.door.revive(b.page, b.slot, '1\njob\n\n\nB', { claim: 1 }), 'revived')
  await queue.bury('w', 4, (await queue.claim('w', 3)).jobs, '3')
  assert.equal(await queue.door.revive(b.page, b.slot, '1\njob\n\n\nB', { claim: 1 }), 'unknown')
  assert.equal(await dead.purge([a, b]), 1)
  assert.deepEqual(await queue.places(), { ...NOTHING, dead: ['C', 'B'] })
})
