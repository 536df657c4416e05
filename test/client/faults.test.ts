import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { z } from 'zod'
import { type Client, createClient, defineJob, OutcomeUnknownError } from '../../src/index.ts'
import { type Proxy as Lossy, startProxy } from '../support/proxy.ts'
import { freePort, freePrefix, startRedis } from '../support/redis.ts'

const mail = defineJob({ name: 'mail', queue: 'mail', payload: z.object({ to: z.string() }) })

type Line = { readonly client: Client; readonly proxy: Lossy; readonly direct: Client }

/** A client behind a proxy that loses what a test wants, and one that sees all. */
async function openLine(context: TestContext, timeout = 500): Promise<Line> {
  const redis = await startRedis()
  const proxy = await startProxy(redis.port)
  const prefix = freePrefix()
  const client = createClient({ redisUrl: proxy.url, prefix, timeout })
  const direct = createClient({ redisUrl: redis.url, prefix })
  context.after(async () => {
    await Promise.all([client.close(), direct.close()])
    await proxy.close()
    await redis.stop()
  })
  return { client, proxy, direct }
}

async function unknownOf(call: Promise<unknown>): Promise<OutcomeUnknownError> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof OutcomeUnknownError, `expected an OutcomeUnknownError, got ${error}`)
  return error
}

test('a call whose reply was lost is settled by the repeat that the client sends itself', async (context) => {
  const { client, proxy } = await openLine(context, 2_000)
  await repeat(() => client.enqueue(mail, { to: 'first' }))
  const cut = proxy.cut('executed', { of: /EVALSHA/ })
  const [receipt] = await Promise.all([client.enqueue(mail, { to: 'ann' }), cut])
  assert.deepEqual([receipt.outcome, (await client.get(receipt.id))?.place], ['created', 'ready'])
})

test('a call that was sent and never answered is unknown, and the same id again tells that it was stored', async (context) => {
  const { client, proxy, direct } = await openLine(context)
  await repeat(() => client.enqueue(mail, { to: 'first' }))
  const cut = proxy.cut('executed', { of: /EVALSHA/ })
  const call = client.enqueue(mail, { to: 'ann' })
  await cut
  proxy.refuse()
  const { id } = await unknownOf(call)
  proxy.pass()
  assert.equal((await direct.get(id))?.place, 'ready')
  const again = await repeat(() => client.enqueue(mail, { to: 'ann' }, { id }))
  assert.deepEqual([again.id, again.outcome], [id, 'exists'])
  await assert.rejects(client.enqueue(mail, { to: 'bob' }, { id }), { code: 'MORROW_CONFLICT' })
})

test('a call that was sent and never carried out is unknown, and the same id again stores it once', async (context) => {
  const { client, proxy, direct } = await openLine(context)
  await repeat(() => client.enqueue(mail, { to: 'first' }))
  proxy.blackHole()
  const { id } = await unknownOf(client.enqueue(mail, { to: 'ann' }))
  proxy.cutAll()
  proxy.pass()
  const again = await repeat(() => client.enqueue(mail, { to: 'ann' }, { id }))
  assert.equal(again.outcome, 'created')
  const third = await client.enqueue(mail, { to: 'ann' }, { id })
  assert.deepEqual([third.id, third.outcome], [again.id, 'exists'])
  assert.equal((await direct.get(again.id))?.place, 'ready')
})

/** Until the connection is back. */
async function repeat<Answer>(call: () => Promise<Answer>): Promise<Answer> {
  for (let tries = 1; ; tries++) {
    try {
      return await call()
    } catch (error) {
      if (tries === 10) throw error
    }
  }
}

test('without a connection a call ends as unavailable within 2 s, and nothing waits to be sent later', async (context) => {
  const { client, proxy, direct } = await openLine(context, 2_000)
  const { id } = await repeat(() => client.enqueue(mail, { to: 'first' }))
  proxy.refuse()
  await assert.rejects(client.get(id), { code: 'MORROW_REDIS_UNAVAILABLE' })
  const began = performance.now()
  await assert.rejects(client.enqueue(mail, { to: 'ann' }, { id: 'own' }), { code: 'MORROW_REDIS_UNAVAILABLE' })
  assert.ok(performance.now() - began < 2_300, `${performance.now() - began} ms`)
  await assert.rejects(client.schedule(mail, { to: 'ann' }, { at: '2026-12-01T09:00:00Z' }), {
    code: 'MORROW_REDIS_UNAVAILABLE',
  })
  proxy.pass()
  await repeat(() => client.enqueue(mail, { to: 'later' }))
  assert.equal(await direct.get(mail, 'own'), undefined)
})

test('a Redis that accepts and never answers is unavailable within the time of a call, and a later call may succeed', async (context) => {
  const { client, proxy } = await openLine(context, 300)
  proxy.blackHole()
  const began = performance.now()
  await assert.rejects(client.enqueue(mail, { to: 'ann' }), { code: 'MORROW_REDIS_UNAVAILABLE' })
  assert.ok(performance.now() - began < 2_000, `${performance.now() - began} ms`)
  proxy.pass()
  assert.equal((await repeat(() => client.enqueue(mail, { to: 'ann' }))).outcome, 'created')
})

test('a client that finds no Redis says where it looked, without the password', async (context) => {
  const port = await freePort()
  const client = createClient({ redisUrl: `redis://user:secret@127.0.0.1:${port}` })
  context.after(() => client.close())
  await assert.rejects(client.enqueue(mail, { to: 'ann' }), (error: Error & { code?: string }) => {
    assert.equal(error.code, 'MORROW_REDIS_UNAVAILABLE')
    assert.match(error.message, new RegExp(`127\\.0\\.0\\.1:${port}`))
    assert.doesNotMatch(error.message, /secret/)
    return true
  })
})

test('a client without a place to look for Redis names the variable to set', (context) => {
  const { REDIS_URL: before } = process.env
  delete process.env['REDIS_URL']
  context.after(() => {
    if (before !== undefined) process.env['REDIS_URL'] = before
  })
  assert.throws(() => createClient(), { code: 'MORROW_CONFIG', message: /REDIS_URL/ })
})
