import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { after, test } from 'node:test'
import { type Connection, createConnection, type RedisSettings } from '../../src/store/connection.ts'
import { faultOf } from '../../src/store/errors.ts'
import { openStore } from '../../src/store/store.ts'
import { systemClock } from '../../src/time/system-clock.ts'
import { startProxy } from '../support/proxy.ts'
import { ask, freePort, freePrefix, startRedis } from '../support/redis.ts'
import { PRIMARY, startSentinels } from '../support/redis-sentinel.ts'
import { until } from '../support/until.ts'

async function connect(settings: RedisSettings, timeout = 1_000): Promise<Connection> {
  const connection = createConnection(settings, { name: 'test', timeout })
  after(() => connection.close())
  await connection.connect()
  return connection
}

const at = (url: string): RedisSettings => ({ kind: 'standalone', url, tls: { kind: 'verify' } })

const bySentinels = (...ports: readonly number[]): RedisSettings => ({
  kind: 'sentinel',
  sentinels: ports.map((port) => ({ host: '127.0.0.1', port })),
  name: PRIMARY,
  url: undefined,
  tls: { kind: 'verify' },
})

test('a call that is not answered in time gives up its socket, for the host may have vanished', async () => {
  const server = await startRedis()
  after(() => server.stop())
  const proxy = await startProxy(server.port)
  after(() => proxy.close())
  const connection = await connect(at(proxy.url), 200)
  let lost = 0
  connection.onLost(() => lost++)
  proxy.blackHole()
  await assert.rejects(connection.command('PING'), (error) => faultOf(error).kind === 'unknown')
  await until('the socket to be given up', () => lost > 0)
  proxy.cutAll()
  proxy.pass()
  await until('another one to serve', () => connection.ready())
  assert.equal(await connection.command('PING'), 'PONG')
})

test('a primary that became a replica refuses writes, is left, and calls go on once there is a primary again', async () => {
  const [server, other] = await Promise.all([startRedis(), startRedis()])
  after(() => Promise.all([server.stop(), other.stop()]))
  const connection = await connect(at(server.url))
  const store = openStore({ connection, prefix: freePrefix() })
  const line = await store.line('mail', { clock: systemClock, timeout: 10_000, onRolledBack: () => undefined })
  after(() => line.close())
  const told: string[] = []
  connection.onReady(() => told.push('ready'))
  await ask(server.port, `REPLICAOF 127.0.0.1 ${other.port}`)
  await assert.rejects(connection.command('SET', 'key', 1), (error) => faultOf(error).kind === 'unserved')
  // The name may lead to another server by now.
  await until('it to connect anew', () => told.length > 1)
  const entering = line.enter({ at: '', own: '', record: '1\njob\n\n\n{}', apart: '' })
  await ask(server.port, 'REPLICAOF NO ONE')
  assert.equal((await entering).stood, '')
  assert.equal((await store.inspector.counts('mail')).ready, 1)
})

test('Sentinels that are absent, or know no such primary, reject the first connect', async () => {
  const sentinels = await startSentinels({ sentinels: 1 })
  after(() => sentinels.stop())
  await assert.rejects(connect(bySentinels(await freePort())), /^Error: All sentinels are unreachable\. Last error/)
  const other = { ...bySentinels(...sentinels.ports), name: 'other' } as const
  await assert.rejects(connect(other), /No such master with that name/)
})

test('a Sentinel that takes the question and says nothing is passed over', async () => {
  const sentinels = await startSentinels({ sentinels: 1 })
  after(() => sentinels.stop())
  const silent = createServer(() => undefined).listen(0, '127.0.0.1')
  after(() => silent.close())
  await once(silent, 'listening')
  const address = silent.address()
  assert.ok(address !== null && typeof address === 'object')
  const connection = await connect(bySentinels(address.port, ...sentinels.ports), 300)
  assert.equal(await connection.command('PING'), 'PONG')
})
