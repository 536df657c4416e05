import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NOTHING } from './places.ts'
import { labels, openTestQueue } from './test-queue.ts'

test('a job is promoted at its due millisecond and not one before', async () => {
  const queue = await openTestQueue()
  await queue.enqueue([{ label: 'A', in: 1_000 }])
  queue.at(999)
  assert.deepEqual(await queue.keeper.promote('s'), { moved: 0, nextIn: 1, spared: false })
  assert.deepEqual(await queue.places(), { ...NOTHING, scheduled: ['A+1000'] })
  queue.at(1_000)
  assert.deepEqual(await queue.keeper.promote('s'), { moved: 1, nextIn: null, spared: false })
  assert.deepEqual(await queue.places(), { ...NOTHING, ready: ['A'] })
})

test('by a clock that says more than it can, nothing is promoted and no lease ends', async () => {
  const queue = await openTestQueue()
  await queue.enqueue(['now', { label: 'A', in: 1_000 }])
  await queue.claim('w', 1, { limit: 1 })
  queue.at(93_600_000)
  const before = await queue.places()
  assert.deepEqual(await queue.keeper.promote('s', queue.now() - 1), { moved: 0, nextIn: 0, spared: false })
  assert.deepEqual(await queue.keeper.reclaim(3, queue.now() - 1), { back: 0, died: 0, nextIn: 0 })
  assert.deepEqual(await queue.places(), before)
  assert.equal((await queue.keeper.promote('s', queue.now())).moved, 1)
  queue.at(15_001)
  assert.equal((await queue.keeper.reclaim(3, queue.now())).back, 1)
})

test('due jobs become ready in the order of their due times, over pages and clients', async () => {
  const queue = await openTestQueue()
  await queue.enqueue([
    { label: 'D', in: 40 },
    { label: 'A', in: 10 },
    { label: 'late', in: 90 },
  ])
  await queue.enqueue(
    [
      { label: 'C', in: 30 },
      { label: 'B', in: 20 },
    ],
    { client: 'a'.repeat(16) },
  )
  await queue.enqueue(['now'])
  queue.at(50)
  assert.deepEqual(await queue.keeper.promote('s'), { moved: 4, nextIn: 40, spared: false })
  assert.deepEqual(await queue.places(), { ...NOTHING, ready: ['now', 'A', 'B', 'C', 'D'], scheduled: ['late+90'] })
})

test('jobs of one millisecond keep the order of their calls, also when a later page has an earlier head', async () => {
  const queue = await openTestQueue()
  const first = labels('a', 64)
  await queue.enqueue(first.map((label) => ({ label, in: 100 })))
  await queue.enqueue([
    { label: 'early', in: 50 },
    { label: 'last', in: 100 },
  ])
  queue.at(100)
  await queue.keeper.promote('s')
  assert.deepEqual(await queue.places(), { ...NOTHING, ready: ['early', ...first, 'last'] })
})

test('a turn takes a bounded number of jobs and says that more are due', async () => {
  const queue = await openTestQueue()
  const all = labels('j', 600)
  for (const from of [0, 200, 400]) {
    await queue.enqueue(all.slice(from, from + 200).map((label) => ({ label, in: 5 })))
  }
  queue.at(5)
  const first = await queue.keeper.promote('s')
  assert.ok(first.moved >= 187 && first.moved <= 250, String(first.moved))
  assert.equal(first.nextIn, 0)
  for (let turn = first; turn.moved > 0; ) turn = await queue.keeper.promote('s')
  assert.deepEqual(await queue.places(), { ...NOTHING, ready: all })
})

test('a second scheduler at the same instant moves nothing twice and is spared', async () => {
  const queue = await openTestQueue()
  await queue.enqueue([
    { label: 'A', in: 10 },
    { label: 'B', in: 60_000 },
  ])
  queue.at(10)
  const [one, two] = await Promise.all([queue.keeper.promote('one'), queue.keeper.promote('two')])
  assert.deepEqual(
    [one, two],
    [
      { moved: 1, nextIn: 59_990, spared: false },
      { moved: 0, nextIn: 59_990, spared: true },
    ],
  )
  assert.deepEqual(await queue.places(), { ...NOTHING, ready: ['A'], scheduled: ['B+60000'] })
  queue.at(10 + 10_001)
  assert.equal((await queue.keeper.promote('two')).spared, false, 'the one that is gone is replaced')
})

test('a scheduler that stops keeps its queue no longer, and only its own mark', async () => {
  const queue = await openTestQueue()
  await queue.keeper.promote('one')
  await queue.keeper.yield('two')
  assert.equal((await queue.keeper.promote('two')).spared, true)
  await queue.keeper.yield('one')
  assert.equal((await queue.keeper.promote('two')).spared, false)
  assert.equal((await queue.keeper.promote('one')).spared, true)
})

test('a mark that was made by a clock that had leapt spares nobody', async () => {
  const queue = await openTestQueue()
  queue.at(93_600_000)
  await queue.keeper.promote('one')
  queue.at(0)
  assert.equal((await queue.keeper.promote('two')).spared, false)
})

test('a job that was cancelled or moved meanwhile is not promoted', async () => {
  const queue = await openTestQueue()
  await queue.enqueue([
    { label: 'A', in: 10 },
    { label: 'B', in: 10 },
    { label: 'C', in: 10 },
  ])
  const page = `${'c'.repeat(16)}:00000000`
  await queue.door.cancel(page, 0)
  await queue.door.reschedule(page, 1, '+500')
  queue.at(10)
  assert.deepEqual(await queue.keeper.promote('s'), { moved: 1, nextIn: 490, spared: false })
  assert.deepEqual(await queue.places(), { ...NOTHING, ready: ['C'], scheduled: ['B+500'], ended: ['A'] })
})
