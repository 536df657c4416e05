import assert from 'node:assert/strict'
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { encodeRecord, plainRecord } from '../../src/job/record.ts'
import type { ClaimedJob } from '../../src/store/claimed-job.ts'
import type { Connection } from '../../src/store/connection.ts'
import type { Owner } from '../../src/store/owner.ts'
import type { Settlement } from '../../src/store/settlement.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { systemClock } from '../../src/time/system-clock.ts'
import { type CutPoint, startProxy } from '../support/proxy.ts'
import { freePrefix, startRedis } from '../support/redis.ts'
import { until } from '../support/until.ts'
import { NOTHING, type Places, placesOf } from './places.ts'
import { connectTo, labels, START } from './test-queue.ts'

type Post = {
  readonly owner: Owner
  /** The same namespace past the proxy. */
  readonly store: Store
  /** How many calls of the owner Redis has lost, each time that it was told. */
  readonly rolledBack: readonly number[]
  at(milliseconds: number): void
  enqueue(all: readonly string[], name?: string): Promise<void>
  exchange(settlements: readonly Settlement[], limit: number): Promise<readonly ClaimedJob[]>
  places(): Promise<Places>
}

const NEVER = new AbortController().signal
const complete = (job: ClaimedJob): Settlement => ({ kind: 'complete', job })
const labelsOf = (jobs: readonly ClaimedJob[]): string[] => jobs.map(({ record }) => record.payload)

async function openPost(connection: Connection, direct: Connection, names: readonly string[] = ['job']): Promise<Post> {
  const prefix = freePrefix()
  let now = START
  const parts = { prefix, now: () => String(now) }
  const kept = { count: 1_000_000 }
  const rolledBack: number[] = []
  const owner = await openStore({ ...parts, connection }).owner('mail', {
    clock: systemClock,
    lease: 15_000,
    names,
    kept,
    onRolledBack: (lost) => rolledBack.push(lost),
  })
  const store = openStore({ ...parts, connection: direct })
  const line = await store.line('mail', { clock: systemClock, timeout: 5_000, onRolledBack: () => undefined })
  after(() => line.close())
  return {
    owner,
    store,
    rolledBack,
    at: (milliseconds) => {
      now = START + milliseconds
    },
    enqueue: async (all, name = 'job') => {
      await Promise.all(
        all.map((label) => line.enter({ at: '', own: '', record: plainRecord(name, label), apart: '' })),
      )
    },
    exchange: async (settlements, limit) => (await owner.exchange(settlements, limit, NEVER)).jobs,
    places: () => placesOf(direct, owner.keys, START),
  }
}

async function openRoad(options: Parameters<typeof startRedis>[0] = {}) {
  const server = await startRedis(options)
  const proxy = await startProxy(server.port)
  after(async () => {
    await proxy.close()
    await server.stop()
  })
  return { server, proxy, connection: await connectTo(proxy.url), direct: await connectTo(server.url) }
}

/** Completes, retries, buries and hands back in turn. */
function settlementOf(job: ClaimedJob, index: number): Settlement {
  const record = encodeRecord({ ...job.record, failures: job.record.failures + 1 }).head
  const kinds: readonly Settlement[] = [
    complete(job),
    { kind: 'retry', job, delay: 5_000, record },
    { kind: 'bury', job, record },
    { kind: 'handBack', job, record },
  ]
  return kinds[index % kinds.length] ?? complete(job)
}

