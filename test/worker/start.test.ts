import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { type TestContext, test } from 'node:test'
import { createClient, createScheduler, createWorker, defineJob } from '../../src/index.ts'
import type { SetUp } from '../../src/wiring/set-up.ts'
import { connectTo } from '../store/test-queue.ts'
import { freePort, freePrefix, startRedis, testRedisUrl } from '../support/redis.ts'
import { frames } from '../support/resp-frame.ts'
import { until } from '../support/until.ts'

const tidy = defineJob({ name: 'tidy' })
const handlers = [tidy.handle(() => undefined)]
const quiet = { logLevel: 'silent' } as const

/** A server that answers INFO with these lines and everything else with OK. */
async function fakeServer(context: TestContext, info: readonly string[]): Promise<string> {
  const text = `${info.join('\r\n')}\r\n`
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    let rest: Buffer = Buffer.alloc(0)
    socket.on('data', (chunk) => {
      const cut = frames(Buffer.concat([rest, chunk]))
      rest = cut.rest
      for (const command of cut.whole) {
        socket.write(/INFO/i.test(command.toString('latin1')) ? `$${text.length}\r\n${text}\r\n` : '+OK\r\n')
      }
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => {
    server.close()
  })
  const address = server.address()
  return `redis://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
}

test('a worker and a scheduler that find no Redis say where they looked, without the password', async () => {
  const redisUrl = `redis://user:secret@127.0.0.1:${await freePort()}`
  for (const service of [createWorker({ handlers, redisUrl, ...quiet }), createScheduler({ redisUrl, ...quiet })]) {
    await assert.rejects(service.start(), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'MORROW_REDIS_UNAVAILABLE')
      assert.match(error.message, /127\.0\.0\.1/)
      assert.doesNotMatch(error.message, /secret/)
      return true
    })
    assert.equal(service.state(), 'stopped')
  }
})

test('a wrong password is refused as such', async (context) => {
  const redis = await startRedis({ config: ['requirepass right'] })
  context.after(redis.stop)
  for (const user of [':wrong@', '']) {
    const redisUrl = `redis://${user}127.0.0.1:${redis.port}`
    await assert.rejects(createWorker({ handlers, redisUrl, ...quiet }).start(), { code: 'MORROW_REDIS_DENIED' })
  }
})

test('a Redis older than 7.0 is unsuitable', async (context) => {
  const redisUrl = await fakeServer(context, ['redis_version:6.2.0', 'maxmemory_policy:noeviction', 'role:master'])
  await assert.rejects(createWorker({ handlers, redisUrl, ...quiet }).start(), {
    code: 'MORROW_REDIS_UNSUITABLE',
    message: /expected Redis 7\.0 or newer, or Valkey, got 6\.2\.0/,
  })
})

test('a Redis that evicts any key is unsuitable, unless that is allowed', async (context) => {
  const redis = await startRedis({ config: ['maxmemory 100mb', 'maxmemory-policy allkeys-lru'] })
  context.after(redis.stop)
  const options = { handlers, redisUrl: redis.url, prefix: freePrefix(), ...quiet }
  await assert.rejects(createWorker(options).start(), {
    code: 'MORROW_REDIS_UNSUITABLE',
    message: /expected maxmemory-policy noeviction, got allkeys-lru.*MORROW_ALLOW_EVICTION=1/,
  })
  const worker = createWorker({ ...options, allowEviction: true })
  await worker.start()
  await worker.stop()
})

test('two handlers for one name are refused, and the same one twice is one', () => {
  const other = tidy.handle(() => undefined)
  assert.throws(() => createWorker({ handlers: [...handlers, other], redisUrl: 'redis://x' }), {
    code: 'MORROW_INVALID_JOB',
    message: /tidy has two handlers/,
  })
  createWorker({ handlers: [...handlers, ...handlers], redisUrl: 'redis://x', ...quiet })
})

test('setup runs before the first claim and its stop after the last settle, and events tell the life of the process', async () => {
  const redisUrl = await testRedisUrl()
  const prefix = freePrefix()
  const steps: string[] = []
  let done: () => void = () => undefined
  const ran = new Promise<void>((resolve) => {
    done = resolve
  })
  const job = defineJob({ name: 'job' })
  const handler = job.handle(async (_, { client, services }) => {
    steps.push(`run ${JSON.stringify(services)}`)
    // A handler that closes the client it is lent harms nobody.
    await client.close()
    await client.enqueue(tidy)
  })
  const worker = createWorker({
    handlers: [handler],
    redisUrl,
    prefix,
    ...quiet,
    setup: ({ role }) => {
      steps.push(`setup ${role}`)
      return { services: { pool: 1 } as never, stop: () => void steps.push('stop') }
    },
    onEvent: (event) => {
      if (event.kind.startsWith('process.')) steps.push(event.kind)
      if (event.kind === 'job.completed') {
        steps.push('completed')
        done()
      }
      throw new Error('what a listener throws disturbs nobody')
    },
  })
  const client = createClient({ redisUrl, prefix })
  await worker.start()
  await client.enqueue(job)
  await ran
  await worker.stop()
  await client.close()
  assert.deepEqual(steps, [
    'setup worker',
    'process.started',
    'run {"pool":1}',
    'completed',
    'process.stopping',
    'stop',
    'process.stopped',
  ])
})

