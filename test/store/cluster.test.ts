import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Connection } from '../../src/store/connection.ts'
import { openStore } from '../../src/store/store.ts'
import { systemClock } from '../../src/time/system-clock.ts'
import { ask, freePrefix } from '../support/redis.ts'
import { startCluster } from '../support/redis-cluster.ts'
import { NOTHING } from './places.ts'
import { CLIENT, connectToCluster, KEEP_NOTHING, labels, openTestQueue } from './test-queue.ts'

const cluster = await startCluster()
after(() => cluster.stop())

const connect = (): Promise<Connection> => connectToCluster(cluster.nodes.map(({ url }) => url))

/** The index of the node that holds a key: it answers a question about it, the others send on. */
async function nodeOf(connection: Connection, key: string): Promise<number> {
  const slot = Number(await connection.command('CLUSTER', 'KEYSLOT', key))
  return Math.floor((slot * cluster.nodes.length) / 16_384)
}

const connection = await connect()

/** Two queues that lie on different nodes, and one more on the third. */
const QUEUES: string[] = []
for (let number = 0; QUEUES.length < 3; number++) {
  const node = await nodeOf(connection, `{q${number}}`)
  if (node === QUEUES.length) QUEUES.push(`q${number}`)
}

for (const name of QUEUES) {
  test(`every arrow works in a cluster, in queue ${name}`, async () => {
    const queue = await openTestQueue(connection, name)
    const page = `${CLIENT}:00000000`
    const seeds = ['A', 'B', 'C', 'D', { label: 'E', name: 'new' }, { label: 'F', in: 5 }, { label: 'G', in: 9 }]
    await queue.enqueue([...seeds, { label: 'H', in: 9 }, { label: 'O', own: 'own', in: 9 }])
    const { jobs } = await queue.claim('w', 1)
    assert.deepEqual((await queue.claimed('w', 1)).labels, ['A', 'B', 'C', 'D'])
    await queue.complete('w', 2, jobs.slice(0, 1))
    await queue.retry('w', 3, jobs.slice(1, 2), 3)
    await queue.bury('w', 4, jobs.slice(2, 3))
    await queue.handBack('w', 5, jobs.slice(3), '1')
    assert.equal(await queue.door.cancel(page, 6), 'cancelled')
    assert.equal((await queue.door.reschedule(page, 7, '+700')).kind, 'moved')
    assert.equal((await queue.door.own('job', 'own'))?.slot, 8)
    queue.at(5)
    assert.deepEqual(await queue.keeper.promote('s'), { moved: 2, nextIn: 4, spared: false })
    assert.deepEqual(await queue.places(), {
      scheduled: ['O+9', 'H+700'],
      ready: ['D', 'B', 'F'],
      held: ['new:E'],
      active: [],
      dead: ['C'],
      ended: ['A', 'G'],
    })
    assert.equal(await queue.door.revive(page, 2, '1\njob\n\n\nC'), 'revived')
    assert.deepEqual((await queue.claim('v', 1, { limit: 3 })).labels, ['D', 'B', 'F'])
    queue.at(20_000)
    while ((await queue.keeper.reclaim(3)).nextIn === 0);
    await queue.keeper.prune(KEEP_NOTHING)
    assert.deepEqual(await queue.places(), {
      ...NOTHING,
      scheduled: ['O+9', 'H+700'],
      ready: ['D', 'B', 'F', 'C'],
      held: ['new:E'],
    })
    assert.equal((await queue.store.inspector.counts(name)).ready, 4)
  })
}

test('lines and owners of queues on different nodes share one connection', async () => {
  const store = openStore({ connection, prefix: freePrefix() })
  const done = await Promise.all(
    QUEUES.map(async (name) => {
      const line = await store.line(name, { clock: systemClock, timeout: 5_000, onRolledBack: () => undefined })
      after(() => line.close())
      const all = labels(name, 300)
      const entered = await Promise.all(
        all.map((label) => line.enter({ at: '', own: '', record: `1\njob\n\n\n${label}`, apart: '' })),
      )
      assert.equal(new Set(entered.map(({ id }) => id)).size, 300)
      const kept = { count: 1_000, age: 1_000 }
      const owner = await store.owner(name, { clock: systemClock, lease: 15_000, names: ['job'], kept })
      const claimed: string[] = []
      const never = new AbortController().signal
      let { jobs } = await owner.exchange([], 100, never)
      while (jobs.length > 0) {
        claimed.push(...jobs.map(({ record }) => record.payload))
        jobs = (
          await owner.exchange(
            jobs.map((job) => ({ kind: 'complete', job }) as const),
            100,
            never,
          )
        ).jobs
      }
      assert.deepEqual(claimed, all)
      return (await store.inspector.counts(name)).totals.completed
    }),
  )
  assert.deepEqual(done, [300, 300, 300])
  assert.deepEqual([...(await store.space.queues())].sort(), [...QUEUES].sort())
})

test('a wake-up reaches a listener wherever its queue lies', async () => {
  const queue = await openTestQueue(connection, QUEUES[2])
  const listener = await connect()
  const heard = new Promise<string>((resolve) => {
    void listener
      .listen(queue.store.space.keys.wakes, (_channel, message) => resolve(message))
      .then(async () => {
        await queue.claim('w', 1)
        await queue.enqueue(['A'])
      })
  })
  assert.equal(await heard, `ready ${QUEUES[2]}`)
})

test('user and password of the first address hold for the nodes that are found by it', async () => {
  const guarded = await startCluster()
  after(() => guarded.stop())
  for (const { port } of guarded.nodes) assert.match(await ask(port, 'CONFIG SET requirepass s:cr@t'), /^\+OK/)
  const urls = [`redis://:s%3Acr%40t@127.0.0.1:${guarded.nodes[0]?.port}`]
  const connection = await connectToCluster(urls)
  const prefix = freePrefix()
  const keys = Array.from({ length: 20 }, (_, number) => `${prefix}:{${number}}`)
  assert.deepEqual(
    await Promise.all(keys.map((key) => connection.command('SET', key, 1))),
    keys.map(() => 'OK'),
  )
})

test('the clock of each node in use is asked, not that of any one', async () => {
  for (const name of QUEUES) await connection.command('EXISTS', `{${name}}`)
  const times = await connection.times()
  assert.equal(times.size, 3)
  for (const time of times.values()) assert.ok(Math.abs(time - Date.now()) < 10_000)
})
