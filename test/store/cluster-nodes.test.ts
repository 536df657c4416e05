import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { type Connection, createConnection } from '../../src/store/connection.ts'
import { faultOf, RedisDeniedError } from '../../src/store/errors.ts'
import { openStore } from '../../src/store/store.ts'
import { systemClock } from '../../src/time/system-clock.ts'
import { startProxy } from '../support/proxy.ts'
import { ask, freePort, freePrefix, startRedis } from '../support/redis.ts'
import { startCluster } from '../support/redis-cluster.ts'
import { until } from '../support/until.ts'

async function connect(url: string, timeout = 2_000): Promise<Connection> {
  const [first = '', ...others] = url.split(',')
  const urls = [first, ...others.map((other) => `redis://${other}`)]
  const connection = createConnection({ kind: 'cluster', urls, tls: { kind: 'verify' } }, { name: 'test', timeout })
  after(() => connection.close())
  await connection.connect()
  return connection
}

const cluster = await startCluster(3)
after(() => cluster.stop())
const [mails, notes] = cluster.nodes

test('a call whose reply is lost is not sent again by the library', async () => {
  const pair = await startCluster(2)
  after(() => pair.stop())
  const [first, second] = pair.nodes
  assert.ok(first && second)
  const proxy = await startProxy(first.port)
  after(() => proxy.close())
  assert.match(await ask(first.port, `CONFIG SET cluster-announce-port ${proxy.port}`), /^\+OK/)
  await until('the other to know', async () => (await ask(second.port, 'CLUSTER NODES')).includes(`:${proxy.port}@`))
  const connection = await connect(second.url)
  const cut = proxy.cut('executed', { of: /INCR/i })
  await Promise.all([
    assert.rejects(connection.command('INCR', '{mail}'), (error) => faultOf(error).kind === 'unknown'),
    cut,
  ])
  const count = await until('the node to be back', () =>
    connection.command('GET', '{mail}').then(String, () => undefined),
  )
  assert.equal(count, '1')
})

test('a node that falls silent is left alone, and calls to the others go on', async () => {
  assert.ok(mails && notes)
  const connection = await connect(cluster.url, 300)
  const lost: unknown[] = []
  connection.onLost((error) => lost.push(error))
  await Promise.all(['{mail}', '{notes}'].map((key) => connection.command('SET', key, 1)))
  await mails.kill('SIGSTOP')
  await assert.rejects(connection.command('GET', '{mail}'))
  assert.equal(await connection.command('GET', '{notes}'), '1')
  await mails.kill('SIGCONT')
  await until('it to serve again', () => connection.command('GET', '{mail}').then(Boolean, () => false))
  assert.deepEqual(lost, [])
})

test('a node that comes back empty is told its queues again, and the loss of acknowledged jobs is told', async () => {
  const connection = await connect(cluster.url)
  // The list of queues lies on one node, the jobs of this queue on another.
  const prefix = await prefixOn(connection, 1)
  const store = openStore({ connection, prefix })
  const told: number[] = []
  const line = await store.line('mail', {
    clock: systemClock,
    timeout: 10_000,
    onRolledBack: (lost) => told.push(lost),
  })
  after(() => line.close())
  const enter = (): Promise<unknown> => line.enter({ at: '', own: '', record: '1\njob\n\n\n{}', apart: '' })
  await Promise.all([enter(), enter()])
  await notes?.restart()
  await until('the queue to be listed again', () =>
    store.space.queues().then(
      (names) => names.includes('mail'),
      () => false,
    ),
  )
  await mails?.restart()
  await enter()
  assert.deepEqual(told, [2])
})

async function prefixOn(connection: Connection, node: number): Promise<string> {
  while (true) {
    const prefix = freePrefix()
    const slot = Number(await connection.command('CLUSTER', 'KEYSLOT', `${prefix}:queues`))
    if (Math.floor((slot * 3) / 16_384) === node) return prefix
  }
}

test('what keeps us from a cluster is said: no server, a wrong password, a server that is none', async () => {
  await assert.rejects(connect(`redis://127.0.0.1:${await freePort()}`), { code: 'ECONNREFUSED' })
  const alone = await startRedis({ config: ['requirepass secret'] })
  after(() => alone.stop())
  await assert.rejects(connect(`redis://:wrong@127.0.0.1:${alone.port}`), (error) => {
    const fault = faultOf(error)
    return fault.kind === 'refused' && fault.error instanceof RedisDeniedError
  })
  await assert.rejects(connect(`redis://:secret@127.0.0.1:${alone.port}`), /cluster support disabled/)
})

test('a connection to a cluster is one socket for each node that is spoken to, and one to hear', async () => {
  const own = await startCluster(3)
  after(() => own.stop())
  const sockets = async (): Promise<number> => {
    const lists = await Promise.all(own.nodes.map(({ port }) => ask(port, 'CLIENT LIST')))
    return lists.join('\n').match(/name=(ioredis-cluster\(subscriber\):)?test /g)?.length ?? 0
  }
  const connection = await connect(own.url)
  await Promise.all(['{mail}', '{notes}', '{letters}'].map((key) => connection.command('GET', key)))
  await until('the looking for nodes to be over', async () => (await sockets()) === 3)
  const ears = await connect(own.url)
  await ears.listen('a:*', () => undefined)
  await until('one that hears, and one that asked how the cluster is', async () => (await sockets()) === 5)
})