test('a setup that throws ends the start with its error, and nothing is left open', async () => {
  const setup = (): never => {
    throw new Error('no database')
  }
  const worker = createWorker({ handlers, redisUrl: await testRedisUrl(), prefix: freePrefix(), ...quiet, setup })
  await assert.rejects(worker.start(), /no database/)
  assert.equal(worker.state(), 'stopped')
})

test('a stop does not wait for a setup that hangs, and closes what it opens too late', async () => {
  let opened: (answer: SetUp) => void = () => undefined
  let began: () => void = () => undefined
  const begun = new Promise<void>((resolve) => {
    began = resolve
  })
  const setup = (): Promise<SetUp> => {
    began()
    return new Promise((resolve) => {
      opened = resolve
    })
  }
  const worker = createWorker({ handlers, redisUrl: await testRedisUrl(), prefix: freePrefix(), ...quiet, setup })
  const starting = assert.rejects(worker.start(), /has been stopped/)
  await begun
  await worker.stop()
  await starting
  await new Promise<void>((resolve) => opened({ stop: () => resolve() }))
})

test('a setup that answers what was not meant is refused, with the words to write', async () => {
  const options = { handlers, redisUrl: await testRedisUrl(), prefix: freePrefix(), ...quiet }
  const cases: readonly (readonly [answer: unknown, text: RegExp])[] = [
    [{ pool: 1 }, /got pool; write services: \{ pool \}/],
    [5, /expected it to answer \{ services, stop \} or nothing, got 5/],
    [
      { services: 'x', stop: 'y' },
      /2 faults[\s\S]*expected stop to be a function[\s\S]*expected services to be an object/,
    ],
  ]
  for (const [answer, message] of cases) {
    const worker = createWorker({ ...options, setup: () => answer as never })
    await assert.rejects(worker.start(), { code: 'MORROW_CONFIG', message })
  }
})

test('options that cannot be meant are refused by name', () => {
  const given = { redisUrl: 'redis://x', ...quiet }
  const cases: readonly (readonly [call: () => unknown, code: string, text: RegExp])[] = [
    [() => createWorker(undefined as never), 'MORROW_CONFIG', /createWorker: expected an object of options, got undef/],
    [() => createWorker(given as never), 'MORROW_INVALID_JOB', /handlers: expected a list, got undefined/],
    [() => createWorker({ ...given, handlers: 'abc' as never }), 'MORROW_INVALID_JOB', /expected a list, got "abc"/],
    [() => createWorker({ ...given, handlers, setup: 5 as never }), 'MORROW_CONFIG', /setup: expected a function/],
    [() => createWorker({ ...given, handlers, onEvent: 5 as never }), 'MORROW_CONFIG', /onEvent: expected a function/],
    [
      () => createWorker({ ...given, handlers, ...{ concurency: 5 } }),
      'MORROW_CONFIG',
      /concurency: no such option; did you mean concurrency\?/,
    ],
    [() => createScheduler(null as never), 'MORROW_CONFIG', /createScheduler: expected an object/],
    [() => createScheduler({ ...given, jobs: 'tidy' as never }), 'MORROW_INVALID_JOB', /jobs: expected a list/],
    [
      () => createScheduler({ ...given, jobs: handlers as never }),
      'MORROW_INVALID_JOB',
      /jobs\[0\]: must be what defineJob/,
    ],
  ]
  for (const [call, code, message] of cases) assert.throws(call, { code, message })
})

test('a scheduler that stops keeps no queue any longer', async (context) => {
  const [redisUrl, prefix] = [await testRedisUrl(), freePrefix()]
  const connection = await connectTo(redisUrl)
  const client = createClient({ redisUrl, prefix })
  context.after(() => client.close())
  await client.enqueue(tidy)
  const keepers = () => connection.command('KEYS', `${prefix}*:keeper`) as Promise<readonly string[]>
  const scheduler = createScheduler({ redisUrl, prefix, ...quiet })
  await scheduler.start()
  await until('it to keep the queue', async () => (await keepers()).some((key) => key.includes('{default}')))
  await scheduler.stop()
  assert.deepEqual(await keepers(), [])
})
