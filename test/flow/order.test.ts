import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { defineJob } from '../../src/job/definition.ts'
import { openWorld } from './world.ts'

const HOUR = 3_600_000
const note = defineJob({ name: 'note', queue: 'notes', payload: z.string() })
const alarm = defineJob({ name: 'alarm', queue: 'notes', payload: z.string(), priority: 'urgent' })

async function openNotes() {
  const world = await openWorld()
  const ran: string[] = []
  const handlers = [note, alarm].map((job) => job.handle((text) => void ran.push(text)))
  return { ...world, ran, hands: () => world.worker(handlers, { concurrency: 1 }) }
}

test('jobs run by priority: as their type says, as a call says instead, and as the level is called', async () => {
  const { client, ran, hands } = await openNotes()
  await client.enqueue(note, 'plain')
  await client.enqueue(note, 'last', { priority: 9 })
  await client.enqueue(alarm, 'alarm')
  const first = await client.enqueue(note, 'first', { priority: 0 })
  const calm = await client.enqueue(alarm, 'calm', { priority: 'normal' })
  const many = [note.request('low', { priority: 'low' }), note.request('high', { priority: 'high' })]
  await client.enqueueMany(many)
  assert.deepEqual(await Promise.all([first, calm].map(async ({ id }) => (await client.get(id))?.priority)), [0, 5])
  await hands().work()
  assert.deepEqual(ran, ['first', 'alarm', 'high', 'plain', 'calm', 'low', 'last'])
})

test('a delayed job keeps its priority, and so does one with an own id and a long payload', async () => {
  const { client, ran, hands, pass, scheduler } = await openNotes()
  const long = 'x'.repeat(2_000)
  await client.schedule(note, 'plain', { in: '1h' })
  await client.schedule(note, long, { in: '1h', priority: 2, id: 'own' })
  await client.schedule(alarm, 'alarm', { in: '1h' })
  await pass(HOUR)
  await scheduler().tick()
  await hands().work()
  assert.deepEqual(ran, ['alarm', long, 'plain'])
})

test('the jobs of a schedule have the priority that it says', async () => {
  const { client, store, ran, hands, pass, scheduler } = await openNotes()
  await client.schedules.upsert('hourly', { job: note, payload: 'tick', cron: '0 * * * *', priority: 0 })
  await client.enqueue(note, 'plain')
  await pass(HOUR)
  await scheduler().tick()
  await client.schedules.run('hourly')
  assert.deepEqual(
    (await store.inspector.lanes('notes')).map(({ priority, jobs }) => [priority, jobs]),
    [
      [0, 2],
      [5, 1],
    ],
  )
  await hands().work()
  assert.deepEqual(ran, ['tick', 'tick', 'plain'])
})

test('a priority that is none is refused with what may be said instead', async () => {
  const { client } = await openNotes()
  for (const priority of [10, -1, 1.5, '5', 'hihg', null] as never[]) {
    await assert.rejects(
      client.enqueue(note, 'x', { priority }),
      /priority: must be a whole number from 0 \(first\) to 9/,
    )
  }
  assert.throws(() => defineJob({ name: 'x', priority: 'hihg' as never }), /did you mean 'high'\?/)
})

test('nothing is taken from a queue that is paused until it is resumed, or its pause ends by Redis’ clock', async () => {
  const { client, ran, hands, pass, clock } = await openNotes()
  await client.enqueue(note, 'a')
  const now = new Date(clock.now())
  const until = new Date(clock.now() + HOUR)
  const view = { queue: 'notes', since: now, until, by: 'ada', reason: 'provider is down' }
  assert.deepEqual(await client.queues.pause('notes', { reason: view.reason, until: '1h', by: 'ada' }), [view])
  assert.deepEqual(await client.queues.paused(), [view])
  await hands().work()
  assert.deepEqual(ran, [])
  await pass(HOUR)
  assert.deepEqual(await client.queues.paused(), [])
  await hands().work()
  assert.deepEqual(ran, ['a'])
  assert.deepEqual(await client.queues.resume(['notes', 'other']), [])
})

test('everything is paused with its schedules, and goes on with those that were paused by it', async () => {
  const { client, ran, hands, pass, scheduler } = await openNotes()
  const hourly = { job: note, payload: 'tick', cron: '0 * * * *' } as const
  await client.schedules.upsert('one', hourly)
  await client.schedules.upsert('two', hourly)
  await client.schedules.pause('two', { reason: 'of its own' })
  await client.queues.pause('*', { reason: 'deploy', schedules: true })
  await client.enqueue(note, 'a')
  await pass(HOUR)
  await scheduler().tick()
  await hands().work()
  assert.deepEqual(ran, [])
  assert.deepEqual(
    (await client.queues.paused()).map(({ queue }) => queue),
    ['*'],
  )
  assert.deepEqual(
    (await client.queues.resume('*')).map(({ queue, reason }) => [queue, reason]),
    [['*', 'deploy']],
  )
  const paused = await Promise.all(
    ['one', 'two'].map(async (name) => (await client.schedules.get(name))?.paused?.reason),
  )
  assert.deepEqual(paused, [undefined, 'of its own'])
  await hands().work()
  assert.deepEqual(ran, ['a'])
})

test('schedulers bring a pause of everything that stopped half way to its end', async () => {
  const { client, store, scheduler } = await openNotes()
  await client.enqueue(note, 'a')
  const { keys } = store.space
  await client.queues.pause('*', { reason: 'deploy' })
  await store.connection.command('DEL', keys.paused)
  const one = scheduler()
  await one.tick()
  await one.tidy()
  assert.deepEqual(await store.pauses.of('notes'), [])
})

test('all that is wrong with a pause is said at once, and nothing is paused', async () => {
  const { client } = await openNotes()
  const wrong = { reason: '', until: '5 lightyears', because: 1, schedules: true } as never
  await assert.rejects(client.queues.pause(['no/queue'], wrong), (error: Error & { faults?: readonly string[] }) => {
    assert.equal(error.name, 'InvalidPauseError')
    assert.deepEqual(
      error.faults?.map((fault) => fault.split(':')[0]),
      ['queues', 'options', 'reason', 'schedules', 'until'],
    )
    return true
  })
  await assert.rejects(client.queues.pause('notes', undefined as never), /options: must be an object/)
  await assert.rejects(client.queues.pause(['*', 'notes'], { reason: 'x' }), /must stand alone/)
  await assert.rejects(client.queues.pause([], { reason: 'x' }), /at least one name/)
  await assert.rejects(client.queues.pause('notes', { reason: 'x', until: new Date(0) }), /an instant after now/)
  assert.deepEqual(await client.queues.paused(), [])
})
