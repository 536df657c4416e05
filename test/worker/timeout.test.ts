import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defineJob } from '../../src/job/definition.ts'
import type { MorrowEvent } from '../../src/job/events.ts'
import type { Run } from '../../src/job/handler.ts'
import { SECOND } from '../../src/time/duration.ts'
import { openWorld, type World } from '../flow/world.ts'

const slow = defineJob({
  name: 'slow',
  queue: 'mail',
  timeout: '30s',
  retry: { attempts: 2, backoff: { kind: 'fixed', wait: '1 h' } },
})

type Work = Run<undefined, undefined>

const timedOut = (world: World): readonly MorrowEvent[] => world.events.filter(({ kind }) => kind === 'job.timedOut')

/** Runs the job for so long, and settles it if it has ended. */
async function runFor(world: World, work: Work, milliseconds: number, job = slow) {
  const worker = world.worker([job.handle(work)])
  await worker.tick()
  await world.pass(milliseconds)
  await worker.tick()
  return worker
}

const aborted = (signal: AbortSignal): Promise<unknown> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(signal.reason)))

const ways: readonly (readonly [
  how: string,
  work: (signal: AbortSignal) => Promise<void>,
  cause: RegExp | undefined,
])[] = [
  [
    'throws what its signal says',
    async (signal) => {
      await aborted(signal)
      signal.throwIfAborted()
    },
    undefined,
  ],
  [
    'throws something else',
    async (signal) => {
      await aborted(signal)
      throw new Error('half done')
    },
    /caused by Error: half done/,
  ],
  ['returns as if all were well', async (signal) => void (await aborted(signal)), undefined],
]

for (const [how, work, cause] of ways) {
  test(`an attempt that takes too long has failed when its handler ${how}`, async () => {
    const world = await openWorld()
    const { id } = await world.client.enqueue(slow)
    const reasons: unknown[] = []
    await runFor(
      world,
      async (_, { signal }) => {
        signal.addEventListener('abort', () => reasons.push(signal.reason))
        await work(signal)
      },
      30 * SECOND,
    )
    const [reason] = reasons
    assert.ok(reason instanceof DOMException && reason.name === 'TimeoutError')
    const { place, attempt, error } = await world.view(id)
    assert.deepEqual([place, attempt, error?.name], ['scheduled', 2, 'TimeoutError'])
    assert.match(error?.message ?? '', /^the attempt took longer than its timeout of 30 s$/)
    if (cause) assert.match(error?.stack ?? '', cause)
    else assert.doesNotMatch(error?.stack ?? '', /caused by/)
    assert.deepEqual(
      timedOut(world).map((event) => event.kind === 'job.timedOut' && [event.timeoutMs, event.abandoned]),
      [[30_000, false]],
    )
  })
}

test('an attempt that ends in time is not touched, and leaves no timer', async () => {
  const world = await openWorld()
  const { id } = await world.client.enqueue(slow)
  let finish: () => void = () => undefined
  const worker = await runFor(world, () => new Promise<void>((resolve) => (finish = resolve)) as never, 29 * SECOND)
  assert.equal(worker.hands.running(), 1)
  finish()
  await world.pass(1)
  await worker.tick()
  assert.deepEqual(
    [(await world.view(id)).end, timedOut(world).length, world.clock.rests().length],
    ['completed', 0, 0],
  )
})

test('nobody waits for a handler that ignores its signal longer than the grace, and what it does later counts no more', async () => {
  const world = await openWorld()
  const { id } = await world.client.enqueue(slow)
  let finish: () => void = () => undefined
  const worker = await runFor(world, () => new Promise<void>((resolve) => (finish = resolve)) as never, 34 * SECOND)
  assert.equal(worker.hands.running(), 1, 'within the grace it is waited for')
  await world.pass(SECOND)
  await worker.tick()
  const { place, error } = await world.view(id)
  assert.deepEqual([worker.hands.running(), place], [0, 'scheduled'])
  assert.match(error?.message ?? '', /timeout of 30 s, and its handler went on for 5 s after its signal$/)
  finish()
  await worker.tick()
  assert.deepEqual(
    [(await world.view(id)).place, timedOut(world).map((event) => event.kind === 'job.timedOut' && event.abandoned)],
    ['scheduled', [true]],
  )
})

test('the last attempt that takes too long ends the job as dead', async () => {
  const world = await openWorld()
  const once = defineJob({ name: 'once', queue: 'mail', timeout: '1s', retry: { attempts: 1 } })
  const { id } = await world.client.enqueue(once)
  await runFor(world, async (_, { signal }) => void (await aborted(signal)), SECOND, once as typeof slow)
  assert.equal((await world.view(id)).place, 'dead')
})

test('a job says its own timeout, a schedule that of its jobs, and either goes before that of the type', async () => {
  const world = await openWorld()
  const limits: (number | undefined)[] = []
  const late = slow.handle(async (_, { signal }) => {
    const began = world.clock.now()
    await aborted(signal)
    limits.push(world.clock.now() - began)
  })
  await world.client.enqueue(slow, { timeout: '2s' })
  await world.client.schedules.upsert('often', { job: slow, every: '1h', timeout: '3s' })
  await world.client.schedules.run('often')
  const worker = world.worker([late])
  await worker.tick()
  await world.pass(10 * SECOND)
  assert.deepEqual(limits, [2_000, 3_000])
})

test('a process that stops comes first: what it interrupts goes back, however long it took', async () => {
  const world = await openWorld()
  const { id } = await world.client.enqueue(slow)
  const worker = world.worker([
    slow.handle(async (_, { signal }) => {
      await aborted(signal)
      throw new Error('stopped')
    }),
  ])
  await worker.tick()
  worker.hands.abort()
  await world.pass(40 * SECOND)
  await worker.stop()
  const { place, attempt } = await world.view(id)
  assert.deepEqual([place, attempt, timedOut(world).length], ['ready', 1, 0])
})

test('a job without a timeout rests on no timer', async () => {
  const world = await openWorld()
  const plain = defineJob({ name: 'plain', queue: 'mail' })
  await world.client.enqueue(plain)
  const worker = world.worker([plain.handle(() => new Promise<void>(() => undefined) as never)])
  await worker.tick()
  await world.pass(5 * SECOND)
  assert.deepEqual([worker.hands.running(), world.clock.rests().length], [1, 0])
})

test('a handler that asks to be snoozed when its time is over is snoozed', async () => {
  const world = await openWorld()
  const { id } = await world.client.enqueue(slow)
  await runFor(
    world,
    async (_, { signal, snooze }) => {
      await aborted(signal)
      snooze('10m')
    },
    30 * SECOND,
  )
  const { place, attempt, dueAt } = await world.view(id)
  assert.deepEqual([place, attempt, dueAt.getTime() - world.clock.now()], ['scheduled', 1, 600 * SECOND])
})
