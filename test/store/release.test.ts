import assert from 'node:assert/strict'
import { test } from 'node:test'
import { run } from '../../src/store/script.ts'
import { scripts } from '../../src/store/scripts.ts'
import { PAGE } from './everywhere.ts'
import { NOTHING } from './places.ts'
import { openTestQueue } from './test-queue.ts'

test('release brings what is held under a name to the front of ready, the oldest first', async () => {
  const queue = await openTestQueue()
  await queue.enqueue(['A', 'B', 'C'].map((label) => ({ label, name: 'new' })))
  await queue.enqueue([{ label: 'other', name: 'newer' }])
  await queue.claim('w', 1)
  await queue.door.cancel(PAGE, 1)
  await queue.enqueue(['D'])
  const release = (limit: number) =>
    run(queue.connection, scripts.release, queue.keys, { args: { queue: 'mail', job: 'new', limit } })
  assert.deepEqual(await release(250), [3, 2])
  assert.deepEqual(await queue.places(), { ...NOTHING, ready: ['A', 'C', 'D'], held: ['newer:other'], ended: ['B'] })
  assert.deepEqual(await release(250), [0, 0])
  assert.deepEqual(await queue.store.inspector.held('mail'), [
    { queue: 'mail', name: 'newer', count: 1, since: queue.now() },
  ])
})
