import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PlaceName } from '../../src/store/queue.ts'
import { BEGIN, type Look, type Selection, type Wanted } from '../../src/store/selection.ts'
import { oneEverywhere } from './everywhere.ts'
import { labels, openTestQueue, START, type TestQueue } from './test-queue.ts'

const EVER = { from: 0, to: Number.MAX_SAFE_INTEGER }
const wanting = (places: readonly PlaceName[], more: Partial<Wanted> = {}): Wanted => ({
  places,
  job: '',
  due: EVER,
  created: EVER,
  ...more,
})
const ALL: readonly PlaceName[] = ['scheduled', 'ready', 'held', 'active', 'dead', 'ended']
const WAITING = wanting(['scheduled', 'ready', 'held'])

/** Every look from the beginning to the end, and what happens between two of them. */
async function looks(
  selection: Selection,
  wanted: Wanted,
  limit: number | 'counts' = 250,
  between: (look: number) => Promise<unknown> = async () => undefined,
): Promise<readonly Look[]> {
  const all: Look[] = []
  for (let at: Look['next'] = BEGIN; at !== null; ) {
    const look = await selection.look(wanted, at, limit)
    all.push(look)
    at = look.next
    await between(all.length)
  }
  return all
}

const found = (all: readonly Look[]): string[] => all.flatMap(({ jobs }) => jobs.map(({ job }) => job.record.payload))
const sum = (all: readonly Look[]): number =>
  all.flatMap(({ counts }) => counts).reduce((total, [, count]) => total + count, 0)
const selectionOf = ({ store }: TestQueue): Promise<Selection> => store.selection('mail')

test('jobs are found by their place, and told as get tells them', async () => {
  const queue = await oneEverywhere()
  const selection = await selectionOf(queue)
  for (const place of ALL) {
    const [job] = (await looks(selection, wanting([place]))).flatMap((look) => look.jobs)
    assert.equal(job?.job.record.payload, place)
    assert.deepEqual({ kind: 'job', job: job?.job }, await queue.door.get(job?.job.page ?? '', job?.job.slot ?? 0))
  }
  assert.deepEqual(found(await looks(selection, wanting(ALL))).sort(), [...ALL].sort())
})

test('jobs are found by name, by due and by created instants, the later end left out', async () => {
  const queue = await openTestQueue()
  await queue.enqueue([
    { label: 'A', in: 100 },
    { label: 'B', in: 200, name: 'other' },
  ])
  queue.at(50)
  await queue.enqueue([{ label: 'C', in: 150 }, 'D'])
  const selection = await selectionOf(queue)
  const by = async (more: Partial<Wanted>): Promise<string[]> => found(await looks(selection, { ...WAITING, ...more }))
  assert.deepEqual(await by({ job: 'other' }), ['B'])
  assert.deepEqual(await by({ due: { from: START + 100, to: START + 200 } }), ['A'])
  assert.deepEqual(await by({ due: { from: START + 200, to: START + 201 } }), ['B', 'C'])
  assert.deepEqual(await by({ created: { from: START, to: START + 50 } }), ['A', 'B'])
  assert.deepEqual(await by({ created: { from: START + 50, to: EVER.to }, job: 'job' }), ['C', 'D'])
})

test('a look is bounded, and goes on within a page where it stopped', async () => {
  const queue = await openTestQueue()
  const all = labels('J', 300)
  await queue.enqueue(all.slice(0, 150))
  await queue.enqueue(all.slice(150).map((label) => ({ label, in: 1_000 })))
  const selection = await selectionOf(queue)
  for (const limit of [1, 7, 64, 250]) {
    const each = await looks(selection, WAITING, limit)
    assert.ok(each.every(({ jobs }) => jobs.length <= limit))
    assert.deepEqual(found(each).sort(), [...all].sort())
  }
  assert.equal(sum(await looks(selection, WAITING, 'counts')), 300)
  assert.equal(sum(await looks(selection, wanting(['scheduled']), 'counts')), 150)
})

test('a look that finds nothing is bounded too', async () => {
  const queue = await openTestQueue()
  for (const client of ['d', 'e', 'f', 'g']) await queue.enqueue(labels(client, 250), { client: client.repeat(16) })
  const selection = await selectionOf(queue)
  const none = await looks(selection, { ...WAITING, job: 'other' })
  assert.ok(none.length > 1 && found(none).length === 0)
  assert.equal(sum(await looks(selection, { ...WAITING, created: { from: 1, to: 2 } }, 'counts')), 0)
})

test('large payloads are not carried all at once', async () => {
  const queue = await openTestQueue()
  const large = (letter: string): string => letter.repeat(100_000)
  await queue.enqueue(['a', 'b', 'c', 'd', 'e'].map(large))
  const each = await looks(await selectionOf(queue), WAITING)
  assert.deepEqual(
    found(each)
      .map((text) => text[0])
      .sort(),
    ['a', 'b', 'c', 'd', 'e'],
  )
  assert.ok(each.every(({ jobs }) => jobs.length <= 2))
})

test('other queues, other keys and payloads apart are no pages', async () => {
  const queue = await openTestQueue()
  const other = await queue.store.queue('mail2')
  await queue.enqueue(['A', 'x'.repeat(2_000)])
  assert.equal(sum(await looks(await selectionOf(queue), WAITING, 'counts')), 2)
  assert.equal(sum(await looks(await queue.store.selection(other.queue), WAITING, 'counts')), 0)
})

test('a record of a newer release never matches', async () => {
  const queue = await openTestQueue()
  await queue.enqueue(['A', 'B'])
  await queue.connection.command('LSET', `${queue.keys.pages}${'c'.repeat(16)}:00000000`, 1, '3{"later":1}')
  const selection = await selectionOf(queue)
  assert.deepEqual(found(await looks(selection, WAITING)), ['B'])
  assert.equal(sum(await looks(selection, WAITING, 'counts')), 1)
})

test('what waits through a whole selection is found, though others come, are promoted, claimed and ended meanwhile', async () => {
  const queue = await openTestQueue()
  const clients = labels('', 400).map((number) => number.padStart(16, 'k'))
  for (const [index, client] of clients.entries()) {
    await queue.enqueue(
      [
        { label: `soon${index}`, in: 10 },
        { label: `late${index}`, in: 99_000 },
      ],
      { client },
    )
  }
  let coming = 0
  let call = 0
  const meanwhile = async (): Promise<void> => {
    queue.at(10)
    await queue.keeper.promote('s')
    const { jobs } = await queue.claim('w', ++call, { limit: 9 })
    await queue.complete('w', ++call, jobs, String(call - 1))
    for (let more = 0; more < 60; more++) {
      await queue.enqueue([`new${coming}`], { client: `${coming++}`.padStart(16, 'n') })
    }
  }
  const selection = await selectionOf(queue)
  for (const wanted of [WAITING, wanting(['scheduled'])]) {
    const all = new Set(found(await looks(selection, wanted, 50, meanwhile)))
    const missing = clients.map((_, index) => `late${index}`).filter((label) => !all.has(label))
    assert.deepEqual(missing, [])
  }
})
