import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { startRedis } from '../support/redis.ts'
import { type Crew, labels, openCrew, until } from './crew.ts'
import { note } from './programs/jobs.ts'

/** How many connections there are, but for those of the test itself. */
async function connections({ connection }: Crew, own: number): Promise<number> {
  const list = String(await connection.command('CLIENT', 'LIST'))
  return list.split('\n').filter((line) => line.startsWith('id=')).length - own
}

describe('processes that stop', { concurrency: true }, () => {
  for (const times of [1, 3]) {
    test(`a worker told to stop ${times} times gives its unfinished job back with its attempt unburnt`, async (context) => {
      const crew = await openCrew(context)
      const worker = await crew.start('worker', { SHUTDOWN_TIMEOUT: '1s' })
      const { id } = await crew.client.enqueue(note, { label: 'one', rests: 60_000 })
      const short = await crew.client.enqueue(note, { label: 'two', rests: 500 })
      await until('both to start', () => crew.lines().length === 2)
      const toldAt = performance.now()
      for (let n = 0; n < times; n++) worker.signal('SIGTERM')
      assert.deepEqual(await worker.exit, { code: 143, signal: null })
      assert.ok(performance.now() - toldAt < 4_000, `${performance.now() - toldAt} ms`)
      const view = await crew.client.get(id)
      assert.deepEqual([view?.place, view?.attempt, view?.claims], ['ready', 1, 1])
      assert.equal((await crew.client.get(short.id))?.end, 'completed')
      assert.match(worker.output(), /"job\.handedBack"/)
      assert.match(worker.output(), /"process\.stopping".*"process\.stopped"/s)
      await crew.start('worker', { SHUTDOWN_TIMEOUT: '1s' })
      await until(
        'it to start again',
        () => crew.lines().filter(({ label, step }) => label === 'one' && step === 'start').length === 2,
      )
      const [, again] = crew.lines().filter(({ label, step }) => label === 'one' && step === 'start')
      assert.deepEqual([again?.attempt, again?.fence], [1, 2])
    })
  }

  for (const roles of ['worker', 'worker,scheduler']) {
    test(`a second Ctrl-C on ${roles} waits for nothing: the unfinished job goes back at once, unburnt`, async (context) => {
      const crew = await openCrew(context)
      const worker = await crew.start(roles, { SHUTDOWN_TIMEOUT: '60s' })
      const { id } = await crew.client.enqueue(note, { label: 'one', rests: 60_000 })
      await until('it to start', () => crew.lines().length === 1)
      worker.signal('SIGINT')
      await worker.line(/"process\.stopping"/)
      // Within 300 ms a second signal is the same keystroke, passed on by npm.
      await pause(400)
      assert.equal((await crew.client.get(id))?.place, 'active')
      const toldAt = performance.now()
      worker.signal('SIGINT')
      assert.deepEqual(await worker.exit, { code: 130, signal: null })
      assert.ok(performance.now() - toldAt < 3_000, `${performance.now() - toldAt} ms`)
      const view = await crew.client.get(id)
      assert.deepEqual([view?.place, view?.attempt, view?.claims], ['ready', 1, 1])
      assert.match(worker.output(), /"process\.stopped"/)
      assert.deepEqual(await crew.store.registry.living(await crew.store.inspector.time()), [])
    })
  }

  test('a worker until empty runs what there is, also what its own jobs enqueue, and ends by itself', async (context) => {
    const crew = await openCrew(context)
    await crew.client.enqueueMany(labels(20).map((label) => note.request({ label, spawns: 3 })))
    const worker = await crew.start('worker', { UNTIL_EMPTY: '1' })
    assert.deepEqual(await worker.exit, { code: 0, signal: null })
    const all = labels(20).flatMap((label) => [label, ...[0, 1, 2].map((n) => `${label}.${n}`)])
    assert.deepEqual(crew.notOnce(all), {})
  })

  test('a worker has at most 3 connections whatever its handlers enqueue, a scheduler 2, both in one 4, a client 1', async (context) => {
    const redis = await startRedis()
    context.after(redis.stop)
    const crew = await openCrew(context, redis.url)
    await crew.client.enqueue(note, { label: 'first' })
    assert.equal(await connections(crew, 1), 1)
    const worker = await crew.start('worker', { MORROW_LEASE: '1s' })
    await crew.client.enqueueMany(labels(20).map((label) => note.request({ label, spawns: 5, rests: 1_500 })))
    await until('all to run', () => crew.lines().filter(({ step }) => step === 'end').length === 121)
    assert.equal(await connections(crew, 2), 3)
    worker.signal('SIGTERM')
    await worker.exit
    const scheduler = await crew.start('scheduler')
    assert.equal(await connections(crew, 2), 2)
    scheduler.signal('SIGTERM')
    await scheduler.exit
    await crew.start('worker,scheduler')
    assert.ok((await connections(crew, 2)) <= 4)
  })
})
