import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createConnection, type RedisSettings } from '../../src/store/connection.ts'
import type { TlsChoice } from '../../src/store/tls.ts'
import { selfSigned } from '../support/certificate.ts'
import { freePort } from '../support/redis.ts'
import { startCluster } from '../support/redis-cluster.ts'
import { PRIMARY, startSentinels } from '../support/redis-sentinel.ts'

async function ping(settings: RedisSettings): Promise<unknown> {
  const connection = createConnection(settings, { name: 'test', timeout: 2_000 })
  try {
    await connection.connect()
    return await connection.command('GET', 'key')
  } finally {
    await connection.close()
  }
}

const flipped = (print: string): string => print.replace(/^../, (first) => (first === '00' ? '01' : '00'))

test('a primary that real Sentinels name is judged by its certificate, in every way that can be set', async () => {
  const certificate = selfSigned('IP:127.0.0.1')
  const port = await freePort()
  const sentinels = await startSentinels({
    primaryPort: port,
    config: ['tls-replication yes'],
    primaryConfig: certificate.lines(port),
    replicaConfig: certificate.lines(await freePort()),
    // The Sentinels speak TLS to the servers; what is asked of themselves goes over the plain port.
    sentinelConfig: [...certificate.lines(0), 'tls-replication yes'],
    sentinels: 1,
  })
  after(() => sentinels.stop())
  const by = (tls: TlsChoice): RedisSettings => ({
    kind: 'sentinel',
    sentinels: sentinels.ports.map((sentinel) => ({ host: '127.0.0.1', port: sentinel })),
    name: PRIMARY,
    url: `rediss://${PRIMARY}`,
    tls,
  })
  await assert.rejects(ping(by({ kind: 'verify' })), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
  assert.equal(await ping(by({ kind: 'insecure' })), null)
  assert.equal(await ping(by({ kind: 'ca', path: certificate.cert })), null)
  assert.equal(await ping(by({ kind: 'pin', sha256: certificate.print })), null)
  await assert.rejects(ping(by({ kind: 'pin', sha256: flipped(certificate.print) })), /pinned by MORROW_REDIS_TLS/)
})

test('the nodes of a cluster are judged by their certificates, which may name hosts', async () => {
  const certificate = selfSigned('DNS:localhost')
  const port = await freePort()
  const names = ['cluster-announce-hostname localhost', 'cluster-preferred-endpoint-type hostname']
  const cluster = await startCluster(1, { config: ['tls-cluster yes', ...certificate.lines(port), ...names] })
  after(() => cluster.stop())
  const by = (tls: TlsChoice, host = 'localhost'): RedisSettings => ({
    kind: 'cluster',
    urls: [`rediss://${host}:${port}`],
    tls,
  })
  await assert.rejects(ping(by({ kind: 'verify' })), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
  assert.equal(await ping(by({ kind: 'insecure' })), null)
  assert.equal(await ping(by({ kind: 'ca', path: certificate.cert })), null)
  await assert.rejects(ping(by({ kind: 'ca', path: certificate.cert }, '127.0.0.1')), {
    code: 'ERR_TLS_CERT_ALTNAME_INVALID',
  })
})
