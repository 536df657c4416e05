import assert from 'node:assert/strict'
import { test } from 'node:test'
import { run } from '../../src/store/script.ts'
import { scripts } from '../../src/store/scripts.ts'
import { startRedis } from '../support/redis.ts'
import { draw, HOME, NIGHTLY, run as tick } from './nightly.ts'
import { connect, connectTo, labels, openTestQueue, type Seed, type TestQueue } from './test-queue.ts'

const connection = await connect()
const open = (): Promise<TestQueue> => openTestQueue(connection)

const low = (label: string): Seed => ({ label, priority: 9 })
const urgent = (label: string, more: { readonly in?: number; readonly name?: string } = {}): Seed => ({
  label,
  priority: 1,
  ...more,
})

test('ready jobs are claimed by priority, 0 first, and first in first out within one', async () => {
  const queue = await open()
  await queue.enqueue([low('i'), 'e', urgent('b1'), 'f', { label: 'a', priority: 0 }, low('j'), urgent('b2')])
  await queue.enqueue([urgent('b3'), 'g'], { client: 'd'.repeat(16) })
  assert.deepEqual((await queue.places()).ready, ['a', 'b1', 'b2', 'b3', 'e', 'f', 'g', 'i', 'j'])
  assert.deepEqual((await queue.claim('w', 1, { limit: 3 })).labels, ['a', 'b1', 'b2'])
  assert.deepEqual((await queue.claim('w', 2, { limit: 3 })).labels, ['b3', 'e', 'f'])
  assert.deepEqual((await queue.claim('w', 3)).labels, ['g', 'i', 'j'])
  assert.equal((await queue.claim('w', 4)).kind, 'empty')
  await queue.places()
  const left = await connection.command('HGET', queue.keys.counts, 'lanes')
  assert.equal(left, null, 'nothing says any more that there are lanes')
})

test('a call with an own id, a payload apart and a delay keeps its lane', async () => {
  const queue = await open()
  const long = 'x'.repeat(2_000)
  await queue.enqueue(['plain', { label: long, priority: 2, own: 'own' }, urgent('soon', { in: 50 })])
  queue.at(50)
  await queue.keeper.promote('s')
  const { labels: taken } = await queue.claim('w', 1)
  assert.deepEqual(taken, ['soon', long, 'plain'])
})

test('promote puts each due job into its lane, in the order of due times', async () => {
  const queue = await open()
  await queue.enqueue([
    { label: 'p2', in: 20 },
    urgent('u2', { in: 20 }),
    { label: 'p1', in: 10 },
    urgent('u1', { in: 10 }),
  ])
  await queue.enqueue([{ label: 'p3', in: 30 }, urgent('u3', { in: 30 })], { client: 'd'.repeat(16) })
  queue.at(30)
  await queue.keeper.promote('s')
  assert.deepEqual((await queue.places()).ready, ['u1', 'u2', 'u3', 'p1', 'p2', 'p3'])
})

test('a job that goes back to ready goes to the front of its lane', async () => {
  const queue = await open()
  await queue.enqueue(['p1', urgent('u1'), urgent('u2'), 'p2'])
  const { jobs } = await queue.claim('w', 1, { limit: 3 })
  await queue.handBack('w', 2, jobs)
  assert.deepEqual((await queue.places()).ready, ['u1', 'u2', 'p1', 'p2'], 'handed back')
  await queue.claim('w', 3, { limit: 3 })
  queue.at(16_000)
  assert.equal((await queue.keeper.reclaim(3)).back, 3)
  assert.deepEqual((await queue.places()).ready, ['u1', 'u2', 'p1', 'p2'], 'reclaimed')
})

test('released and revived jobs keep their lane, and so does one that is retried', async () => {
  const queue = await open()
  await queue.enqueue([urgent('u', { name: 'new' }), 'p1', 'p2', urgent('r')])
  const { jobs } = await queue.claim('w', 1, { limit: 2 })
  assert.deepEqual(
    jobs.map(({ record }) => record.payload),
    ['r', 'p1'],
  )
  await queue.retry('w', 2, jobs.slice(0, 1), 100)
  await run(connection, scripts.release, queue.keys, { args: { queue: 'mail', job: 'new', limit: 9 } })
  queue.at(100)
  await queue.keeper.promote('s')
  assert.deepEqual((await queue.places()).ready, ['u', 'r', 'p2'])
  const again = await queue.claim('w', 3, { limit: 2, names: ['job', 'new'] })
  await queue.bury('w', 4, again.jobs.slice(0, 1))
  const [dead] = again.jobs
  assert.equal(await queue.door.revive(dead?.page ?? '', dead?.slot ?? 0, '1\nnew\n\n{"lane":"1"}\nu'), 'revived')
  assert.deepEqual((await queue.places()).ready, ['u', 'p2'])
})

