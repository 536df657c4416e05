import assert from 'node:assert/strict'
import { test } from 'node:test'
import { placeOf } from '../../src/job/id.ts'
import { NIGHTLY, openNightly, tick } from './nightly.ts'
import { NOTHING } from './places.ts'
import { KEEP_NOTHING, keysOf, START } from './test-queue.ts'

test('a due tick makes its job, writes the ledger and moves on, once, with three schedulers', async () => {
  const { queue, schedules, id } = await openNightly()
  queue.at(1_005)
  const { due } = await schedules.due('mail', queue.now())
  assert.deepEqual(
    due.map(({ name }) => name),
    ['nightly'],
  )
  const fired = await Promise.all([1, 2, 3].map(() => schedules.fire('mail', id, tick('T1', 1_000, 2_000))))
  assert.deepEqual(
    fired.map(({ kind }) => kind),
    ['fired', 'moved', 'moved'],
  )
  assert.deepEqual(await queue.places(), { ...NOTHING, ready: ['T1'] })
  assert.deepEqual(await schedules.ledger('mail', id, 10), [`${START + 1_005} fired 1000 0`])
  const [stored] = await schedules.list()
  assert.deepEqual(
    [stored?.nextAt, stored?.lastPlannedAt, stored?.lastFiredAt, stored?.made],
    [START + 2_000, START + 1_000, START + 1_005, 1],
  )
  const [first] = fired
  assert.ok(first?.kind === 'fired' && first.id !== null)
  const { page, slot } = placeOf(first.id)
  const found = await queue.door.get(page, slot)
  assert.equal(found.kind === 'job' && found.job.id, first.id)
  assert.equal(found.kind === 'job' && found.job.dueAt, START + 1_000)
})

test('a tick that is not due by Redis’ clock is early, one of an older definition has moved', async () => {
  const { queue, schedules, id } = await openNightly()
  queue.at(999)
  assert.deepEqual(await schedules.fire('mail', id, tick('T1', 1_000, 2_000)), { kind: 'early' })
  queue.at(1_000)
  await schedules.apply({ ...NIGHTLY, version: 'v2', next: START + 1_000 })
  assert.deepEqual(await schedules.fire('mail', id, tick('T1', 1_000, 2_000)), { kind: 'moved' })
  assert.deepEqual(await queue.places(), NOTHING)
  assert.equal((await schedules.fire('mail', id, { ...tick('T1', 1_000, 2_000), version: 'v2' })).kind, 'fired')
})

test('a tick that shall make no job leaves its reason in the ledger, and the last one leaves no next', async () => {
  const { queue, schedules, id } = await openNightly()
  queue.at(1_000)
  const skipped = { ...tick('', 1_000, 2_000), record: '', apart: '', entry: 'skipped overlap' }
  assert.deepEqual(await schedules.fire('mail', id, skipped), { kind: 'fired', id: null })
  queue.at(2_000)
  assert.equal((await schedules.fire('mail', id, tick('T2', 2_000, null))).kind, 'fired')
  assert.deepEqual(await schedules.due('mail', queue.now()), { due: [], nextAt: null })
  assert.deepEqual(
    (await schedules.ledger('mail', id, 10)).map((entry) => entry.split(' ').slice(1).join(' ').trim()),
    ['skipped overlap', 'fired 2000 0'],
  )
  assert.deepEqual(await queue.places(), { ...NOTHING, ready: ['T2'] })
})

test('ticks fill pages of their own, and a large payload lies apart', async () => {
  const { queue, schedules, id } = await openNightly()
  const large = 'x'.repeat(3_000)
  for (let number = 1; number <= 66; number++) {
    queue.at(number * 1_000)
    await schedules.fire('mail', id, tick(number === 66 ? large : `T${number}`, number * 1_000, (number + 1) * 1_000))
  }
  const { jobs, labels } = await queue.claim('w', 1)
  assert.deepEqual([labels.length, labels[0], labels[65]], [66, 'T1', large])
  await queue.complete('w', 2, jobs, '1')
  await queue.keeper.prune(KEEP_NOTHING)
  assert.deepEqual(await queue.places(), NOTHING)
  const left = (await keysOf(queue)).filter((key) => key.startsWith(queue.keys.pages))
  assert.deepEqual(left, [])
})
