import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PAGE } from './everywhere.ts'
import { NOTHING } from './places.ts'
import { openTestQueue } from './test-queue.ts'

test('a dead job that is revived is ready again under the next claim number, once', async () => {
  const queue = await openTestQueue()
  await queue.enqueue(['A', 'B'])
  const { jobs } = await queue.claim('w', 1, { limit: 1 })
  await queue.bury('w', 2, jobs, '1')
  assert.equal(await queue.door.revive(PAGE, 0, '1\njob\n\n\nA again'), 'revived')
  assert.equal(await queue.door.revive(PAGE, 0, '1\njob\n\n\nA again'), 'unknown')
  assert.equal(await queue.door.revive(PAGE, 1, '1\njob\n\n\nB'), 'unknown')
  assert.deepEqual(await queue.places(), { ...NOTHING, ready: ['B', 'A again'] })
  const again = await queue.claim('w', 3)
  assert.deepEqual(
    again.jobs.map(({ claim }) => claim),
    [1, 2],
  )
})
