import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NOTHING } from './places.ts'
import { testSettlement } from './settlement.ts'
import { openTestQueue } from './test-queue.ts'

testSettlement('handBack', { ready: ['B', 'C'] }, (queue) => queue.handBack)

test('jobs handed back together go to the front in their order', async () => {
  const queue = await openTestQueue()
  await queue.enqueue(['A', 'B', 'C', 'D'])
  const { jobs } = await queue.claim('w', 1, { limit: 3 })
  await queue.handBack('w', 2, jobs, '1')
  assert.deepEqual(await queue.places(), { ...NOTHING, ready: ['A', 'B', 'C', 'D'] })
})
