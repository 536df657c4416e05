import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defineJob } from '../../src/job/definition.ts'
import { queueKeys } from '../../src/store/keys.ts'
import { DAY, HOUR, SECOND } from '../../src/time/duration.ts'
import { openWorld } from '../flow/world.ts'

const tidy = defineJob({ name: 'tidy' })

test('a tick answers how long until the next job is due, at most five seconds', async () => {
  const world = await openWorld()
  const scheduler = world.scheduler()
  assert.equal(await scheduler.tick(), 5_000)
  await world.client.schedule(tidy, { in: '1250 ms' })
  scheduler.hear('due default')
  assert.equal(await scheduler.tick(), 1_250)
  await world.pass(1_249)
  assert.equal(await scheduler.tick(), 1)
  assert.equal((await world.store.inspector.counts('default')).ready, 0)
  await world.pass(1)
  await scheduler.tick()
  assert.equal((await world.store.inspector.counts('default')).ready, 1)
})

test('a scheduler beside another looks 50 ms later, and moves what the other has left', async () => {
  const world = await openWorld()
  await world.client.schedule(tidy, { in: '2 s' })
  const [first, second] = [world.scheduler(), world.scheduler()]
  assert.deepEqual([await first.tick(), await second.tick()], [2_000, 2_050])
  await world.pass(2_050)
  await second.tick()
  assert.equal((await world.store.inspector.counts('default')).ready, 1)
})

test('a scheduler that leaves makes no tick of the next one late', async () => {
  const world = await openWorld()
  await world.client.schedule(tidy, { in: '2 s' })
  const [first, second] = [world.scheduler(), world.scheduler()]
  await first.tick()
  assert.equal(await second.tick(), 2_050)
  await first.leave()
  second.hear('due default')
  assert.equal(await second.tick(), 2_000)
})

test('what is kept for a while is not dropped by a clock that has leapt', async () => {
  const world = await openWorld()
  const gone = defineJob({ name: 'gone' })
  await world.client.enqueue(gone)
  await world.client.enqueue(tidy, { id: 'own' })
  await world.worker([tidy.handle(() => undefined)]).work()
  const counts = async () => {
    const { held, ended, dead } = await world.store.inspector.counts('default')
    return [held, ended, dead]
  }
  const scheduler = world.scheduler({ latest: () => world.clock.now() + 60_000 })
  await scheduler.tick()
  world.leap(30 * DAY)
  await scheduler.tidy()
  assert.deepEqual(await counts(), [1, 1, 0])
  assert.equal((await world.client.enqueue(tidy, { id: 'own' })).outcome, 'exists')
  await world.worker([tidy.handle(() => undefined)]).work()
  assert.deepEqual(await counts(), [1, 1, 0])
  world.leap(0)
  await world.pass(30 * DAY)
  await scheduler.tidy()
  assert.deepEqual(await counts(), [0, 0, 1])
})

test('many due jobs are moved in portions, and a tick that left some asks to be called at once', async () => {
  const world = await openWorld()
  const items = Array.from({ length: 600 }, () => ({ in: '1 s' as const }))
  for await (const _ of world.client.scheduleMany(tidy, items));
  const scheduler = world.scheduler()
  await scheduler.tick()
  await world.pass(SECOND)
  let ticks = 1
  while ((await scheduler.tick()) === 0) ticks++
  assert.equal((await world.store.inspector.counts('default')).ready, 600)
  assert.ok(ticks >= 3)
})

test('the jobs of an owner whose lease ended are ready again at that instant, and it is said', async () => {
  const world = await openWorld()
  const { id } = await world.client.enqueue(tidy)
  await world.worker([tidy.handle((() => new Promise(() => undefined)) as never)]).tick()
  const scheduler = world.scheduler()
  await scheduler.tick()
  await world.pass(14 * SECOND)
  assert.equal(await scheduler.tick(), 1_001)
  await world.pass(1_001)
  await scheduler.tick()
  assert.deepEqual([(await world.view(id)).place, (await world.view(id)).attempt], ['ready', 2])
  assert.ok(world.events.some((event) => event.kind === 'jobs.reclaimed' && event.count === 1))
})

test('what has ended is dropped after an hour, and what is dead after 180 days', async () => {
  const world = await openWorld()
  const failing = defineJob({ name: 'failing', retry: { attempts: 1 } })
  const throwing = failing.handle(() => {
    throw new Error('broken')
  })
  const ended = await world.client.enqueue(tidy)
  const dead = await world.client.enqueue(failing)
  await world.worker([tidy.handle(() => undefined), throwing]).work()
  const scheduler = world.scheduler()
  await scheduler.tick()
  await world.pass(HOUR - 1)
  await scheduler.tidy()
  assert.equal((await world.view(ended.id)).place, 'ended')
  await world.pass(2)
  await scheduler.tidy()
  assert.equal(await world.client.get(ended.id), undefined)
  assert.equal((await world.view(dead.id)).place, 'dead')
  await world.pass(180 * DAY)
  await scheduler.tidy()
  assert.equal(await world.client.get(dead.id), undefined)
})

test('nothing is dropped while the clock is held', async () => {
  const world = await openWorld()
  const { id } = await world.client.enqueue(tidy)
  await world.worker([tidy.handle(() => undefined)]).work()
  let held = false
  const scheduler = world.scheduler({ clockHeld: () => held })
  await scheduler.tick()
  held = true
  await world.pass(2 * HOUR)
  await scheduler.tidy()
  assert.equal((await world.view(id)).place, 'ended')
})

test('what Redis refuses in one queue is said, and moves nothing late in the others', async () => {
  const world = await openWorld()
  const other = defineJob({ name: 'other', queue: 'other' })
  const broken = queueKeys(world.store.prefix, 'other').leases
  const scheduler = world.scheduler()
  await world.client.schedule(other, { in: '1 s' })
  await world.store.connection.command('SET', broken, 'no sorted set')
  assert.equal(await scheduler.tick(), 1_000)
  await world.client.schedule(tidy, { in: '1250 ms' })
  scheduler.hear('due default')
  await world.pass(SECOND)
  assert.equal(await scheduler.tick(), 250)
  assert.equal((await world.store.inspector.counts('other')).ready, 1)
  assert.deepEqual(
    world.events.flatMap((event) => (event.kind === 'error' ? [event.doing] : [])),
    ['taking back the jobs of lost workers in queue other'],
  )
})

test('a job that died in no worker is said', async () => {
  const world = await openWorld()
  await world.client.enqueue(tidy)
  const known = defineJob({ name: 'known' })
  await world.worker([known.handle(() => undefined)]).work()
  const scheduler = world.scheduler()
  await scheduler.tick()
  await world.pass(7 * DAY + 1)
  await scheduler.tidy()
  assert.deepEqual(
    world.events.filter(({ kind }) => kind === 'jobs.buried'),
    [{ kind: 'jobs.buried', queue: 'default', count: 1, reason: 'unknown-job' }],
  )
})
