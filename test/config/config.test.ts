import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { ConfigError, readConfig, requireRedis, type Settings } from '../../src/config.ts'

/** The faults of a configuration that must not be usable. */
function faultsOf(environment: Record<string, string>, flags: Settings = {}, file: Settings = {}): readonly string[] {
  try {
    readConfig(environment, flags, file)
  } catch (error) {
    assert.ok(error instanceof ConfigError)
    assert.equal(error.code, 'MORROW_CONFIG')
    return error.faults
  }
  return assert.fail('expected a ConfigError')
}

test('an empty environment gives the documented defaults, and no Redis', () => {
  const { origins, ...config } = readConfig({})
  assert.deepEqual(config, {
    redis: { kind: 'unset' },
    port: 5678,
    host: '127.0.0.1',
    queues: [{ kind: 'rest', cap: undefined }],
    concurrency: 10,
    shutdownTimeout: 25_000,
    healthPort: undefined,
    logLevel: 'info',
    prefix: 'morrow',
    app: 'morrow',
    environment: 'development',
    webAuth: undefined,
    flagless: false,
    generation: undefined,
    allowEviction: false,
    schedules: 'schedules',
    lease: 15_000,
    maxBlock: 60_000,
    unknownFor: 604_800_000,
    payloadLimit: 262_144,
    timeZone: 'UTC',
    config: undefined,
    warnings: [],
  })
  assert.deepEqual([...new Set(Object.values(origins))], ['default'])
})

test('flags stand over the environment, that over the file, that over the default', () => {
  const config = readConfig(
    { CONCURRENCY: '20', PORT: '3000' },
    { concurrency: '30' },
    { concurrency: 40, port: 4, lease: '5s' },
  )
  assert.deepEqual([config.concurrency, config.port, config.lease, config.host], [30, 3000, 5_000, '127.0.0.1'])
  const { concurrency, port, lease, host } = config.origins
  assert.deepEqual([concurrency, port, lease, host], ['flag', 'environment', 'file', 'default'])
})

test('a configuration is frozen', () => {
  assert.ok(Object.isFrozen(readConfig({})))
})

test('an empty variable counts as unset', () => {
  assert.equal(readConfig({ PORT: '', CONCURRENCY: ' ' }).port, 5678)
})

test('every fault is told at once, each by the name that the user wrote', () => {
  const environment = {
    PORT: 'http',
    CONCURRENCY: '0',
    SHUTDOWN_TIMEOUT: '25',
    MORROW_TZ: 'Europe/Berlni',
    LOG_LEVEL: 'inf',
  }
  const faults = faultsOf(environment, { healthPort: 70_000 }, { payloadLimit: '12 elephants' })
  assert.equal(faults.length, 7)
  const all = faults.join('\n')
  assert.match(all, /^PORT: expected a whole number from 0 to 65535, got "http"$/m)
  assert.match(all, /^CONCURRENCY: expected a whole number from 1 to 10000, got "0"$/m)
  assert.match(all, /^SHUTDOWN_TIMEOUT: .*say '25s'$/m)
  assert.match(all, /^MORROW_TZ: .*did you mean 'Europe\/Berlin'\?$/m)
  assert.match(all, /^LOG_LEVEL: .*did you mean info\?$/m)
  assert.match(all, /^--health-port: expected .* got 70000$/m)
  assert.match(all, /^payloadLimit in the configuration file: expected a size .* got "12 elephants"$/m)
})

test('sizes, flags and durations are read with their units', () => {
  const config = readConfig({
    MORROW_PAYLOAD_LIMIT: '1.5MiB',
    MORROW_ALLOW_EVICTION: 'yes',
    MORROW_UNKNOWN_FOR: '2 days',
    MORROW_MAX_BLOCK: '1m30s',
  })
  assert.deepEqual(
    [config.payloadLimit, config.allowEviction, config.unknownFor, config.maxBlock],
    [1_572_864, true, 172_800_000, 90_000],
  )
  assert.match(
    faultsOf({ MORROW_LEASE: '2 hours' })[0] ?? '',
    /^MORROW_LEASE: expected a duration from 1 s to 1 h, got/,
  )
})

test('the environment is MORROW_ENV, else NODE_ENV; the application is the prefix unless named', () => {
  assert.equal(readConfig({ NODE_ENV: 'production' }).environment, 'production')
  assert.equal(readConfig({ NODE_ENV: 'production', MORROW_ENV: 'staging' }).environment, 'staging')
  assert.equal(readConfig({ MORROW_PREFIX: 'shop' }).app, 'shop')
  assert.equal(readConfig({ MORROW_PREFIX: 'shop', MORROW_APP: 'blog' }).app, 'blog')
  assert.match(faultsOf({ MORROW_PREFIX: '{shop}' })[0] ?? '', /^MORROW_PREFIX: expected 1 to 100 of the characters/)
})

test('the web login may hold colons in its password, and a faulty one is not shown', () => {
  assert.deepEqual(readConfig({ MORROW_WEB_AUTH: 'ann:s:e:cret' }).webAuth, { user: 'ann', password: 's:e:cret' })
  const [fault] = faultsOf({ MORROW_WEB_AUTH: 'secret' })
  assert.match(fault ?? '', /^MORROW_WEB_AUTH: expected user:password/)
  assert.doesNotMatch(fault ?? '', /secret/)
})

test('a misspelt variable of ours is a fault that says what was meant', () => {
  assert.deepEqual(faultsOf({ MORROW_PREFX: 'a', MORROW_PORT: '80', MORROW_REDIS_URL: 'redis://a' }), [
    'MORROW_PREFX: no such setting; did you mean MORROW_PREFIX?',
    'MORROW_PORT: no such setting; did you mean PORT?',
    'MORROW_REDIS_URL: no such setting; did you mean REDIS_URL?',
  ])
})

test('an unknown variable that resembles none is a warning; those of Kubernetes and of the tests are let alone', () => {
  const config = readConfig({
    MORROW_TELEPORTATION: '1',
    MORROW_TEST_REDIS: 'redis://x',
    MORROW_SERVICE_HOST: '10.0.0.1',
    MORROW_PORT: 'tcp://10.0.0.1:80',
    MORROW_PORT_80_TCP_ADDR: '10.0.0.1',
    MORROW_GENERATION: '7',
  })
  assert.equal(config.warnings.length, 1)
  assert.match(config.warnings[0] ?? '', /^MORROW_TELEPORTATION: no such setting; it is ignored/)
})

test('a role that needs Redis names REDIS_URL when nobody has said where it is', () => {
  assert.throws(
    () => requireRedis(readConfig({})),
    /REDIS_URL: expected where Redis is, .*it is not set, and no address is guessed/,
  )
})

test('every variable that is read has its line in docs/configuration.md', () => {
  const asked = new Set<string>()
  const environment = new Proxy<Record<string, string>>({}, { get: (_target, key) => void asked.add(String(key)) })
  readConfig(environment)
  assert.ok(asked.size > 20)
  const docs = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8')
  assert.deepEqual(
    [...asked].filter((variable) => !docs.includes(`\`${variable}\``)),
    [],
  )
})
