import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defineJob } from '../../src/job/definition.ts'
import { queueKeys } from '../../src/store/keys.ts'
import { SECOND } from '../../src/time/duration.ts'
import { openWorld, type World } from '../flow/world.ts'

const slow = defineJob({
  name: 'slow',
  queue: 'mail',
  retry: { attempts: 20, backoff: { kind: 'fixed', wait: '1 s' } },
})
const urgent = defineJob({ name: 'urgent', queue: 'critical' })
const LEASE = 15 * SECOND

const forever = (): Promise<void> => new Promise(() => undefined)

/** A worker that takes what is ready and is never heard of again. */
async function vanish(world: World): Promise<void> {
  await world.worker([slow.handle(forever)]).tick()
  await world.pass(LEASE + 1)
  const scheduler = world.scheduler()
  // A look takes back what one owner had: the leases of those that stopped end too.
  while ((await scheduler.tick()) === 0);
}

test('a queue whose cap is reached lets the worker rest, and the others are served', async () => {
  const world = await openWorld()
  const worker = world.worker([slow.handle(forever), urgent.handle(forever)], { queues: 'mail:2,critical' })
  await world.client.enqueueMany([1, 2, 3].map(() => slow.request()))
  await worker.tick()
  assert.equal(await worker.tick(), 5_000)
  assert.equal(worker.hands.runningIn('mail'), 2)
  await world.client.enqueue(urgent)
  await world.pass(5 * SECOND)
  await worker.tick()
  assert.deepEqual([worker.hands.runningIn('mail'), worker.hands.runningIn('critical')], [2, 1])
})

test('queues are served in strict order, and no more is claimed than there are free hands', async () => {
  const world = await openWorld()
  await world.client.enqueueMany([slow.request(), urgent.request(), slow.request(), urgent.request()])
  const worker = world.worker([slow.handle(forever), urgent.handle(forever)], { queues: 'critical,*', concurrency: 3 })
  await worker.tick()
  assert.deepEqual([worker.hands.runningIn('critical'), worker.hands.runningIn('mail')], [2, 1])
  assert.equal(await worker.tick(), 5_000)
})

/** A worker that takes what is ready, is told to stop at once, and hands it back at its deadline. */
async function interrupt(world: World): Promise<void> {
  const worker = world.worker([slow.handle(forever)], { concurrency: 1 })
  await worker.tick()
  worker.hands.abort()
  worker.hands.letGo()
  await worker.stop()
}

test('a hand-back burns no attempt, and after ten the next one ends the job', async () => {
  const world = await openWorld()
  const { id } = await world.client.enqueue(slow)
  for (let n = 1; n <= 10; n++) {
    await interrupt(world)
    const { place, attempt, claims } = await world.view(id)
    assert.deepEqual([place, attempt, claims], ['ready', 1, n])
  }
  await interrupt(world)
  const { place, error } = await world.view(id)
  assert.equal(place, 'dead')
  assert.match(error?.message ?? '', /^handed-back: 11 processes stopped/)
})

test('a lost worker burns an attempt, and the third ends the job', async () => {
  const world = await openWorld()
  const { id } = await world.client.enqueue(slow)
  const seen: unknown[] = []
  for (const _ of [1, 2, 3]) {
    await vanish(world)
    const { place, attempt, claims } = await world.view(id)
    seen.push([place, attempt, claims])
  }
  assert.deepEqual(seen, [
    ['ready', 2, 1],
    ['ready', 3, 2],
    ['dead', 3, 3],
  ])
  assert.match((await world.view(id)).error?.message ?? '', /^lost-worker: 3 workers were lost/)
})

test('failures, hand-backs and lost workers are counted apart', async () => {
  const world = await openWorld()
  const { id } = await world.client.enqueue(slow)
  const seen: unknown[] = []
  const failing = slow.handle((_, { attempt, interruptions, fence }) => {
    seen.push([attempt, interruptions, fence])
    throw new Error('not yet')
  })
  await world.worker([failing]).work()
  await world.pass(2 * SECOND)
  await world.scheduler().tick()
  await vanish(world)
  await interrupt(world)
  await world.worker([failing]).work()
  assert.deepEqual(seen, [
    [1, 0, 1],
    [3, 1, 4],
  ])
  assert.deepEqual([(await world.view(id)).attempt, (await world.view(id)).claims], [4, 4])
})

