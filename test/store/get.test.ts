import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EVERYWHERE, oneEverywhere, PAGE, SLOTS } from './everywhere.ts'

test('get finds a job in every place', async () => {
  const queue = await oneEverywhere()
  assert.deepEqual(await queue.places(), EVERYWHERE)
  for (const [place, slot] of Object.entries(SLOTS)) {
    const found = await queue.door.get(PAGE, slot)
    if (place === 'never') assert.deepEqual(found, { kind: 'none' })
    else assert.deepEqual(found.kind === 'job' && [found.job.place, found.job.record.payload], [place, place])
  }
  assert.deepEqual(await queue.door.get(`${'x'.repeat(16)}:00000000`, 0), { kind: 'none' })
})