for (const point of ['unsent', 'sent', 'executed', 'answered'] satisfies CutPoint[]) {
  test(`when the connection is cut with a settle or claim ${point}, nothing is lost and nothing doubled`, async () => {
    const { proxy, connection, direct } = await openRoad()
    for (const nth of [1, 2, 3, 4, 5]) {
      const post = await openPost(connection, direct)
      await post.enqueue(labels('j', 12))
      const first = await post.exchange([], 8)
      assert.deepEqual(labelsOf(first), labels('j', 8))
      const cut = proxy.cut(point, { nth, of: /EVAL/ })
      const second = await post.exchange(first.map(settlementOf), 3)
      await cut
      // The jobs handed back are at the front again, under their second claim.
      assert.deepEqual(labelsOf(second), ['j3', 'j7', 'j8'], `cut at call ${nth}`)
      assert.deepEqual(await post.places(), {
        ...NOTHING,
        ready: ['j9', 'j10', 'j11'],
        scheduled: ['j1+5000', 'j5+5000'],
        active: ['j3*2', 'j7*2', 'j8*1'].sort(),
        dead: ['j2', 'j6'],
        ended: ['j0', 'j4'],
      })
      assert.equal(post.owner.held(), 3)
      await post.exchange(second.map(complete), 0)
      await post.owner.leave()
    }
  })
}

test('an owner that was idle for longer than its lease claims under a new name at once', async () => {
  const { connection, direct } = await openRoad()
  const post = await openPost(connection, direct)
  await post.enqueue(['A'])
  await post.exchange((await post.exchange([], 1)).map(complete), 0)
  const before = post.owner.id()
  post.at(20_000)
  await post.store.keeper('mail').reclaim(3)
  await post.enqueue(['B'])
  assert.deepEqual(labelsOf(await post.exchange([], 1)), ['B'])
  assert.notEqual(post.owner.id(), before)
})

test('jobs whose lease ended are told as lost when they are settled', async () => {
  const { connection, direct } = await openRoad()
  const post = await openPost(connection, direct)
  await post.enqueue(['A', 'B', 'C'])
  const jobs = await post.exchange([], 3)
  post.at(20_000)
  await post.store.keeper('mail').reclaim(3)
  const { lost, jobs: again } = await post.owner.exchange([...jobs].slice(0, 2).map(complete), 1, NEVER)
  assert.deepEqual([labelsOf(lost), labelsOf(again)], [['A', 'B'], ['A']])
  assert.deepEqual(await post.places(), { ...NOTHING, ready: ['B', 'C'], active: ['A*2'] })
})

test('what is held under names that a new worker knows is claimed first, however many names are held', async () => {
  const { connection, direct } = await openRoad()
  const old = await openPost(connection, direct)
  for (const name of labels('name', 70)) await old.enqueue([`of ${name}`], name)
  await old.exchange([], 1)
  const { owner } = old
  const store = openStore({ connection, prefix: old.store.prefix, now: () => String(START) })
  const options = { clock: systemClock, lease: 15_000, kept: { count: 1_000 } }
  const next = await store.owner('mail', { ...options, names: ['name3', 'name69'] })
  await old.enqueue(['behind'], 'name3')
  const labelsNow: string[] = []
  for (let round = 0; round < 3; round++) labelsNow.push(...labelsOf((await next.exchange([], 5, NEVER)).jobs))
  assert.deepEqual(labelsNow.sort(), ['behind', 'of name3', 'of name69'])
  assert.equal((await old.places()).held.length, 68)
  assert.equal(owner.held(), 0)
})

test('more settlements than one call may carry travel in several', async () => {
  const { connection, direct } = await openRoad()
  const post = await openPost(connection, direct)
  await post.enqueue(labels('j', 600))
  const jobs: ClaimedJob[] = []
  while (jobs.length < 600) jobs.push(...(await post.exchange([], 600 - jobs.length)))
  const settlements = jobs.map((job, index) => settlementOf(job, index === 0 ? 0 : 2))
  const { lost } = await post.owner.exchange(settlements, 0, NEVER)
  assert.deepEqual(lost, [])
  const places = await post.places()
  assert.deepEqual([places.ended.length, places.dead.length, places.active.length], [1, 599, 0])
  await post.owner.leave()
})

test('settles go on when scripts are flushed between and within the calls', async () => {
  const { connection, direct } = await openRoad()
  const post = await openPost(connection, direct)
  await post.enqueue(labels('j', 50))
  const done: string[] = []
  let jobs = await post.exchange([], 5)
  while (jobs.length > 0) {
    done.push(...labelsOf(jobs))
    await direct.command('SCRIPT', 'FLUSH')
    jobs = await post.exchange(jobs.map(complete), 5)
  }
  assert.deepEqual(done, labels('j', 50))
  assert.deepEqual((await post.places()).ended, done)
})

