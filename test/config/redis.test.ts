import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError, describeRedis, maskUrl, readConfig } from '../../src/config.ts'

const redis = (environment: Record<string, string>) => readConfig(environment).redis

function faults(environment: Record<string, string>): string {
  try {
    redis(environment)
  } catch (error) {
    assert.ok(error instanceof ConfigError)
    return error.faults.join('\n')
  }
  return assert.fail('expected a ConfigError')
}

test('one Redis is named by a URL or by the path of its socket', () => {
  const tls = { kind: 'verify' }
  for (const url of [
    'redis://localhost',
    'rediss://u:p%40ss@host:6380/2',
    'redis://[::1]:6379/',
    'unix:///tmp/redis.sock',
  ]) {
    assert.deepEqual(redis({ REDIS_URL: url }), { kind: 'standalone', url, tls })
  }
  assert.deepEqual(redis({ REDIS_URL: 'REDISS://Host:6380' }), { kind: 'standalone', url: 'rediss://Host:6380', tls })
  assert.deepEqual(redis({ REDIS_URL: '/tmp/r.sock' }), { kind: 'standalone', url: 'unix:///tmp/r.sock', tls })
})

test('a provider names the variable that holds the URL', () => {
  const environment = {
    MORROW_REDIS_PROVIDER: 'REDISCLOUD_URL',
    REDISCLOUD_URL: 'redis://cloud',
    REDIS_URL: 'redis://other',
  }
  assert.equal(describeRedis(redis(environment)), 'redis://cloud')
  assert.equal(
    faults({ MORROW_REDIS_PROVIDER: 'REDISCLOUD_URL' }),
    'MORROW_REDIS_PROVIDER: names REDISCLOUD_URL, which is not set',
  )
})

test('a URL that is none is refused without showing what may be a secret', () => {
  const secret = 'hunter2'
  for (const url of [
    `redis://:${secret}/x@host:6379`,
    `redis://:${secret}#x@host:6379`,
    `redis://:a,${secret}@host:port`,
    `http://u:${secret}@host`,
    `redis://u:%zz${secret}@host`,
    `redis://u:${secret}@`,
    `rdis://u:${secret}@host`,
    `redis://u:${secret}@host/notanumber`,
    `redis://u:${secret}@a,b`,
  ]) {
    const text = faults({ REDIS_URL: url })
    assert.match(text, /^REDIS_URL: expected redis:\/\/host:6379\/0/)
    assert.doesNotMatch(text, /hunter/)
  }
  assert.match(faults({ REDIS_URL: 'rdis://host' }), /did you mean redis:\/\/\?$/)
  assert.match(faults({ REDIS_URL: 'localhost:6379' }), /it must begin with redis:\/\//)
})

test('a masked URL shows where, never who', () => {
  assert.equal(maskUrl('rediss://:p4ss@host:6379/0'), 'rediss://host:6379/0')
  assert.equal(maskUrl('redis://user:p@ss/w,rd@host:6379?password=x'), 'redis://host:6379')
  assert.equal(maskUrl('redis://:a@one,redis://:b@two'), 'redis://two')
  assert.equal(maskUrl('unix:///tmp/redis.sock'), 'unix:///tmp/redis.sock')
  assert.equal(maskUrl('user:pw@host'), 'host')
})

test('the certificate of a TLS server is judged as MORROW_REDIS_TLS says', () => {
  const url = 'rediss://host'
  const tls = (choice: string): unknown => {
    const config = redis({ REDIS_URL: url, MORROW_REDIS_TLS: choice })
    return config.kind === 'unset' ? undefined : config.tls
  }
  const print = 'AB:'.repeat(31).concat('CD')
  assert.deepEqual(tls('insecure'), { kind: 'insecure' })
  assert.deepEqual(tls('ca:/etc/ssl/ca.pem'), { kind: 'ca', path: '/etc/ssl/ca.pem' })
  assert.deepEqual(tls(`pin:${print}`), { kind: 'pin', sha256: 'ab'.repeat(31).concat('cd') })
  assert.match(faults({ REDIS_URL: url, MORROW_REDIS_TLS: 'pin:abc' }), /got pin: with 3 characters instead of 64/)
  assert.match(
    faults({ REDIS_URL: url, MORROW_REDIS_TLS: 'no' }),
    /expected verify, insecure, ca:PATH or pin:SHA256, got "no"/,
  )
  assert.match(
    faults({ REDIS_URL: 'redis://host', MORROW_REDIS_TLS: 'verify' }),
    /does not ask for TLS; begin it with rediss/,
  )
  assert.equal(redis({ REDIS_URL: 'redis://host', MORROW_REDIS_TLS: 'insecure' }).kind, 'standalone')
})

test('Sentinels are named as a list, with the name of the primary', () => {
  const environment = { MORROW_REDIS_SENTINELS: 'a, b:5000,[::1]', MORROW_REDIS_SENTINEL_NAME: 'shop' }
  const config = redis({ ...environment, REDIS_URL: 'rediss://:pw@ignored/3' })
  assert.deepEqual(config, {
    kind: 'sentinel',
    sentinels: [
      { host: 'a', port: 26_379 },
      { host: 'b', port: 5_000 },
      { host: '::1', port: 26_379 },
    ],
    name: 'shop',
    url: 'rediss://:pw@ignored/3',
    tls: { kind: 'verify' },
  })
  assert.equal(describeRedis(config), 'shop by sentinels a:26379,b:5000,::1:26379')
  assert.match(
    faults({ MORROW_REDIS_MODE: 'sentinel' }),
    /SENTINELS: is not set.*\nMORROW_REDIS_SENTINEL_NAME: is not set/,
  )
  assert.match(
    faults({ ...environment, MORROW_REDIS_MODE: 'cluster' }),
    /SENTINELS: is set beside MORROW_REDIS_MODE=cluster/,
  )
})

test('the nodes of a cluster share the scheme and login of the first', () => {
  const config = redis({ MORROW_REDIS_MODE: 'cluster', REDIS_URL: 'rediss://:pw@a:1,b:2, rediss://c' })
  assert.deepEqual(config, {
    kind: 'cluster',
    urls: ['rediss://:pw@a:1', 'rediss://:pw@b:2', 'rediss://c'],
    tls: { kind: 'verify' },
  })
  assert.equal(describeRedis(config), 'cluster rediss://a:1,rediss://b:2,rediss://c')
  assert.match(faults({ MORROW_REDIS_MODE: 'cluster', REDIS_URL: 'redis://a/1' }), /a cluster has database 0 only/)
  assert.match(faults({ MORROW_REDIS_MODE: 'cluster', REDIS_URL: '/a.sock' }), /cannot be reached by a unix socket/)
  assert.match(faults({ REDIS_URL: 'redis://a,b' }), /several nodes need MORROW_REDIS_MODE=cluster/)
})
