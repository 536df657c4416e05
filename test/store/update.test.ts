import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeRecord } from '../../src/job/record.ts'
import type { ReadJob, Selection } from '../../src/store/selection.ts'
import { oneEverywhere, PAGE, SLOTS } from './everywhere.ts'
import { KEEP_NOTHING, openTestQueue } from './test-queue.ts'

const withPayload = ({ job: { record } }: ReadJob, payload: string) => encodeRecord({ ...record, payload })
const readAt = async (selection: Selection, slot: number): Promise<ReadJob> =>
  (await selection.read(PAGE, slot)) ?? assert.fail(`nothing in slot ${slot}`)

test('update replaces the record of what waits, and leaves it where it is', async () => {
  const queue = await oneEverywhere()
  const selection = await queue.store.selection('mail')
  const before = await queue.places()
  const answers: Record<string, string> = {}
  for (const [place, slot] of Object.entries(SLOTS)) {
    if (place === 'never') continue
    const read = await readAt(selection, slot)
    answers[place] = await selection.update(read, withPayload(read, place.toUpperCase()))
  }
  assert.deepEqual(answers, {
    active: 'running',
    dead: 'dead',
    ended: 'ended',
    held: 'updated',
    ready: 'updated',
    scheduled: 'updated',
  })
  assert.deepEqual(await queue.places(), {
    ...before,
    scheduled: ['SCHEDULED+1000'],
    ready: ['READY'],
    held: ['unknown:HELD'],
  })
})

test('update replaces only what was read, and sent again it changes nothing', async () => {
  const queue = await openTestQueue()
  await queue.enqueue(['A'])
  const selection = await queue.store.selection('mail')
  const read = await readAt(selection, 0)
  for (const _ of ['sent', 'sent again']) assert.equal(await selection.update(read, withPayload(read, 'B')), 'updated')
  assert.equal(await selection.update(read, withPayload(read, 'C')), 'changed')
  const { jobs } = await queue.claim('w', 1)
  assert.deepEqual(
    jobs.map(({ record }) => record.payload),
    ['B'],
  )
  assert.equal(
    await selection.update(read, withPayload(read, 'B')),
    'running',
    'what was claimed meanwhile has its payload',
  )
})

test('a payload above 1 KiB lies apart, and is gone with the one that it is replaced by', async () => {
  const queue = await openTestQueue()
  await queue.enqueue(['A', 'B'])
  const selection = await queue.store.selection('mail')
  const apart = `${queue.keys.pages}${PAGE}:0`
  for (const payload of ['x'.repeat(2_000), 'y'.repeat(2_000), 'short', 'z'.repeat(2_000)]) {
    const read = await readAt(selection, 0)
    assert.equal(await selection.update(read, withPayload(read, payload)), 'updated')
    assert.equal((await readAt(selection, 0)).job.record.payload, payload)
    assert.equal(await queue.connection.command('EXISTS', apart), payload === 'short' ? 0 : 1)
  }
  const stale = await readAt(selection, 0)
  const other = withPayload(stale, 'w'.repeat(2_000))
  assert.equal(await selection.update(stale, other), 'updated')
  assert.equal(
    await selection.update(stale, withPayload(stale, 'v'.repeat(2_000))),
    'changed',
    'the part in the page is the same',
  )
  const { jobs } = await queue.claim('w', 1)
  assert.deepEqual(
    jobs.map(({ record }) => record.payload[0]),
    ['w', 'B'],
  )
  await queue.complete('w', 2, jobs)
  await queue.keeper.prune(KEEP_NOTHING)
  assert.equal(await queue.connection.command('EXISTS', apart), 0, 'it goes with its job')
})

test('update leaves the record of a newer release alone', async () => {
  const queue = await openTestQueue()
  await queue.enqueue(['A'])
  const selection = await queue.store.selection('mail')
  const read = await readAt(selection, 0)
  await queue.connection.command('LSET', `${queue.keys.pages}${PAGE}`, 1, '3{}')
  await assert.rejects(selection.update(read, withPayload(read, 'B')), { code: 'MORROW_LAYOUT_NEWER' })
})
