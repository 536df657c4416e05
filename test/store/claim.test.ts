import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LayoutNewerError } from '../../src/store/errors.ts'
import { duration } from '../../src/time/clock.ts'
import { NOTHING } from './places.ts'
import { CLIENT, DAY, labels, openTestQueue } from './test-queue.ts'

test('ready jobs are claimed first in first out, up to the limit, over the borders of calls and pages', async () => {
  const queue = await openTestQueue()
  const all = labels('j', 100)
  await queue.enqueue(all.slice(0, 30))
  await queue.enqueue(['other'], { client: 'd'.repeat(16) })
  await queue.enqueue(all.slice(30))
  const first = await queue.claim('w', 1, { limit: 35 })
  assert.deepEqual(first.labels, [...all.slice(0, 30), 'other', ...all.slice(30, 34)])
  assert.deepEqual((await queue.claim('w', 2)).labels, all.slice(34))
  assert.equal((await queue.claim('w', 3)).kind, 'empty')
  assert.equal((await queue.places()).active.length, 101)
})

test('a claimed job says its claim number, its instants and its owner’s call', async () => {
  const queue = await openTestQueue()
  await queue.enqueue([{ label: 'A', in: 40 }])
  queue.at(50)
  await queue.keeper.promote('s')
  const [job] = (await queue.claim('w', 1)).jobs
  assert.deepEqual(
    { claim: job?.claim, call: job?.call, owner: job?.owner, wait: (job?.dueAt ?? 0) - (job?.createdAt ?? 0) },
    { claim: 1, call: 1, owner: 'w', wait: 40 },
  )
})

test('a claim sent again is known, and what it took is answered again without taking more', async () => {
  const queue = await openTestQueue()
  await queue.enqueue(['A', 'B', { label: 'x'.repeat(2_000) }, 'D'])
  const taken = await queue.claim('w', 1, { limit: 3 })
  assert.equal((await queue.claim('w', 1, { limit: 3 })).kind, 'known')
  const again = await queue.claimed('w', 1)
  assert.deepEqual(again.jobs, taken.jobs)
  await queue.complete('w', 2, taken.jobs.slice(0, 1))
  assert.deepEqual((await queue.claimed('w', 1)).labels, taken.labels.slice(1), 'only what it still has')
  assert.deepEqual((await queue.places()).ready, ['D'])
})

test('a claim before its turn is a gap, one of an owner whose lease is gone is lost', async () => {
  const queue = await openTestQueue()
  await queue.enqueue(['A', 'B'])
  assert.equal((await queue.claim('w', 2)).kind, 'lost')
  await queue.claim('w', 1, { limit: 1 })
  assert.equal((await queue.claim('w', 3)).kind, 'gap')
  assert.deepEqual(await queue.places(), { ...NOTHING, ready: ['B'], active: ['A*1'] })
})

test('a job whose name the worker does not know is held, and nothing behind it waits', async () => {
  const queue = await openTestQueue()
  await queue.enqueue([
    'A',
    { label: 'B', name: 'new' },
    { label: 'C', name: 'newer' },
    'D',
    { label: 'E', name: 'new' },
  ])
  const claim = await queue.claim('w', 1)
  assert.deepEqual([claim.labels, claim.held], [['A', 'D'], 'new,newer'])
  assert.deepEqual(await queue.places(), {
    ...NOTHING,
    held: ['new:B', 'new:E', 'newer:C'],
    active: ['A*1', 'D*1'],
  })
  assert.equal((await queue.claim('w', 2)).held, 'new,newer')
})

test('one call holds a bounded number of jobs and says that there is more to look at', async () => {
  const queue = await openTestQueue()
  for (let call = 0; call < 3; call++) {
    await queue.enqueue(labels('u', 200).map((label) => ({ label: `${call}${label}`, name: 'unknown' })))
  }
  await queue.enqueue(['A'])
  const kinds: string[] = []
  for (let claim = await queue.claim('w', 1); claim.kind !== 'claimed'; claim = await queue.claim('w', 1)) {
    kinds.push(claim.kind)
    assert.ok(kinds.length < 10)
  }
  assert.deepEqual(kinds, ['more', 'more'])
  const places = await queue.places()
  assert.deepEqual([places.held.length, places.active], [600, ['A*1']])
})

test('a claim is bounded in bytes but takes at least one job', async () => {
  const queue = await openTestQueue()
  await queue.enqueue(['a', 'b', 'c'].map((letter) => ({ label: letter.repeat(3_000) })))
  assert.equal((await queue.claim('w', 1, { bytes: 10 })).labels.length, 1)
  assert.equal((await queue.claim('w', 2, { bytes: 5_000 })).labels.length, 1)
  assert.equal((await queue.claim('w', 3, { bytes: 5_000 })).labels.length, 1)
})

test('a record that a newer release wrote is held until one comes that reads it', async () => {
  const queue = await openTestQueue()
  await queue.enqueue(['A', 'B'])
  await queue.connection.command('LSET', `${queue.keys.pages}${'c'.repeat(16)}:00000000`, 1, '3\njob\n\n\nA')
  const claim = await queue.claim('w', 1)
  assert.deepEqual([claim.labels, claim.held], [['B'], '#3'])
  assert.deepEqual(await queue.places(), { ...NOTHING, held: ['#3:(newer)'], active: ['B*1'] })
  const page = `${CLIENT}:00000000`
  assert.deepEqual(await queue.door.get(page, 0), { kind: 'newer' })
  await assert.rejects(queue.door.cancel(page, 0), LayoutNewerError)
  await assert.rejects(queue.door.reschedule(page, 0, '+1'), /expected record version 2 .* found "3"/)
  queue.at(DAY)
  assert.equal(await queue.keeper.giveUp(duration(1_000)), 0)
  assert.deepEqual((await queue.places()).held, ['#3:(newer)'])
})

test('losses over a record that a newer release wrote are not judged', async () => {
  const queue = await openTestQueue()
  await queue.enqueue(['A'])
  await queue.claim('w', 1)
  await queue.connection.command('LSET', `${queue.keys.pages}${CLIENT}:00000000`, 1, '3\njob\n\n\nA')
  queue.at(15_001)
  assert.deepEqual(await queue.keeper.reclaim(1), { back: 1, died: 0, nextIn: null })
})

test('jobs that were cancelled while ready are passed over', async () => {
  const queue = await openTestQueue()
  await queue.enqueue(labels('j', 300))
  for (let number = 0; number < 299; number++) {
    await queue.door.cancel(
      `${'c'.repeat(16)}:${Math.floor(number / 64)
        .toString(16)
        .padStart(8, '0')}`,
      number % 64,
    )
  }
  assert.deepEqual((await queue.claim('w', 1)).labels, ['j299'])
  const places = await queue.places()
  assert.deepEqual([places.ended.length, places.active, places.ready], [299, ['j299*1'], []])
})
