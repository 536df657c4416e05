import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EVERYWHERE, oneEverywhere, PAGE, SLOTS } from './everywhere.ts'
import { NOTHING } from './places.ts'
import { openTestQueue } from './test-queue.ts'

test('reschedule moves what waits to its new time, and only that', async () => {
  const queue = await oneEverywhere()
  const answers: Record<string, unknown> = {}
  for (const [place, slot] of Object.entries(SLOTS)) answers[place] = await queue.door.reschedule(PAGE, slot, '+70')
  const moved = { kind: 'moved', dueAt: queue.now() + 70 }
  assert.deepEqual(answers, {
    active: { kind: 'running' },
    dead: { kind: 'dead' },
    ended: { kind: 'ended' },
    held: moved,
    ready: moved,
    scheduled: moved,
    never: { kind: 'unknown' },
  })
  const places = await queue.places()
  assert.deepEqual(places, {
    ...EVERYWHERE,
    ready: [],
    held: [],
    scheduled: ['held+70', 'ready+70', 'scheduled+70'],
  })
  queue.at(70)
  assert.equal((await queue.keeper.promote('s')).moved, 3)
  assert.deepEqual([...(await queue.claim('w', 4, { names: ['job', 'unknown'] })).labels].sort(), [
    'held',
    'ready',
    'scheduled',
  ])
})

test('reschedule to an instant that has passed makes a job due at once', async () => {
  const queue = await openTestQueue()
  await queue.enqueue([{ label: 'A', in: 1_000 }])
  queue.at(50)
  assert.deepEqual(await queue.door.reschedule(PAGE, 0, `@${queue.now() - 10_000}`), {
    kind: 'moved',
    dueAt: queue.now(),
  })
  assert.deepEqual(await queue.keeper.promote('s'), { moved: 1, nextIn: null, spared: false })
  assert.deepEqual(await queue.places(), { ...NOTHING, ready: ['A'] })
})

test('a job that was rescheduled while ready is not claimed before it is due', async () => {
  const queue = await openTestQueue()
  await queue.enqueue(['A', 'B'])
  await queue.door.reschedule(PAGE, 0, '+100')
  assert.deepEqual((await queue.claim('w', 1)).labels, ['B'])
  queue.at(100)
  await queue.keeper.promote('s')
  assert.deepEqual((await queue.claim('w', 2)).labels, ['A'])
})
