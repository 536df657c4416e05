import assert from 'node:assert/strict'
import { test } from 'node:test'
import { duration } from '../../src/time/clock.ts'
import { PAGE } from './everywhere.ts'
import { NOTHING } from './places.ts'
import { openTestQueue } from './test-queue.ts'

test('what nobody has known for the whole patience is dead, not one millisecond early', async () => {
  const queue = await openTestQueue()
  const patience = duration(1_000)
  await queue.enqueue([{ label: 'A', name: 'new' }])
  await queue.claim('w', 1)
  queue.at(400)
  await queue.enqueue([{ label: 'B', name: 'new' }])
  await queue.claim('w', 1)
  queue.at(999)
  assert.equal(await queue.keeper.giveUp(patience), 0)
  queue.at(1_000)
  assert.equal(await queue.keeper.giveUp(patience), 1)
  assert.deepEqual(await queue.places(), { ...NOTHING, held: ['new:B'], dead: ['A'] })
  queue.at(1_400)
  assert.equal(await queue.keeper.giveUp(patience), 1)
  assert.equal(await queue.keeper.giveUp(patience), 0)
  assert.deepEqual(await queue.places(), { ...NOTHING, dead: ['A', 'B'] })
})

test('patience with a held job begins anew when it was rescheduled meanwhile', async () => {
  const queue = await openTestQueue()
  await queue.enqueue([{ label: 'A', name: 'new' }])
  await queue.claim('w', 1)
  await queue.door.reschedule(PAGE, 0, '+900')
  queue.at(900)
  await queue.keeper.promote('s')
  await queue.claim('w', 1)
  queue.at(1_000)
  assert.equal(await queue.keeper.giveUp(duration(1_000)), 0)
  queue.at(1_900)
  assert.equal(await queue.keeper.giveUp(duration(1_000)), 1)
  assert.deepEqual(await queue.places(), { ...NOTHING, dead: ['A'] })
})
