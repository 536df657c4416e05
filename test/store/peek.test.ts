import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PAGE } from './everywhere.ts'
import { KEEP_NOTHING, openTestQueue } from './test-queue.ts'

test('the heads of a queue are told, the soonest first', async () => {
  const queue = await openTestQueue()
  assert.deepEqual(await queue.store.inspector.head('mail', 3), { now: queue.now(), next: [], oldestReadyAt: null })
  await queue.enqueue([{ label: 'C', in: 30 }, { label: 'A', in: 10 }, { label: 'gone', in: 1 }, 'R'])
  await queue.enqueue([{ label: 'B', in: 20 }], { client: 'a'.repeat(16) })
  await queue.door.cancel(PAGE, 2)
  queue.at(5)
  await queue.enqueue(['S'])
  const head = await queue.store.inspector.head('mail', 2)
  assert.deepEqual([head.oldestReadyAt, head.next.map(({ at }) => at - queue.now())], [queue.now() - 5, [5, 15]])
  await queue.keeper.prune(KEEP_NOTHING)
  assert.deepEqual((await queue.store.inspector.head('mail', 9)).next.length, 3)
})
