import assert from 'node:assert/strict'
import { test } from 'node:test'
import { oneEverywhere, PAGE, SLOTS } from './everywhere.ts'
import { NOTHING } from './places.ts'

test('cancel ends what waits, and only that', async () => {
  const queue = await oneEverywhere()
  const answers: Record<string, string> = {}
  for (const [place, slot] of Object.entries(SLOTS)) answers[place] = await queue.door.cancel(PAGE, slot)
  assert.deepEqual(answers, {
    active: 'running',
    dead: 'ended',
    ended: 'ended',
    held: 'cancelled',
    ready: 'cancelled',
    scheduled: 'cancelled',
    never: 'unknown',
  })
  const after = { ...NOTHING, active: ['active*1'], dead: ['dead'], ended: ['ended', 'held', 'ready', 'scheduled'] }
  assert.deepEqual(await queue.places(), after)
  for (const place of ['held', 'ready', 'scheduled'] as const) {
    assert.equal(await queue.door.cancel(PAGE, SLOTS[place]), 'ended')
  }
  assert.deepEqual(await queue.places(), after, 'a second time changes nothing')
})
