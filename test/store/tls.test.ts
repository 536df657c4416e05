import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { createServer } from 'node:tls'
import { createConnection, type RedisSettings } from '../../src/store/connection.ts'
import { RedisUnsuitableError } from '../../src/store/errors.ts'
import type { TlsChoice } from '../../src/store/tls.ts'
import { freePort, startRedis } from '../support/redis.ts'
import { until } from '../support/until.ts'

const folder = mkdtempSync(join(tmpdir(), 'morrow-tls-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
const SELF_SIGNED = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost']
execFileSync('openssl', ['req', ...SELF_SIGNED, '-keyout', key, '-out', cert, ...subject], { stdio: 'ignore' })
const print = new X509Certificate(readFileSync(cert)).fingerprint256
const other = print.replace(/^../, (first) => (first === '00' ? '01' : '00'))

async function ping(settings: RedisSettings): Promise<unknown> {
  const connection = createConnection(settings, { name: 'test', timeout: 500 })
  try {
    await connection.connect()
    return await connection.command('PING')
  } finally {
    await connection.close()
  }
}

const standalone = (url: string, tls: TlsChoice): RedisSettings => ({ kind: 'standalone', url, tls })

test('a self-signed server is refused unless its authority or its print is known, or nobody asks', async () => {
  const port = await freePort()
  const tls = [`tls-port ${port}`, `tls-cert-file ${cert}`, `tls-key-file ${key}`, 'tls-auth-clients no']
  const server = await startRedis({ config: [...tls, 'requirepass secret'] })
  after(() => server.stop())
  const url = `rediss://:secret@127.0.0.1:${port}`
  await assert.rejects(ping(standalone(url, { kind: 'verify' })), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
  assert.equal(await ping(standalone(url, { kind: 'insecure' })), 'PONG')
  assert.equal(await ping(standalone(url, { kind: 'ca', path: cert })), 'PONG')
  assert.equal(await ping(standalone(url, { kind: 'pin', sha256: print })), 'PONG')
  assert.equal(await ping(standalone(url, { kind: 'pin', sha256: print.replaceAll(':', '').toLowerCase() })), 'PONG')
  await assert.rejects(ping(standalone(url, { kind: 'pin', sha256: other })), /certificate pinned by MORROW_REDIS_TLS/)
})

type Listener = { readonly port: number; heard(): string; closed(): Promise<void> }

/** A server that writes down what it hears, with our certificate. */
async function listener(): Promise<Listener> {
  const heard: Buffer[] = []
  let open = 0
  let seen = 0
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => heard.push(chunk))
  })
  server.on('tlsClientError', () => undefined)
  server.on('connection', (socket) => {
    seen++
    open++
    socket.on('close', () => open--)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  after(() => server.close())
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  return {
    port: address.port,
    heard: () => Buffer.concat(heard).toString(),
    closed: async () => {
      await until('all connections are closed', () => seen > 0 && open === 0)
    },
  }
}

test('nothing is sent to a server whose certificate is not the pinned one', async () => {
  const { port, heard, closed } = await listener()
  const url = `rediss://user:secret@127.0.0.1:${port}`
  await assert.rejects(ping(standalone(url, { kind: 'pin', sha256: other })), /fingerprint [0-9a-f]{64}$/)
  await closed()
  assert.equal(heard(), '')
  await assert.rejects(ping(standalone(url, { kind: 'pin', sha256: print })))
  assert.match(heard(), /secret/)
})

test('nor is it in Sentinel mode, where the primary is spoken to by TLS as well', async () => {
  const { port, heard, closed } = await listener()
  const sentinel = await sentinelFor(port)
  const settings = (sha256: string): RedisSettings => ({
    kind: 'sentinel',
    sentinels: [{ host: '127.0.0.1', port: sentinel }],
    name: 'main',
    url: 'rediss://user:secret@main',
    tls: { kind: 'pin', sha256 },
  })
  await assert.rejects(ping(settings(other)), /certificate pinned by MORROW_REDIS_TLS/)
  await closed()
  assert.equal(heard(), '')
})

/** Something that answers every question as a Sentinel would whose primary is on that port. */
async function sentinelFor(port: number): Promise<number> {
  const { createServer: plain } = await import('node:net')
  const answer = `*2\r\n$9\r\n127.0.0.1\r\n$${String(port).length}\r\n${port}\r\n`
  const server = plain((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => {
      for (const [command] of chunk.toString().matchAll(/get-master-addr-by-name|sentinels|client|info/gi)) {
        socket.write(command === 'get-master-addr-by-name' ? answer : command === 'sentinels' ? '*0\r\n' : '+OK\r\n')
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  after(() => server.close())
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  return address.port
}

test('a pin for a whole cluster is refused at the door', () => {
  const settings: RedisSettings = { kind: 'cluster', urls: ['rediss://a:6379'], tls: { kind: 'pin', sha256: print } }
  assert.throws(() => createConnection(settings, { name: 'test', timeout: 100 }), RedisUnsuitableError)
})