test('an owner whose latest calls a Redis has lost goes on under a new name, and every job runs to its end', async () => {
  const { server, connection, direct } = await openRoad({ appendOnly: true })
  const post = await openPost(connection, direct)
  const files = join(server.directory, 'appendonlydir')
  const copy = join(server.directory, 'older')
  await post.enqueue(labels('j', 6))
  const first = await post.exchange([], 2)
  cpSync(files, copy, { recursive: true })
  const second = await post.exchange(first.slice(0, 1).map(complete), 2)
  const third = await post.exchange(second.slice(0, 1).map(complete), 1)
  await server.kill()
  rmSync(files, { recursive: true })
  cpSync(copy, files, { recursive: true })
  await server.restart()
  await until('both connections are back', () => direct.ready() && connection.ready())
  const running = [...first.slice(1), ...second.slice(1), ...third]
  await post.exchange(running.map(complete), 0)
  // The claim before the copy is call 1; two settles and two claims came after it.
  assert.deepEqual(post.rolledBack, [4])
  for (const round of [0, 1]) {
    post.at(20_000 * round)
    const keeper = post.store.keeper('mail')
    while ((await keeper.reclaim(99)).nextIn === 0);
    await post.exchange((await post.exchange([], 10)).map(complete), 0)
  }
  const places = await post.places()
  assert.deepEqual([...places.ended].sort(), labels('j', 6))
})

test('an exchange stops repeating itself when it is told to, and the next one is under another name', async () => {
  const { proxy, connection, direct } = await openRoad()
  const post = await openPost(connection, direct)
  await post.enqueue(['A', 'B'])
  const [job] = await post.exchange([], 1)
  assert.ok(job)
  proxy.refuse()
  await until('the connection is lost', () => !connection.ready())
  const stop = new AbortController()
  const exchange = post.owner.exchange([], 1, stop.signal)
  stop.abort()
  assert.deepEqual(await exchange, { jobs: [], lost: [] })
  proxy.pass()
  await until('the connection is back', () => connection.ready())
  const record = encodeRecord({ ...job.record, interruptions: 1 }).head
  const { lost } = await post.owner.exchange([{ kind: 'handBack', job, record }], 0, NEVER)
  assert.deepEqual(lost, [])
  assert.deepEqual(await post.places(), { ...NOTHING, ready: ['A', 'B'] })
})

test('a lease that ended is not taken up again: what ran under it goes back, and the owner claims under a new name', async () => {
  const { connection, direct } = await openRoad()
  const post = await openPost(connection, direct)
  await post.enqueue(['A', 'B'])
  assert.deepEqual(labelsOf(await post.exchange([], 1)), ['A'])
  const before = post.owner.id()
  post.at(20_000)
  assert.deepEqual(labelsOf(await post.exchange([], 1)), ['B'])
  assert.notEqual(post.owner.id(), before)
  assert.equal((await post.store.keeper('mail').reclaim(3)).back, 1)
  assert.deepEqual(await post.places(), { ...NOTHING, ready: ['A'], active: ['B*1'] })
})

test('an exchange that is refused is done again, and what its claim has left stays under the lease', async () => {
  const { connection, direct } = await openRoad()
  const post = await openPost(connection, direct)
  await post.enqueue(['A', 'B', 'C'])
  const [a, b] = await post.exchange([], 3)
  assert.ok(a && b)
  const { counts } = post.owner.keys
  await direct.command('RENAME', counts, `${counts}:kept`)
  await direct.command('SET', counts, 'foreign')
  for (const _ of [1, 2]) await assert.rejects(post.exchange([complete(a), complete(b)], 0), /WRONGTYPE/)
  await direct.command('RENAME', `${counts}:kept`, counts)
  await post.exchange([complete(a), complete(b)], 0)
  assert.equal(post.owner.held(), 1)
  assert.deepEqual(await post.places(), { ...NOTHING, active: ['C*1'], ended: ['A', 'B'] })
})
