import assert from 'node:assert/strict'
import { test } from 'node:test'
import { part } from '../../src/store/reply.ts'
import { run } from '../../src/store/script.ts'
import { scripts } from '../../src/store/scripts.ts'
import { NOTHING } from './places.ts'
import { testSettlement } from './settlement.ts'
import { openTestQueue } from './test-queue.ts'

testSettlement('complete', { ended: ['B'] }, (queue) => queue.complete)
testSettlement('discard', { ended: ['B'] }, (queue) => queue.discard)

test('a run of completed jobs in which one is lost tells that one only', async () => {
  const queue = await openTestQueue()
  await queue.enqueue(['A', 'B', 'C'])
  const { jobs } = await queue.claim('w', 1)
  const [, b] = jobs
  assert.ok(b)
  await queue.handBack('w', 2, [b])
  const args = { now: queue.now(), owner: 'w', call: 3, emptied: '1', mark: 'c', expected: '' }
  const reply = await run(queue.connection, scripts.complete, queue.keys, { args, rest: [`${b.page} 0 3 1 w 1`] })
  assert.deepEqual(part(reply, 3), [`${b.page} 1`])
  assert.deepEqual(await queue.places(), { ...NOTHING, ready: ['B'], ended: ['A', 'C'] })
})
