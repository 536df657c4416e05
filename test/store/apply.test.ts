import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NIGHTLY, openNightly } from './nightly.ts'
import { START } from './test-queue.ts'

test('a definition is applied once for a version, and its first tick is set', async () => {
  const { schedules, id } = await openNightly()
  assert.equal(await schedules.apply({ ...NIGHTLY, next: START + 5 }), 'unchanged')
  assert.deepEqual(await schedules.list(), [
    {
      id,
      name: 'nightly',
      queue: 'mail',
      version: 'v1',
      definition: NIGHTLY.definition,
      nextAt: START + 1_000,
      lastPlannedAt: null,
      lastFiredAt: null,
      made: 0,
    },
  ])
})

test('a schedule that feeds another queue is withdrawn from the first', async () => {
  const { schedules, id } = await openNightly()
  await schedules.apply({ ...NIGHTLY, queue: 'reports' })
  assert.deepEqual(
    (await schedules.list()).map(({ id, queue }) => [id, queue]),
    [[id, 'reports']],
  )
  assert.equal((await schedules.due('mail', START + 9_000)).due.length, 0)
  assert.equal((await schedules.due('reports', START + 9_000)).due.length, 1)
})
