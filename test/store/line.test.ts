import assert from 'node:assert/strict'
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { isJobId, placeOf } from '../../src/job/id.ts'
import { plainRecord } from '../../src/job/record.ts'
import type { Entered } from '../../src/store/call.ts'
import type { Connection } from '../../src/store/connection.ts'
import { OutcomeUnknownError, RedisUnavailableError } from '../../src/store/errors.ts'
import type { Line } from '../../src/store/line.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { systemClock } from '../../src/time/system-clock.ts'
import { type CutPoint, startProxy } from '../support/proxy.ts'
import { freePrefix, startRedis } from '../support/redis.ts'
import { until } from '../support/until.ts'
import { placesOf } from './places.ts'
import { connectTo, labels } from './test-queue.ts'

type Way = {
  readonly store: Store
  readonly line: Line
  readonly lost: number[]
  /** What lies in ready, read past the proxy. */
  ready(): Promise<readonly string[]>
  labelOf(id: string): Promise<string | undefined>
}

async function openWay(connection: Connection, direct: Connection, timeout = 5_000): Promise<Way> {
  const prefix = freePrefix()
  const store = openStore({ connection, prefix })
  const lost: number[] = []
  const line = await store.line('mail', { clock: systemClock, timeout, onRolledBack: (count) => lost.push(count) })
  after(() => line.close())
  const door = await openStore({ connection: direct, prefix }).queue('mail')
  return {
    store,
    line,
    lost,
    ready: async () => (await placesOf(direct, door.keys, 0)).ready,
    labelOf: async (id) => {
      const { page, slot } = placeOf(id)
      const found = await door.get(page, slot)
      return found.kind === 'job' ? found.job.record.payload : undefined
    },
  }
}

const enter = (line: Line, label: string): Promise<Entered> =>
  line.enter({ at: '', own: '', record: plainRecord('job', label), apart: '' })

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** One call for each label, none waiting for the one before. */
async function enterAll(line: Line, all: readonly string[]): Promise<PromiseSettledResult<Entered>[]> {
  const calls: Promise<Entered>[] = []
  for (const label of all) {
    calls.push(enter(line, label))
    await turn()
  }
  return Promise.allSettled(calls)
}

/** A server of the test's own, a proxy before it, a connection through it and one past it. */
async function openRoad(options: Parameters<typeof startRedis>[0] = {}) {
  const server = await startRedis(options)
  const proxy = await startProxy(server.port)
  after(async () => {
    await proxy.close()
    await server.stop()
  })
  return { server, proxy, connection: await connectTo(proxy.url), direct: await connectTo(server.url) }
}

const accepted = (results: readonly PromiseSettledResult<Entered>[]): number =>
  results.filter(({ status }) => status === 'fulfilled').length

const POINTS: readonly CutPoint[] = ['unsent', 'sent', 'executed', 'answered']
const FLIGHT = labels('j', 200)

for (const point of POINTS) {
  test(`with 200 calls in flight and the connection cut when one is ${point}, each job is stored once and in order`, async () => {
    const { proxy, connection, direct } = await openRoad()
    for (const nth of [1, 2, 100, 199, 200]) {
      const way = await openWay(connection, direct)
      proxy.blackHole()
      const calls = enterAll(way.line, FLIGHT)
      for (let count = 0; count < 250; count++) await turn()
      const cut = proxy.cut(point, { nth, of: /EVAL/ })
      proxy.pass()
      await cut
      const results = await calls
      assert.equal(accepted(results), 200, `cut at call ${nth}`)
      assert.deepEqual(await way.ready(), FLIGHT)
      for (const [index, result] of results.entries()) {
        if (result.status === 'fulfilled' && index % 40 === 0) {
          assert.equal(await way.labelOf(result.value.id), FLIGHT[index])
        }
      }
      assert.deepEqual(way.lost, [])
    }
  })
}

test('a connection that is torn in the middle of a command loses and doubles nothing', async () => {
  const { proxy, connection, direct } = await openRoad()
  const way = await openWay(connection, direct)
  const calls = enterAll(way.line, FLIGHT)
  for (const bytes of [1, 333, 1_999, 5_000]) {
    const cut = proxy.cutAfterBytes(bytes)
    await cut
  }
  assert.equal(accepted(await calls), 200)
  assert.deepEqual(await way.ready(), FLIGHT)
})

