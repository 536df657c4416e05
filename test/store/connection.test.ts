import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, connect as dial, type Socket } from 'node:net'
import { after, test } from 'node:test'
import { type Connection, createConnection } from '../../src/store/connection.ts'
import { faultOf, RedisDeniedError } from '../../src/store/errors.ts'
import { freePort, startRedis } from '../support/redis.ts'
import { until } from '../support/until.ts'

async function connect(url: string, timeout = 1_000): Promise<Connection> {
  const connection = createConnection({ kind: 'standalone', url, tls: { kind: 'verify' } }, { name: 'mine', timeout })
  after(() => connection.close())
  await connection.connect()
  return connection
}

const isDenied = (error: unknown): boolean => {
  const fault = faultOf(error)
  return fault.kind === 'refused' && fault.error instanceof RedisDeniedError
}

test('a wrong or missing password is refused as such', async () => {
  const server = await startRedis({ config: ['requirepass s:cr@t'] })
  after(() => server.stop())
  const at = `127.0.0.1:${server.port}`
  await assert.rejects(connect(`redis://:wrong@${at}`), isDenied)
  await assert.rejects(connect(`redis://${at}`), isDenied)
  const connection = await connect(`redis://:s%3Acr%40t@${at}/3`)
  assert.match(String(await connection.command('CLIENT', 'INFO')), / name=mine .* db=3 .* resp=2/)
})

test('a unix socket is reached by its path', async () => {
  const server = await startRedis()
  after(() => server.stop())
  assert.equal(await (await connect(`unix://${server.socket}`)).command('PING'), 'PONG')
})

test('an absent server rejects the first connect and is not asked again', async () => {
  const url = `redis://127.0.0.1:${await freePort()}`
  await assert.rejects(connect(url), { code: 'ECONNREFUSED' })
})

test('a connection comes back by itself, tells so, and sends nothing twice meanwhile', async () => {
  const server = await startRedis({ appendOnly: true })
  after(() => server.stop())
  const connection = await connect(server.url)
  const told: string[] = []
  connection.onReady(() => told.push('ready'))
  connection.onLost(() => told.push('lost'))
  await server.restart()
  await until('it is back', () => told.includes('lost') && told.at(-1) === 'ready' && connection.ready())
  assert.equal(await connection.command('INCR', 'n'), 1)
  await server.kill()
  await assert.rejects(connection.command('INCR', 'n'))
  await server.restart()
  await until('it is back', () => connection.ready())
  assert.equal(await connection.command('GET', 'n'), '1')
})

test('a listener hears again after a reconnect', async () => {
  const server = await startRedis()
  after(() => server.stop())
  const [speaker, ears] = [await connect(server.url), await connect(server.url)]
  const heard: string[] = []
  await ears.listen('a:*', (channel, message) => heard.push(`${channel} ${message}`))
  await speaker.command('CLIENT', 'KILL', 'TYPE', 'pubsub')
  await until('a message is heard', async () => {
    await speaker.command('PUBLISH', 'a:b', 'text')
    return heard.length > 0
  })
  assert.equal(heard[0], 'a:b text')
})

test('a connection that the network forgot without a word is left for a new one', async () => {
  const server = await startRedis()
  const links: (readonly [Socket, Socket])[] = []
  const network = createServer((near) => {
    const far = dial(server.port, '127.0.0.1')
    for (const each of [near, far]) each.on('error', () => undefined)
    near.pipe(far).pipe(near)
    links.push([near, far])
  }).listen(0, '127.0.0.1')
  await once(network, 'listening')
  after(() => {
    network.close()
    return server.stop()
  })
  const address = network.address()
  assert.ok(address !== null && typeof address === 'object')
  const connection = await connect(`redis://127.0.0.1:${address.port}`, 150)
  for (const [near, far] of links) {
    near.unpipe(far)
    far.unpipe(near)
    for (const each of [near, far]) each.resume()
  }
  await assert.rejects(connection.command('PING'), /timed out/)
  await until('another connection answers', async () => (await connection.command('PING').catch(() => '')) === 'PONG')
  assert.equal(links.length, 2)
})
