import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tokenOf } from '../../src/job/id.ts'
import { LayoutNewerError, StoreError } from '../../src/store/errors.ts'
import { until } from '../support/until.ts'
import { openTestQueue } from './test-queue.ts'

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
