import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CancelledError, createClient, createWorker, defineJob } from '../../src/index.ts'
import { placeOf } from '../../src/job/id.ts'
import { queueKeys } from '../../src/store/keys.ts'
import { connectTo } from '../store/test-queue.ts'
import { freePrefix, testRedisUrl } from '../support/redis.ts'

const slow = defineJob({ name: 'slow', queue: 'mail' })

/** A worker in this process with one job that runs until its signal aborts. */
async function running() {
  const [redisUrl, prefix] = [await testRedisUrl(), freePrefix()]
  const client = createClient({ redisUrl, prefix })
  let begin: () => void = () => undefined
  let end: (reason: unknown) => void = () => undefined
  let settle: () => void = () => undefined
  const begun = new Promise<void>((resolve) => (begin = resolve))
  const aborted = new Promise<unknown>((resolve) => (end = resolve))
  const settled = new Promise<void>((resolve) => (settle = resolve))
  const leases: number[] = []
  const handler = slow.handle(async (_, context) => {
    const { signal } = context
    signal.addEventListener('abort', () => end(signal.reason))
    leases.push(context.leaseUntil.getTime())
    begin()
    await aborted
    leases.push(context.leaseUntil.getTime())
  })
  const worker = createWorker({
    handlers: [handler],
    redisUrl,
    prefix,
    logLevel: 'silent',
    lease: '3s',
    onEvent: ({ kind }) => kind === 'job.cancelled' && settle(),
  })
  await worker.start()
  const { id } = await client.enqueue(slow)
  await begun
  const close = async () => {
    await worker.stop()
    assert.equal((await client.get(id))?.end, 'cancelled')
    await client.close()
  }
  return { client, id, leases, aborted, settled, close, keys: queueKeys(prefix, 'mail'), redisUrl }
}

test('a job that runs in another process hears within a second that it is cancelled', async () => {
  const { client, id, aborted, settled, close } = await running()
  const before = performance.now()
  assert.equal(await client.cancel(id), 'cancelling')
  assert.ok((await aborted) instanceof CancelledError)
  assert.ok(performance.now() - before < 1_000)
  await settled
  await close()
})

test('a cancel whose hint was lost is heard with the next renewal of the lease', async () => {
  const { id, leases, aborted, settled, close, keys, redisUrl } = await running()
  const { page, slot } = placeOf(id)
  const connection = await connectTo(redisUrl)
  await connection.command('HSET', keys.cancels, `${page} ${slot}`, '1')
  await connection.command('HINCRBY', keys.counts, 'cancelling', 1)
  assert.ok((await aborted) instanceof CancelledError)
  await settled
  assert.ok((leases[1] ?? 0) > (leases[0] ?? 0), 'the renewal is known to the handler')
  await close()
})
