import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { z } from 'zod'
import { type Client, createClient, defineJob, MorrowError, OutcomeUnknownError } from '../../src/index.ts'
import { KEPT } from '../../src/store/keeper.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { duration } from '../../src/time/clock.ts'
import { connectTo } from '../store/test-queue.ts'
import { type Proxy as Lossy, startProxy } from '../support/proxy.ts'
import { freePort, freePrefix, startRedis } from '../support/redis.ts'
import { until } from '../support/until.ts'

const mail = defineJob({ name: 'mail', queue: 'mail', payload: z.object({ to: z.string() }) })

type Line = { readonly client: Client; readonly proxy: Lossy; readonly direct: Client; readonly store: Store }

/** A client behind a proxy that loses what a test wants, and one that sees all. */
async function openLine(context: TestContext, timeout = 500): Promise<Line> {
  const redis = await startRedis()
  const proxy = await startProxy(redis.port)
  const prefix = freePrefix()
  const client = createClient({ redisUrl: proxy.url, prefix, timeout })
  const direct = createClient({ redisUrl: redis.url, prefix })
  const store = openStore({ connection: await connectTo(redis.url), prefix })
  context.after(async () => {
    await Promise.all([client.close(), direct.close()])
    await proxy.close()
    await redis.stop()
  })
  return { client, proxy, direct, store }
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

test('many repeats at once of one call of unknown outcome make one job', async (context) => {
  const { client, proxy, store } = await openLine(context)
  await repeat(() => client.enqueue(mail, { to: 'first' }))
  proxy.blackHole()
  const { id } = await unknownOf(client.enqueue(mail, { to: 'ann' }))
  proxy.cutAll()
  proxy.pass()
  await repeat(() => client.enqueue(mail, { to: 'other' }))
  const receipts = await Promise.all([1, 2, 3].map(() => client.enqueue(mail, { to: 'ann' }, { id })))
  assert.deepEqual(receipts.map(({ outcome }) => outcome).sort(), ['created', 'exists', 'exists'])
  assert.equal(new Set(receipts.map((receipt) => receipt.id)).size, 1)
  assert.equal((await store.inspector.counts('mail')).ready, 3)
})

test('a job of unknown outcome that has ended and gone meanwhile is not made again', async (context) => {
  const { client, proxy, direct, store } = await openLine(context)
  await repeat(() => client.enqueue(mail, { to: 'first' }))
  const cut = proxy.cut('executed', { of: /EVALSHA/ })
  const call = client.enqueue(mail, { to: 'ann' })
  await cut
  proxy.refuse()
  const { id } = await unknownOf(call)
  proxy.pass()
  assert.equal(await direct.cancel(id), 'cancelled')
  await store.keeper('mail').prune({ ...KEPT, ended: { count: 0, age: duration(0) } })
  assert.equal(await direct.get(id), undefined)
  await repeat(() => client.enqueue(mail, { to: 'other' }))
  const again = await client.enqueue(mail, { to: 'ann' }, { id })
  assert.deepEqual([again.id, again.outcome, Number.isNaN(again.dueAt.getTime())], [id, 'exists', false])
  assert.equal((await store.inspector.counts('mail')).ready, 2)
})

test('a call with an own id and no answer is unknown by that id, which anybody may send again', async (context) => {
  const { client, proxy, direct, store } = await openLine(context)
  await repeat(() => client.enqueue(mail, { to: 'first' }))
  for (const round of ['first', 'second']) {
    const cut = proxy.cut('executed', { of: /EVALSHA/ })
    const call = client.enqueue(mail, { to: 'ann' }, { id: 'trial:42' })
    await cut
    proxy.refuse()
    assert.equal((await unknownOf(call)).id, 'trial:42', round)
    proxy.pass()
    await repeat(() => client.enqueue(mail, { to: round }))
  }
  for (const each of [client, direct]) {
    assert.equal((await each.enqueue(mail, { to: 'ann' }, { id: 'trial:42' })).outcome, 'exists')
  }
  assert.equal((await store.inspector.counts('mail')).ready, 4)
})

test('a repeat that finds nothing out leaves the call unknown', async (context) => {
  const { client, proxy } = await openLine(context)
  await repeat(() => client.enqueue(mail, { to: 'first' }))
  proxy.blackHole()
  const { id } = await unknownOf(client.enqueue(mail, { to: 'ann' }))
  proxy.refuse()
  assert.equal((await unknownOf(client.enqueue(mail, { to: 'ann' }, { id }))).id, id)
  proxy.pass()
  assert.equal((await repeat(() => client.enqueue(mail, { to: 'ann' }, { id }))).outcome, 'created')
})

test('while Redis is away a job for later waits as one for now does, and is stored when it is back in time', async (context) => {
  const { client, proxy } = await openLine(context, 5_000)
  const { id } = await repeat(() => client.schedule(mail, { to: 'first' }, { in: '1h' }))
  proxy.refuse()
  proxy.cutAll()
  await assert.rejects(client.get(id), { code: 'MORROW_REDIS_UNAVAILABLE' })
  const calls = [client.schedule(mail, { to: 'ann' }, { in: '1h' }), client.enqueue(mail, { to: 'bob' })]
  const tries = proxy.accepted()
  await until('another try to connect', () => proxy.accepted() > tries)
  proxy.pass()
  const receipts = await Promise.all(calls)
  assert.deepEqual(
    receipts.map(({ outcome }) => outcome),
    ['created', 'created'],
  )
})

test('while Redis is away a job for later is refused at the end of its time', async (context) => {
  const { client, proxy } = await openLine(context, 700)
  const { id } = await repeat(() => client.schedule(mail, { to: 'first' }, { in: '1h' }))
  proxy.refuse()
  proxy.cutAll()
  await assert.rejects(client.get(id), { code: 'MORROW_REDIS_UNAVAILABLE' })
  for (const _ of [1, 2]) {
    const before = performance.now()
    await assert.rejects(client.schedule(mail, { to: 'ann' }, { in: '1h' }), { code: 'MORROW_REDIS_UNAVAILABLE' })
    assert.ok(performance.now() - before > 600, `${performance.now() - before} ms`)
  }
})

test('every call on a connection that breaks ends with an error of ours', async (context) => {
  const { client, proxy } = await openLine(context)
  const { id } = await repeat(() => client.enqueue(mail, { to: 'ann' }, { id: 'own' }))
  const moved = defineJob({
    name: 'mail',
    queue: 'post',
    formerQueues: ['mail'],
    payload: z.object({ to: z.string() }),
  })
  await client.enqueue(moved, { to: 'ann' }, { id: 'own' })
  const calls: readonly (() => Promise<unknown>)[] = [
    () => client.get(id),
    () => client.cancel(id),
    () => client.reschedule(id, { at: '2030-01-01T00:00Z' }),
    () => client.enqueue(mail, { to: 'ann' }, { id: 'own' }),
    () => client.enqueue(moved, { to: 'ann' }, { id: 'own' }),
  ]
  for (const call of calls) {
    for (const point of ['sent', 'executed'] as const) {
      const cut = proxy.cut(point)
      const settled = call().then(
        () => 'answered',
        (error: unknown) => (error instanceof MorrowError ? 'refused' : String(error)),
      )
      await cut
      assert.match(await settled, /^(answered|refused)$/)
      await repeat(() => client.enqueue(mail, { to: 'next' }))
    }
  }
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