test('a run of a schedule waits in the lane of its priority', async () => {
  const queue = await open()
  await queue.enqueue(['plain'])
  await queue.store.schedules.apply(HOME, NIGHTLY)
  queue.at(1_000)
  const step = tick('T', 1_000)
  assert.ok(step.kind === 'job')
  const urgentStep = { ...step, record: '1\njob\n\n{"tick":{},"lane":"0"}\nT' }
  await queue.store.schedules.fire('mail', 's', [draw(1_000, 2_000, [urgentStep])])
  assert.deepEqual((await queue.places()).ready, ['T', 'plain'])
})

test('what stands in a payload or an error is no lane', async () => {
  const queue = await open()
  const odd = '{"lane":"0"}'
  await queue.enqueue([urgent('u', { in: 10 }), { label: odd, in: 10 }, { label: 'p', in: 5 }])
  queue.at(10)
  await queue.keeper.promote('s')
  assert.deepEqual((await queue.places()).ready, ['u', 'p', odd])
})

test('a cancelled or rescheduled job leaves nothing behind in its lane that claim would take', async () => {
  const queue = await open()
  await queue.enqueue([urgent('u1'), urgent('u2'), 'p'])
  assert.equal(await queue.door.cancel('c'.repeat(16).concat(':00000000'), 0), 'cancelled')
  assert.equal((await queue.door.reschedule('c'.repeat(16).concat(':00000000'), 1, '+10')).kind, 'moved')
  assert.deepEqual((await queue.claim('w', 1)).labels, ['p'])
  queue.at(10)
  await queue.keeper.promote('s')
  assert.deepEqual((await queue.claim('w', 2)).labels, ['u2'])
})

test('the oldest ready job is found in every lane, and a thousand jobs of all lanes come out sorted', async () => {
  const queue = await open()
  await queue.enqueue([low('old')])
  queue.at(10)
  await queue.enqueue(['young'])
  assert.equal((await queue.store.inspector.head('mail', 1)).oldestReadyAt, queue.now() - 10)
  const many = labels('j', 1_000).map((label, index) => ({ label, priority: (index * 7) % 10 }))
  for (let first = 0; first < 1_000; first += 250) await queue.enqueue(many.slice(first, first + 250))
  const taken: string[] = []
  for (let call = 1; taken.length < 1_002; call++) taken.push(...(await queue.claim('w', call)).labels)
  const expected = [...many, { label: 'old', priority: 9 }, { label: 'young', priority: 5 }]
  const order = (label: string): number => expected.find((each) => each.label === label)?.priority ?? -1
  assert.deepEqual(taken.map(order), expected.map(({ priority }) => priority).sort())
})

test('a plain job takes the commands that it took before there were lanes, and no record is looked into', async (context) => {
  const server = await startRedis()
  context.after(() => server.stop())
  const own = await connectTo(server.url)
  const queue = await openTestQueue(own)
  const counted = async (work: () => Promise<unknown>): Promise<Record<string, number>> => {
    await own.command('CONFIG', 'RESETSTAT')
    await work()
    const text = String(await own.command('INFO', 'commandstats'))
    const calls = [...text.matchAll(/cmdstat_(\w+):calls=(\d+)/g)]
    const ours = calls.filter(([, name = '']) => !/^(config|info|eval|evalsha|script)$/.test(name))
    return Object.fromEntries(ours.map(([, name = '', count]) => [name, Number(count)]))
  }
  await queue.enqueue(['first'])
  await queue.claim('w', 1)
  const enqueued = await counted(() =>
    queue.enqueue([...labels('a', 8), ...labels('b', 8).map((label) => ({ label, in: 9 }))]),
  )
  const into = {
    hget: 1,
    llen: 2,
    zcard: 1,
    hlen: 1,
    strlen: 1,
    lindex: 1,
    rpush: 2,
    lset: 1,
    zadd: 1,
    hset: 1,
    hincrby: 2,
  }
  assert.deepEqual(enqueued, { ...into, get: 1, del: 1 }, 'enqueue')
  queue.at(9)
  const promoted = await counted(() => queue.keeper.promote('s'))
  const moving = { llen: 1, hlen: 2, zrange: 2, lindex: 1, lset: 1, zrem: 1, rpush: 1, hincrby: 2, del: 1, set: 1 }
  assert.deepEqual(promoted, { ...moving, hmget: 1, hset: 1 }, 'promote')
  const taken = await counted(() => queue.claim('w', 2))
  const out = { hget: 1, zscore: 1, hmget: 1, zcard: 1, lpop: 3, lindex: 2, lrange: 2, lset: 2, hincrby: 2 }
  assert.deepEqual(taken, { ...out, zrange: 1, hset: 1, zadd: 1 }, 'claim')
})
