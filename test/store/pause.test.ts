import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PauseNote } from '../../src/store/pauses.ts'
import { connect, openTestQueue, START, type TestQueue } from './test-queue.ts'

const connection = await connect()
const open = (): Promise<TestQueue> => openTestQueue(connection)
const NOTE: PauseNote = { since: START, until: null, by: 'ada', reason: 'provider is down' }

test('a paused queue takes jobs and promotes them, and claims find nothing until it is resumed', async () => {
  const queue = await open()
  const { pauses } = queue.store
  await queue.enqueue(['A', { label: 'B', in: 10 }])
  const { jobs } = await queue.claim('w', 1, { limit: 1 })
  assert.equal(await pauses.pause('mail', NOTE), null)
  assert.deepEqual(await pauses.of('mail'), [{ ...NOTE, queue: 'mail', scope: 'queue' }])
  queue.at(10)
  await queue.keeper.promote('s')
  await queue.enqueue(['C'])
  await queue.complete('w', 2, jobs, '1')
  assert.equal((await queue.claim('w', 3)).kind, 'empty')
  const places = await queue.places()
  assert.deepEqual([places.ready, places.ended], [['B', 'C'], ['A']])
  assert.deepEqual(await pauses.resume('mail'), NOTE)
  assert.equal(await pauses.resume('mail'), null)
  assert.deepEqual(await pauses.of('mail'), [])
  assert.deepEqual((await queue.claim('w', 3)).labels, ['B', 'C'])
})

test('a pause with an end is over by itself at that instant of Redis’ clock, and not a millisecond before', async () => {
  const queue = await open()
  await queue.enqueue(['A'])
  await queue.store.pauses.pause('mail', { ...NOTE, until: START + 1_000 })
  queue.at(999)
  assert.equal((await queue.claim('w', 1)).kind, 'empty')
  assert.equal((await queue.store.pauses.of('mail')).length, 1)
  queue.at(1_000)
  assert.deepEqual(await queue.store.pauses.of('mail'), [])
  assert.deepEqual((await queue.claim('w', 1)).labels, ['A'])
  await queue.store.pauses.resume('other')
  await queue.store.pauses.resume('mail')
  assert.equal(await connection.command('EXISTS', queue.keys.pauses), 0, 'nothing of it is left')
})

test('a queue that is paused twice over goes on when the last of both ends', async () => {
  const queue = await open()
  const { pauses } = queue.store
  await queue.enqueue(['A'])
  await pauses.pause('mail', { ...NOTE, until: START + 1_000 })
  await pauses.pauseAll({ ...NOTE, reason: 'deploy', until: START + 500 })
  assert.deepEqual((await pauses.of('mail')).map(({ scope, reason }) => [scope, reason]).sort(), [
    ['everything', 'deploy'],
    ['queue', NOTE.reason],
  ])
  queue.at(500)
  assert.equal((await queue.claim('w', 1)).kind, 'empty')
  assert.deepEqual(
    (await pauses.of('mail')).map(({ scope }) => scope),
    ['queue'],
  )
  await pauses.pauseAll(NOTE)
  queue.at(1_000)
  assert.equal((await queue.claim('w', 1)).kind, 'empty')
  assert.deepEqual(await pauses.resumeAll(), NOTE)
  assert.deepEqual((await queue.claim('w', 1)).labels, ['A'])
})

test('everything that is paused includes a queue that is made later', async () => {
  const queue = await open()
  const { pauses } = queue.store
  await pauses.pauseAll(NOTE)
  await queue.store.queue('later')
  assert.deepEqual(
    (await pauses.of('later')).map(({ scope }) => scope),
    ['everything'],
  )
  assert.deepEqual(await pauses.everything(), NOTE)
  await pauses.resumeAll()
  assert.deepEqual([await pauses.of('later'), await pauses.of('mail'), await pauses.everything()], [[], [], null])
})

test('what stopped in between is brought to its end by whoever comes by the queue', async () => {
  const queue = await open()
  const { pauses } = queue.store
  await pauses.pauseAll(NOTE)
  await connection.command('DEL', queue.store.space.keys.paused)
  assert.equal((await pauses.of('mail')).length, 1, 'as after a resume that stopped after its first step')
  await pauses.follow('mail')
  assert.deepEqual(await pauses.of('mail'), [])
  await pauses.pauseAll(NOTE)
  await connection.command('DEL', queue.keys.pauses)
  await connection.command('HDEL', queue.keys.counts, 'paused')
  await pauses.follow('mail')
  assert.equal((await pauses.of('mail')).length, 1, 'as after a pause that stopped after its first step')
})

test('resuming wakes the workers that sleep', async () => {
  const queue = await open()
  const heard: string[] = []
  await queue.store.pauses.pause('mail', NOTE)
  const ears = await connect()
  const woken = new Promise<void>((resolve) => {
    void ears
      .listen(queue.store.space.keys.wakes, (_channel, message) => {
        heard.push(message)
        resolve()
      })
      .then(() => queue.store.pauses.resume('mail'))
  })
  await woken
  assert.deepEqual(heard, ['ready mail'])
})
