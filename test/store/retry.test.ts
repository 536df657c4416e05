import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testSettlement } from './settlement.ts'
import { KEEP_NOTHING, openTestQueue } from './test-queue.ts'

testSettlement(
  'retry',
  { scheduled: ['B+900'] },
  (queue) => (owner, call, jobs, emptied) => queue.retry(owner, call, jobs, 900, emptied),
)

testSettlement('snooze', { scheduled: ['B+700'] }, (queue) => queue.snooze)

test('retried jobs keep failures and a payload that lies apart, and run again with the next claim number', async () => {
  const queue = await openTestQueue()
  const large = 'x'.repeat(2_000)
  await queue.enqueue([{ label: large }])
  const first = await queue.claim('w', 1)
  await queue.retry('w', 2, first.jobs, 100, '1')
  queue.at(100)
  await queue.keeper.promote('s')
  const [job] = (await queue.claim('w', 3)).jobs
  assert.deepEqual(
    [job?.claim, job?.record.failures, job?.record.payload.length, job?.dueAt],
    [2, 1, 2_000, queue.now()],
  )
  await queue.complete('w', 4, job ? [job] : [], '3')
  await queue.keeper.prune(KEEP_NOTHING)
  assert.equal(await queue.connection.command('EXISTS', `${queue.keys.pages}${job?.page}:0`), 0)
})
