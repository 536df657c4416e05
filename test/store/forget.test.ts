import assert from 'node:assert/strict'
import { test } from 'node:test'
import { part } from '../../src/store/reply.ts'
import { duration } from '../../src/time/clock.ts'
import { CLIENT, DAY, keeping, openTestQueue } from './test-queue.ts'

const PAGE = `${CLIENT}:00000000`
test('an own id may be used again 24 hours after its job ended, was cancelled or purged', async () => {
  const queue = await openTestQueue()
  const seeds = ['done', 'cancelled', 'purged', 'alive'].map((own) => ({ label: own, own }))
  await queue.enqueue(seeds)
  await queue.door.cancel(PAGE, 1)
  const { jobs } = await queue.claim('w', 1, { limit: 2 })
  await queue.complete('w', 2, jobs.slice(0, 1))
  await queue.bury('w', 3, jobs.slice(1), '1')
  await queue.keeper.prune(keeping({ ended: { count: 0, age: duration(0) }, dead: { count: 0, age: duration(0) } }))
  queue.at(DAY - 1)
  await queue.keeper.prune(keeping({}))
  const page = '00000000'
  const before = part(await queue.enqueue(seeds), 3)
  assert.deepEqual(
    before,
    [0, 1, 2, 3].map((slot) => `${CLIENT}:${page} ${slot} hash-${seeds[slot]?.own.slice(0, 5)}`),
  )
  queue.at(DAY)
  await queue.keeper.prune(keeping({}))
  const after = part(await queue.enqueue(seeds), 3)
  assert.deepEqual(after, ['', '', '', `${CLIENT}:${page} 3 hash-alive`])
})
