import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { openClient } from '../../src/client/client.ts'
import { defineJob } from '../../src/job/definition.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { duration } from '../../src/time/clock.ts'
import { connectTo } from '../store/test-queue.ts'
import { fakeClock } from '../support/fake-clock.ts'
import { freePrefix, startRedis } from '../support/redis.ts'

const tidy = defineJob({ name: 'tidy', formerQueues: ['old'] })

/** A client whose store opens when the test says so, on a Redis that has stopped answering by then. */
async function slowWorld(context: TestContext) {
  const redis = await startRedis()
  const store = openStore({ connection: await connectTo(redis.url), prefix: freePrefix() })
  const line = await store.line('default', { clock: fakeClock(), timeout: duration(2_000), onRolledBack: () => {} })
  // The script is known to Redis and the queue to the store: nothing but the call itself is missing.
  await line.closeOff()
  line.close()
  await redis.kill('SIGSTOP')
  context.after(async () => {
    await redis.kill('SIGCONT')
    await store.connection.close()
    await redis.stop()
  })
  let open: (store: Store) => void = () => undefined
  const opened = new Promise<Store>((resolve) => {
    open = resolve
  })
  const clock = fakeClock()
  const client = openClient({ store: () => opened, clock, timeout: 2_000, tz: '2026a' })
  return { client, clock, open: () => open(store) }
}

/** Whether a call is settled, and how; what it throws is its code. */
function watched(call: Promise<unknown>): () => unknown {
  let how: unknown = 'pending'
  call.then(
    (answer) => {
      how = answer
    },
    (error: { readonly code?: string }) => {
      how = error.code
    },
  )
  return () => how
}

test('the whole of a first call is settled within the time of a call, whichever part of it is slow', async (context) => {
  const { client, clock, open } = await slowWorld(context)
  const put = watched(client.enqueue(tidy))
  const waiting = watched(client.schedule(tidy, { in: '1h' }))
  const named = watched(client.enqueue(tidy, { id: 'own' }))
  const found = watched(client.get(tidy, 'own'))
  await clock.advance(duration(1_500))
  open()
  await clock.advance(duration(499))
  assert.deepEqual([put(), waiting(), named(), found()], ['pending', 'pending', 'pending', 'pending'])
  await clock.advance(duration(60))
  assert.deepEqual(
    [put(), waiting(), named(), found()],
    ['MORROW_OUTCOME_UNKNOWN', 'MORROW_REDIS_UNAVAILABLE', 'MORROW_REDIS_UNAVAILABLE', 'MORROW_REDIS_UNAVAILABLE'],
  )
})

test('a store that does not open in time is a Redis that is not there, and the time of the next call is its own', async (context) => {
  const { client, clock } = await slowWorld(context)
  const first = watched(client.enqueue(tidy))
  await clock.advance(duration(1_000))
  const second = watched(client.enqueue(tidy))
  await clock.advance(duration(1_000))
  assert.deepEqual([first(), second()], ['MORROW_REDIS_UNAVAILABLE', 'pending'])
  await clock.advance(duration(1_000))
  assert.equal(second(), 'MORROW_REDIS_UNAVAILABLE')
})
