import assert from 'node:assert/strict'
import { test } from 'node:test'
import { draw, HOME, NIGHTLY, openNightly, run } from './nightly.ts'
import { START } from './test-queue.ts'

const retiring = {
  rev: '1',
  reign: 1,
  since: START + 500,
  context: NIGHTLY.context,
  by: 'scheduler-1',
  from: START + 1_000,
}

test('a definition is applied once for a version, and its first tick is set', async () => {
  const { schedules, ledger, stands } = await openNightly()
  assert.equal(await schedules.apply(HOME, { ...NIGHTLY, rev: '1', from: START + 1_000 }), 'unchanged')
  const { name, queue, version, definition, rev, nextAt, made, origin, tz } = await stands()
  assert.deepEqual([name, queue, version, definition], ['nightly', 'mail', 'v1', NIGHTLY.definition])
  assert.deepEqual([rev, nextAt, made, origin, tz], ['1', START + 1_000, 0, 'file', '2026a'])
  assert.deepEqual(await ledger(), ['applied 0 0 1 0'])
  assert.deepEqual(
    (await schedules.list()).map(({ name }) => name),
    ['nightly'],
  )
})

test('a definition that was planned from what has changed since is not applied', async () => {
  const { queue, schedules, fire, stands } = await openNightly()
  queue.at(1_000)
  const next = { ...NIGHTLY, version: 'v2', rev: '1', from: START + 1_000, since: START + 1_000 }
  await fire(draw(1_000, 2_000, [run('T1', 1_000)]))
  assert.equal(await schedules.apply(HOME, next), 'moved', 'a tick was fired meanwhile')
  assert.equal(await schedules.apply(HOME, { ...next, from: START + 2_000, rev: '7' }), 'moved')
  assert.equal(await schedules.apply(HOME, { ...next, from: START + 2_000 }), 'applied')
  assert.deepEqual([(await stands()).rev, (await stands()).version, (await stands()).made], ['2', 'v2', 1])
})

test('what a later reign has applied is left alone by an earlier one', async () => {
  const { schedules, stands } = await openNightly()
  const later = { ...NIGHTLY, rev: '1', from: START + 1_000, version: 'v2', reign: 2 }
  assert.equal(await schedules.apply(HOME, later), 'applied')
  assert.equal(await schedules.apply(HOME, { ...NIGHTLY, rev: '2', from: START + 1_000 }), 'newer')
  assert.equal(await schedules.retire(HOME, { ...retiring, rev: '2', heir: '', owed: null }), 'newer')
  assert.equal((await stands()).version, 'v2')
})

test('newer time-zone data moves the next tick, older leaves it', async () => {
  const { schedules, stands } = await openNightly()
  const next = { at: START + 700, dueAt: START + 700 }
  const again = { ...NIGHTLY, rev: '1', from: START + 1_000, next }
  assert.equal(await schedules.apply(HOME, { ...again, tz: '2025c' }), 'unchanged')
  assert.equal((await stands()).nextAt, START + 1_000)
  assert.equal(await schedules.apply(HOME, { ...again, tz: '2026b' }), 'applied')
  assert.equal((await stands()).nextAt, START + 700)
})

test('a retired schedule has no next tick, and its ledger says what it still owed', async () => {
  const { queue, schedules, fire, ledger, stands } = await openNightly()
  queue.at(3_500)
  const owed = { first: START + 1_000, last: START + 3_000, count: 3 }
  const retire = { ...retiring, since: START + 3_500, heir: '', owed }
  assert.equal(await schedules.retire(HOME, retire), 'retired')
  assert.equal(await schedules.retire(HOME, retire), 'unknown')
  assert.deepEqual((await ledger()).slice(1), ['superseded 1000 3000 3 0', 'withdrawn 3500 3500 1 0'])
  assert.deepEqual([await schedules.list(), (await schedules.due('mail', 10)).due], [[], []])
  assert.deepEqual(await fire(draw(1_000, 2_000, [run('T1', 1_000)])), [{ kind: 'moved' }])
  const { rev } = await stands()
  assert.equal(await schedules.apply(HOME, { ...NIGHTLY, rev, from: null }), 'applied')
  assert.equal(await schedules.fold(HOME, { keep: 1_000, oldest: 0, tail: 0 }), 4)
})

test('a retired schedule whose ledger has aged is gone, and one in force never', async () => {
  const { schedules } = await openNightly()
  const aged = { keep: 1_000, oldest: START + 10_000, tail: 0 }
  assert.equal(await schedules.fold(HOME, aged), 0)
  assert.equal((await schedules.list()).length, 1)
  await schedules.retire(HOME, { ...retiring, heir: '', owed: null })
  assert.equal(await schedules.fold(HOME, aged), -1)
  assert.equal(await schedules.forget(HOME), true)
  assert.equal(await schedules.read(HOME), undefined)
})

test('the jobs of a schedule that wait are cancelled with it', async () => {
  const { queue, schedules, fire } = await openNightly()
  queue.at(3_000)
  await fire(draw(1_000, 4_000, [run('T1', 1_000), run('T2', 2_000), run('T3', 3_000)]))
  await queue.claim('w', 1, { limit: 1 })
  await schedules.callOff(HOME)
  const { ready, active, ended } = await queue.places()
  assert.deepEqual([ready, active, ended], [[], ['T1*1'], ['T2', 'T3']])
})

test('what people say is noted once, and what was planned before it is void', async () => {
  const { queue, schedules, fire, stands } = await openNightly()
  const pauses = [{ since: START, until: null, by: 'ada', reason: 'invoices are wrong' }]
  assert.equal(await schedules.amend(HOME, '1', { pauses }), 'amended')
  assert.equal(await schedules.amend(HOME, '1', { skips: [5] }), 'moved')
  assert.equal(await schedules.amend({ ...HOME, id: 'x'.repeat(16) }, '1', { skips: [5] }), 'unknown')
  assert.deepEqual((await stands()).pauses, pauses)
  queue.at(1_000)
  assert.deepEqual(await fire(draw(1_000, 2_000, [run('T1', 1_000)])), [{ kind: 'moved' }])
  assert.deepEqual((await schedules.due('mail', 10)).due[0]?.pauses, pauses)
})
