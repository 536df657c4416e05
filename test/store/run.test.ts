import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EVERYWHERE, oneEverywhere, PAGE, SLOTS } from './everywhere.ts'
import { openTestQueue, START } from './test-queue.ts'

test('run makes what waits for its time ready, due now, and nothing else', async () => {
  const queue = await oneEverywhere()
  queue.at(30)
  const selection = await queue.store.selection('mail')
  const answers: Record<string, string> = {}
  for (const [place, slot] of Object.entries(SLOTS)) answers[place] = await selection.run(PAGE, slot)
  assert.deepEqual(answers, {
    active: 'running',
    dead: 'dead',
    ended: 'ended',
    held: 'held',
    ready: 'ready',
    scheduled: 'ready',
    never: 'unknown',
  })
  assert.deepEqual(await queue.places(), { ...EVERYWHERE, scheduled: [], ready: ['ready', 'scheduled'] })
  const found = await queue.door.get(PAGE, SLOTS.scheduled)
  assert.equal(found.kind === 'job' && found.job.dueAt, START + 30)
  assert.deepEqual((await queue.claim('w', 4)).labels, ['ready', 'scheduled'])
  assert.equal((await queue.keeper.promote('s')).moved, 0)
})

test('run sent again puts a job into ready once, in its lane', async () => {
  const queue = await openTestQueue()
  await queue.enqueue([{ label: 'plain', in: 1_000 }, { label: 'urgent', in: 1_000, priority: 0 }, 'ready'])
  const selection = await queue.store.selection('mail')
  for (const slot of [0, 0, 1, 1]) assert.equal(await selection.run(PAGE, slot), 'ready')
  assert.equal((await queue.store.inspector.counts('mail')).ready, 3)
  assert.deepEqual((await queue.claim('w', 1)).labels, ['urgent', 'ready', 'plain'])
})

test('run wakes a worker that sleeps', async () => {
  const queue = await openTestQueue()
  await queue.enqueue([{ label: 'A', in: 1_000 }])
  const isAsleep = (): Promise<unknown> => queue.connection.command('EXISTS', queue.keys.asleep)
  assert.equal((await queue.claim('w', 1)).kind, 'empty')
  assert.equal(await isAsleep(), 1)
  await (await queue.store.selection('mail')).run(PAGE, 0)
  assert.equal(await isAsleep(), 0)
})

test('run leaves the record of a newer release alone', async () => {
  const queue = await openTestQueue()
  await queue.enqueue([{ label: 'A', in: 1_000 }])
  await queue.connection.command('LSET', `${queue.keys.pages}${PAGE}`, 1, '3{}')
  await assert.rejects((await queue.store.selection('mail')).run(PAGE, 0), { code: 'MORROW_LAYOUT_NEWER' })
})