test('scripts flushed and connections killed under load lose and double nothing', async () => {
  const { server, direct } = await openRoad()
  const connection = await connectTo(server.url)
  const way = await openWay(connection, direct)
  const all = labels('j', 1_000)
  const calls = enterAll(way.line, all)
  for (let round = 0; round < 5; round++) {
    await direct.command('SCRIPT', 'FLUSH')
    await direct.command('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
    await turn()
  }
  assert.equal(accepted(await calls), 1_000)
  assert.deepEqual(await way.ready(), all)
  assert.deepEqual(way.lost, [])
})

test('calls wait for a replica to become a primary again, as long as their time allows', async () => {
  const { connection, direct } = await openRoad()
  const way = await openWay(connection, direct)
  await enter(way.line, 'before')
  await direct.command('REPLICAOF', '127.0.0.1', '1')
  const calls = enterAll(way.line, FLIGHT)
  for (let count = 0; count < 250; count++) await turn()
  await direct.command('REPLICAOF', 'NO', 'ONE')
  assert.equal(accepted(await calls), 200)
  assert.deepEqual(await way.ready(), ['before', ...FLIGHT])
})

test('a server that refuses to write for too long is unavailable, and nothing was stored', async () => {
  const { connection, direct } = await openRoad()
  const way = await openWay(connection, direct, 300)
  await direct.command('REPLICAOF', '127.0.0.1', '1')
  const errors: unknown[] = []
  // A call that is being asked once more at the very end of its time is rightly unknown.
  while (errors.length < 20 && !errors.some((error) => error instanceof RedisUnavailableError)) {
    errors.push(await enter(way.line, 'A').catch((error: unknown) => error))
  }
  assert.match(String(errors.pop()), /RedisUnavailableError.*(READONLY|not connected)/)
  assert.ok(errors.every((error) => error instanceof OutcomeUnknownError))
  await direct.command('REPLICAOF', 'NO', 'ONE')
  await until('the connection is back', () => connection.ready())
  await until('a call is taken', () => enter(way.line, 'B').then(Boolean, () => false))
  assert.deepEqual(await way.ready(), ['B'])
})

test('without a connection a call is refused within its time, and nothing is sent later', async () => {
  const { proxy, connection, direct } = await openRoad()
  const way = await openWay(connection, direct, 250)
  proxy.refuse()
  await until('the connection is lost', () => !connection.ready())
  const start = performance.now()
  await assert.rejects(enter(way.line, 'A'), RedisUnavailableError)
  const took = performance.now() - start
  assert.ok(took >= 240 && took < 1_000, `${took} ms`)
  proxy.pass()
  await until('the connection is back', () => connection.ready())
  await enter(way.line, 'B')
  assert.deepEqual(await way.ready(), ['B'])
})

test('a call without an answer is of unknown outcome; once closed off, it is stored or never will be', async () => {
  const { proxy, connection, direct } = await openRoad()
  const way = await openWay(connection, direct, 250)
  await enter(way.line, 'first')
  for (const arrives of [true, false]) {
    proxy.blackHole()
    const error: unknown = await enter(way.line, `arrives ${arrives}`).catch((reason: unknown) => reason)
    assert.ok(error instanceof OutcomeUnknownError && isJobId(error.id))
    if (!arrives) proxy.cutAll()
    proxy.pass()
    if (arrives) await until('the late call arrives', async () => (await way.labelOf(error.id)) !== undefined)
    await until('the connection is back', () => connection.ready())
    await way.line.closeOff()
    assert.equal(await way.labelOf(error.id), arrives ? 'arrives true' : undefined)
  }
  await enter(way.line, 'next')
  assert.deepEqual(await way.ready(), ['first', 'arrives true', 'next'])
})

test('what cannot be closed off is said', async () => {
  const { proxy, connection, direct } = await openRoad()
  const way = await openWay(connection, direct, 200)
  proxy.refuse()
  await until('the connection is lost', () => !connection.ready())
  await assert.rejects(way.line.closeOff(), RedisUnavailableError)
})

test('own ids that were taken by the first sending are told as new when the call is sent again', async () => {
  const { proxy, connection, direct } = await openRoad()
  const way = await openWay(connection, direct)
  const named = (own: string) =>
    way.line.enter({ at: '', own: `job ${own} hash`, record: `1\njob\n${own}\n\n{}`, apart: '' })
  await named('one')
  const cut = proxy.cut('executed', { of: /EVAL/ })
  const [again, fresh] = await Promise.all([named('one'), named('two')])
  await cut
  assert.match(again.stood, / 0 hash$/)
  assert.equal(fresh.stood, '')
})

test('a Redis that comes back older keeps what it knows, takes what was not answered, and the loss is told', async () => {
  const { server, proxy, connection, direct } = await openRoad({ appendOnly: true })
  const way = await openWay(connection, direct, 10_000)
  const files = join(server.directory, 'appendonlydir')
  const copy = join(server.directory, 'older')
  await enterAll(way.line, labels('kept', 20))
  cpSync(files, copy, { recursive: true })
  await enterAll(way.line, labels('lost', 30))
  proxy.blackHole()
  const calls = enterAll(way.line, FLIGHT)
  for (let count = 0; count < 250; count++) await turn()
  await server.kill()
  rmSync(files, { recursive: true })
  cpSync(copy, files, { recursive: true })
  proxy.cutAll()
  await server.restart()
  proxy.pass()
  assert.equal(accepted(await calls), 200)
  await until('the direct connection is back', () => direct.ready())
  assert.deepEqual(await way.ready(), [...labels('kept', 20), ...FLIGHT])
  assert.deepEqual(way.lost, [30])
})

test('a loss is told by the next call, also when none was on its way', async () => {
  const { server, connection, direct } = await openRoad({ appendOnly: true })
  const way = await openWay(connection, direct, 10_000)
  const files = join(server.directory, 'appendonlydir')
  const copy = join(server.directory, 'older')
  await enter(way.line, 'kept')
  cpSync(files, copy, { recursive: true })
  await enterAll(way.line, labels('lost', 5))
  await server.kill()
  rmSync(files, { recursive: true })
  cpSync(copy, files, { recursive: true })
  await server.restart()
  await enter(way.line, 'next')
  await until('the direct connection is back', () => direct.ready())
  assert.deepEqual([await way.ready(), way.lost], [['kept', 'next'], [5]])
})