test('a settlement that comes after another claim is refused and said', async () => {
  const world = await openWorld()
  const { id } = await world.client.enqueue(slow)
  let finish: () => void = () => undefined
  const first = world.worker([slow.handle(() => new Promise<void>((resolve) => (finish = resolve)) as never)])
  await first.tick()
  await world.pass(LEASE + 1)
  await world.scheduler().tick()
  const second = world.worker([slow.handle(forever)])
  await second.tick()
  finish()
  await first.tick()
  await first.tick()
  assert.deepEqual([(await world.view(id)).place, (await world.view(id)).claims], ['active', 2])
  assert.equal(world.events.filter(({ kind }) => kind === 'lease.lost').length, 1)
})

test('a job that a worker is given after it was told to stop goes back at once, unrun', async () => {
  const world = await openWorld()
  let ran = 0
  const { id } = await world.client.enqueue(slow)
  const worker = world.worker([slow.handle(() => void ran++)])
  worker.hands.abort()
  await worker.tick()
  await worker.stop()
  const { place, attempt, claims } = await world.view(id)
  assert.deepEqual([ran, place, attempt, claims], [0, 'ready', 1, 1])
})

test('a queue in which Redis refuses what is asked is said, and the others are served', async () => {
  const world = await openWorld()
  await world.client.enqueueMany([slow.request(), urgent.request()])
  const broken = queueKeys(world.store.prefix, 'critical').ready
  await world.store.connection.command('DEL', broken)
  await world.store.connection.command('SET', broken, 'no list')
  const worker = world.worker([slow.handle(forever), urgent.handle(forever)], { queues: 'critical,mail' })
  await worker.tick()
  assert.equal(worker.hands.runningIn('mail'), 1)
  const [error, ...more] = world.events.filter(({ kind }) => kind === 'error')
  assert.deepEqual(
    [error?.kind === 'error' && error.doing, more.length],
    ['claiming and settling jobs in queue critical', 0],
  )
  let rest = 0
  while (rest === 0) rest = await worker.tick()
  assert.equal(rest, 5_000)
  await world.store.connection.command('DEL', broken)
  await world.client.enqueue(urgent)
  await world.pass(5 * SECOND)
  await worker.tick()
  assert.equal(worker.hands.runningIn('critical'), 1)
})

test('a job whose queue has vanished from the list is settled, and the worker rests', async () => {
  const world = await openWorld()
  let finish: () => void = () => undefined
  const worker = world.worker([slow.handle(() => new Promise<void>((resolve) => (finish = resolve)) as never)])
  await world.client.enqueue(slow)
  await worker.tick()
  const { connection } = world.store
  for (const key of await keysOf(world)) await connection.command('DEL', key)
  await world.pass(5 * SECOND)
  await worker.tick()
  finish()
  let ticks = 0
  while ((await worker.tick()) === 0) assert.ok(++ticks < 10, 'a worker that never rests')
  assert.deepEqual(worker.hands.endedIn(), [])
  assert.equal(world.events.filter(({ kind }) => kind === 'lease.lost').length, 1)
})

const keysOf = async ({ store }: World): Promise<readonly string[]> =>
  (await store.connection.command('KEYS', `${store.prefix}*`)) as readonly string[]

test('a thousand jobs of unknown names before a known one do not keep it waiting', async () => {
  const world = await openWorld()
  const names = Array.from({ length: 1_000 }, (_, n) => defineJob({ name: `unknown-${n}`, queue: 'mail' }))
  await world.client.enqueueMany([...names.map((job) => job.request()), slow.request()])
  const worker = world.worker([slow.handle(forever)])
  await worker.tick()
  assert.equal(worker.hands.running(), 1)
  assert.equal((await world.store.inspector.counts('mail')).held, 1_000)
})

test('a worker until empty does not take a queue that Redis refuses for an empty one', async () => {
  const world = await openWorld()
  await world.client.enqueueMany([slow.request(), urgent.request()])
  const { connection, prefix } = world.store
  const { ready } = queueKeys(prefix, 'critical')
  await connection.command('RENAME', ready, `${prefix}:aside`)
  await connection.command('SET', ready, 'no list')
  const ran: string[] = []
  const handlers = [slow, urgent].map((job) => job.handle((_, context) => void ran.push(context.job)))
  const worker = world.worker(handlers)
  const working = worker.work()
  while (world.events.filter(({ kind }) => kind === 'error').length < 2) {
    await world.pass(SECOND)
    await new Promise(setImmediate)
  }
  await connection.command('RENAME', `${prefix}:aside`, ready)
  await world.pass(5 * SECOND)
  await working
  assert.deepEqual(ran, ['slow', 'urgent'])
})
