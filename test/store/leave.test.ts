import assert from 'node:assert/strict'
import { test } from 'node:test'
import { word } from '../../src/store/reply.ts'
import { run } from '../../src/store/script.ts'
import { scripts } from '../../src/store/scripts.ts'
import { openTestQueue, type TestQueue } from './test-queue.ts'

const leave = async ({ connection, keys }: TestQueue, owner: string): Promise<string> =>
  word(await run(connection, scripts.leave, keys, { args: { owner } }))

test('an owner leaves when it has no job any more', async () => {
  const queue = await openTestQueue()
  await queue.enqueue(['A'])
  const { jobs } = await queue.claim('w', 1)
  assert.equal(await leave(queue, 'w'), 'busy')
  await queue.complete('w', 2, jobs, '1')
  assert.equal(await leave(queue, 'w'), 'left')
  assert.equal(await leave(queue, 'w'), 'left')
  assert.equal(await queue.connection.command('EXISTS', queue.keys.leases), 0)
})
