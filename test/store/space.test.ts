import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jobId, placeOf, tokenOf } from '../../src/job/id.ts'
import { plainRecord } from '../../src/job/record.ts'
import { LayoutNewerError, StoreError } from '../../src/store/errors.ts'
import { LOOK_EVERY } from '../../src/store/gate.ts'
import { duration } from '../../src/time/clock.ts'
import { systemClock } from '../../src/time/system-clock.ts'
import { until } from '../support/until.ts'
import { CLIENT, openTestQueue } from './test-queue.ts'

test('a layout is claimed once, and a newer one is left alone', async () => {
  const { store, connection } = await openTestQueue()
  await store.space.greet()
  await store.space.greet()
  await connection.command('SET', store.space.keys.layout, 2)
  await assert.rejects(store.space.greet(), LayoutNewerError)
  assert.equal(await connection.command('GET', store.space.keys.layout), '2')
})

test('a queue is listed before its first job, and found by the token in its ids', async () => {
  const { store } = await openTestQueue()
  await store.queue('reports')
  assert.deepEqual(await store.space.queues(), ['mail', 'reports'])
  assert.equal(await store.space.queueOf(tokenOf('reports')), 'reports')
  assert.equal(await store.space.queueOf(tokenOf('none')), undefined)
})

test('two queues of one token are told apart by refusing the second', async () => {
  const { store, connection } = await openTestQueue()
  await connection.command('HSET', store.space.keys.queues, tokenOf('clash'), 'other')
  await assert.rejects(store.queue('clash'), (error) => error instanceof StoreError && /same token/.test(error.message))
})

test('queues are listed again after a reconnect, should Redis have lost them', async () => {
  const { store, connection } = await openTestQueue()
  await connection.command('DEL', store.space.keys.queues)
  const lost = new Promise<void>((resolve) => {
    connection.onLost(() => resolve())
  })
  connection.reset()
  await lost
  await until('the connection is back', () => connection.ready())
  await until('the queue is listed', async () => (await store.space.queues()).includes('mail'))
})

test('a process that lives while a newer release lays out the namespace leaves it alone from its next look on', async () => {
  const { store, door, connection } = await openTestQueue()
  await store.space.greet()
  await connection.command('SET', store.space.keys.layout, 2)
  await assert.rejects(store.space.greet(), /expected layout 1 in this namespace, found "2".*upgrade this process/)
  await assert.rejects(door.cancel('p', 0), LayoutNewerError)
  await assert.rejects(store.keeper('mail').promote('s'), LayoutNewerError)
  await assert.rejects(store.queue('new'), LayoutNewerError)
  await connection.command('SET', store.space.keys.layout, 1)
  await store.space.greet()
  assert.equal(await door.cancel('p', 0), 'unknown')
})

test('the layout is looked at again after a reconnect', async () => {
  const { store, door, connection } = await openTestQueue()
  await connection.command('SET', store.space.keys.layout, 2)
  const lost = new Promise<void>((resolve) => {
    connection.onLost(() => resolve())
  })
  connection.reset()
  await lost
  await until('the connection is back', () => connection.ready())
  const refused = (error: unknown): boolean => error instanceof LayoutNewerError
  await until('the layout is seen', () => door.cancel('p', 0).then(() => false, refused))
})

test('a layout that is no number is nobody’s to write to', async () => {
  const { store, connection } = await openTestQueue()
  await connection.command('SET', store.space.keys.layout, 'foreign')
  await assert.rejects(store.space.greet(), LayoutNewerError)
})

test('what a FLUSHALL has taken is listed again: by the next look of a process, and by a client whose call tells the loss', async () => {
  const { store, connection, prefix } = await openTestQueue()
  const wipe = () =>
    connection.command('DEL', store.space.keys.queues, store.space.keys.layout, `${prefix}:{mail}:clients`)
  await store.queue('reports')
  await wipe()
  await store.space.greet()
  assert.deepEqual(await store.space.queues(), ['mail', 'reports'])
  const told: number[] = []
  const line = await store.line('mail', { clock: systemClock, timeout: 2_000, onRolledBack: (lost) => told.push(lost) })
  const put = () => line.enter({ at: '', own: '', record: plainRecord('job', 'A'), apart: '' })
  await put()
  await wipe()
  await put()
  await until('the queue is listed', async () => (await store.space.queues()).includes('mail'))
  assert.deepEqual(told, [1])
  line.close()
})

test('a queue’s partition would be a queue beside it: with keys, a slot and a token of its own, while old ids stay', async () => {
  const { store, prefix } = await openTestQueue()
  const [whole, partition] = [await store.queue('mail'), await store.queue('mail:3')]
  assert.equal(partition.keys.ready, `${prefix}:{mail:3}:ready`)
  assert.equal(await store.space.queueOf(placeOf(jobId(partition.token, CLIENT, 70)).token), 'mail:3')
  assert.equal(await store.space.queueOf(placeOf(jobId(whole.token, CLIENT, 70)).token), 'mail')
  const longest = jobId(partition.token, CLIENT, Number.MAX_SAFE_INTEGER)
  assert.deepEqual([longest.length, placeOf(longest).sequence], [35, Number.MAX_SAFE_INTEGER])
})

test('a client that nobody keeps among the living sees a newer layout within ten seconds of use', async () => {
  const { store, connection } = await openTestQueue()
  let passed = 0
  const clock = { ...systemClock, monotonic: () => duration(systemClock.monotonic() + passed) }
  const line = await store.line('mail', { clock, timeout: 2_000, onRolledBack: () => undefined })
  const put = () => line.enter({ at: '', own: '', record: plainRecord('job', 'A'), apart: '' })
  await put()
  await connection.command('SET', store.space.keys.layout, 2)
  passed = LOOK_EVERY
  await put()
  await until('the layout is seen', () =>
    put().then(
      () => false,
      (error: unknown) => error instanceof LayoutNewerError,
    ),
  )
  line.close()
})
