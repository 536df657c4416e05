import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pageOf } from '../../src/job/id.ts'
import { part, word } from '../../src/store/reply.ts'
import { NOTHING } from './places.ts'
import { CLIENT, KEEP_NOTHING, labels, openTestQueue } from './test-queue.ts'

test('what is due now is ready in the order of the call, the rest is scheduled', async () => {
  const queue = await openTestQueue()
  const reply = await queue.enqueue([
    'A',
    { label: 'B', in: 500 },
    { label: 'C', at: 200 },
    { label: 'D', at: -1 },
    'E',
  ])
  assert.deepEqual(reply, ['stored', queue.now(), 5, [], 0])
  assert.deepEqual(await queue.places(), { ...NOTHING, scheduled: ['C+200', 'B+500'], ready: ['A', 'D', 'E'] })
})

test('a call sent again is known and changes nothing, whatever became of its jobs', async () => {
  const queue = await openTestQueue()
  await queue.enqueue(['A', { label: 'B', in: 10 }])
  assert.equal(word(await queue.enqueue(['A', { label: 'B', in: 10 }], { first: 0 })), 'known')
  const { jobs } = await queue.claim('w', 1)
  assert.equal(word(await queue.enqueue(['A', { label: 'B', in: 10 }], { first: 0 })), 'known')
  await queue.complete('w', 2, jobs, '1')
  await queue.keeper.prune(KEEP_NOTHING)
  assert.equal(word(await queue.enqueue(['A', { label: 'B', in: 10 }], { first: 0 })), 'known')
  assert.deepEqual(await queue.places(), { ...NOTHING, scheduled: ['B+10'] })
})

test('a call before its turn is a gap and stores nothing, until the one before it is taken', async () => {
  const queue = await openTestQueue()
  assert.deepEqual(await queue.enqueue(['C'], { first: 2, floor: 0 }), ['gap', queue.now(), 0])
  assert.deepEqual(await queue.places(), NOTHING)
  await queue.enqueue(['A', 'B'], { first: 0 })
  assert.equal(word(await queue.enqueue(['C'], { first: 2, floor: 0 })), 'stored')
  assert.deepEqual(await queue.places(), { ...NOTHING, ready: ['A', 'B', 'C'] })
})

test('numbers given up are closed for good', async () => {
  const queue = await openTestQueue()
  assert.deepEqual(await queue.enqueue(['C'], { first: 2, floor: 2 }), ['stored', queue.now(), 3, [], 0])
  assert.equal(word(await queue.enqueue(['A', 'B'], { first: 0, floor: 0 })), 'known')
  assert.deepEqual(await queue.places(), { ...NOTHING, ready: ['C'] })
  assert.deepEqual(await queue.door.get(pageOf(CLIENT, 0).page, 0), { kind: 'none' })
})

test('a call of no jobs closes what was given up, and may be sent again when later calls have come', async () => {
  const queue = await openTestQueue()
  assert.equal(word(await queue.enqueue([], { first: 2, floor: 2 })), 'stored')
  assert.equal(word(await queue.enqueue(['A', 'B'], { first: 0, floor: 0 })), 'known')
  await queue.enqueue(['C'], { first: 2 })
  assert.equal(word(await queue.enqueue([], { first: 2, floor: 2 })), 'known')
  assert.deepEqual(await queue.places(), { ...NOTHING, ready: ['C'] })
})

test('a store that came back older answers which number it awaited before', async () => {
  const queue = await openTestQueue()
  await queue.enqueue(['A'])
  assert.equal(part(await queue.enqueue(['G'], { first: 6, floor: 6 }), 4), 1)
})

test('clients do not disturb each other, and one is still known after a turn of the clients', async () => {
  const queue = await openTestQueue()
  const day = 86_400_000
  await queue.enqueue(['A'])
  await queue.enqueue(['X'], { client: 'd'.repeat(16) })
  await queue.keeper.prune(KEEP_NOTHING)
  queue.at(day)
  await queue.keeper.prune(KEEP_NOTHING)
  assert.equal(word(await queue.enqueue(['A'], { first: 0 })), 'known')
  assert.equal(word(await queue.enqueue(['B'])), 'stored')
  queue.at(2 * day)
  await queue.keeper.prune(KEEP_NOTHING)
  assert.equal(word(await queue.enqueue(['B'], { first: 1, floor: 1 })), 'known', 'it was heard of since the turn')
  assert.equal(
    word(await queue.enqueue(['X'], { client: 'd'.repeat(16), first: 0 })),
    'stored',
    'a silent one is forgotten',
  )
})

test('an own id makes one job; the entry that stands is told', async () => {
  const queue = await openTestQueue()
  const first = await queue.enqueue(['A', { label: 'B', own: 'trial:42' }, { label: 'B', own: 'trial:42' }])
  const { page } = pageOf(CLIENT, 0)
  assert.deepEqual(part(first, 3), ['', `${page} 1 hash-B`])
  assert.deepEqual(await queue.door.own('job', 'trial:42'), { page, slot: 1, hash: 'hash-B' })
  const second = await queue.enqueue([
    { label: 'other', own: 'trial:42' },
    { label: 'C', own: 'a b: /@' },
  ])
  assert.deepEqual(part(second, 3), [`${page} 1 hash-B`, ''])
  assert.deepEqual(await queue.door.own('job', 'a b: /@'), { page, slot: 4, hash: 'hash-C' })
  assert.deepEqual(await queue.places(), { ...NOTHING, ready: ['A', 'B', 'C'] })
})

test('a payload above 1 KB lies apart and is found by claim and get', async () => {
  const queue = await openTestQueue()
  const large = 'ä'.repeat(600)
  await queue.enqueue(['A', { label: large }, { label: large, in: 10, own: 'x' }])
  const { page } = pageOf(CLIENT, 0)
  assert.equal(String(await queue.connection.command('GET', `${queue.keys.pages}${page}:1`)), large)
  const found = await queue.door.get(page, 2)
  assert.equal(found.kind === 'job' && found.job.record.payload, large)
  assert.deepEqual((await queue.claim('w', 1)).labels, ['A', large])
})

test('calls that cross the border of a page keep their order, and a page fills in steps', async () => {
  const queue = await openTestQueue()
  const all = labels('j', 250)
  await queue.enqueue(all.slice(0, 3))
  await queue.enqueue(all.slice(3, 60))
  await queue.enqueue(all.slice(60))
  assert.deepEqual(await queue.places(), { ...NOTHING, ready: all })
  const spots = [0, 63, 64, 249].map((number) => pageOf(CLIENT, number))
  for (const [index, { page, slot }] of spots.entries()) {
    const found = await queue.door.get(page, slot)
    assert.equal(found.kind === 'job' && found.job.record.payload, `j${[0, 63, 64, 249][index]}`)
  }
})

test('a page that was dropped because all its jobs had gone takes the client’s next jobs', async () => {
  const queue = await openTestQueue()
  await queue.enqueue(labels('a', 10))
  await queue.complete('w', 2, (await queue.claim('w', 1)).jobs, '1')
  await queue.keeper.prune(KEEP_NOTHING)
  assert.deepEqual(await queue.places(), NOTHING)
  assert.equal(await queue.connection.command('EXISTS', `${queue.keys.pages}${pageOf(CLIENT, 0).page}`), 0)
  await queue.enqueue(['B', { label: 'C', in: 7 }])
  assert.deepEqual(await queue.places(), { ...NOTHING, ready: ['B'], scheduled: ['C+7'] })
})
