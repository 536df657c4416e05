import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defineJob } from '../../src/job/definition.ts'
import { openWorld } from '../flow/world.ts'

const slow = defineJob({
  name: 'slow',
  queue: 'mail',
  retry: { attempts: 20, backoff: { kind: 'fixed', wait: '1 s' } },
})

test('the signal of a process that stops aborts with an AbortError, as fetch and its kin expect', async () => {
  const world = await openWorld()
  await world.client.enqueue(slow)
  const reasons: unknown[] = []
  const waiting = slow.handle(async (_, { signal }) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
    reasons.push(signal.reason)
    signal.throwIfAborted()
  })
  const worker = world.worker([waiting])
  await worker.tick()
  worker.hands.abort()
  while (worker.hands.running() > 0) await worker.stop()
  const [reason] = reasons
  assert.ok(reason instanceof Error)
  assert.equal(reason.name, 'AbortError')
  assert.match(String(reason), /the process stops/)
})

const circle: { self?: unknown } = {}
circle.self = circle
const throwing = (error: unknown) => (): never => {
  throw error
}
const faulty = Object.defineProperty(new Error('x'), 'message', { get: throwing(new Error('y')) })

for (const [what, thrown] of [
  ['a text', 'a text'],
  ['undefined', undefined],
  ['null', null],
  ['a symbol', Symbol('odd')],
  ['a circle', circle],
  ['an Error with faults of its own', faulty],
] as const) {
  test(`a handler that throws ${what} has failed like any other`, async () => {
    const world = await openWorld()
    const { id } = await world.client.enqueue(slow)
    await world.worker([slow.handle(throwing(thrown))]).work()
    const { place, attempt, error } = await world.view(id)
    assert.deepEqual([place, attempt, typeof error?.message], ['scheduled', 2, 'string'])
    assert.ok(world.events.some((event) => event.kind === 'job.failed' && event.error === thrown))
  })
}

test('a backoff that throws costs the job nothing but the wait it would have chosen, and is said', async () => {
  const world = await openWorld()
  const odd = defineJob({ name: 'odd', retry: { backoff: throwing(new Error('no idea')) } })
  const { id } = await world.client.enqueue(odd)
  await world.worker([odd.handle(throwing(new Error('broken')))]).work()
  assert.deepEqual([(await world.view(id)).place, (await world.view(id)).attempt], ['scheduled', 2])
  const errors = world.events.flatMap((event) => (event.kind === 'error' ? [`${event.doing}: ${event.error}`] : []))
  assert.deepEqual(errors, [
    'choosing the wait of job odd: Error: retry.backoff failed, so the usual wait was taken: Error: no idea',
  ])
})
