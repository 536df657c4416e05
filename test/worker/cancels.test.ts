import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defineJob } from '../../src/job/definition.ts'
import type { MorrowEvent } from '../../src/job/events.ts'
import type { Run } from '../../src/job/handler.ts'
import { placeOf } from '../../src/job/id.ts'
import { HOUR, SECOND } from '../../src/time/duration.ts'
import { CancelledError } from '../../src/worker/errors.ts'
import { type HandWorker, openWorld, type World } from '../flow/world.ts'

const slow = defineJob({
  name: 'slow',
  queue: 'mail',
  retry: { attempts: 2, backoff: { kind: 'fixed', wait: '1 h' } },
})

type Work = Run<undefined, undefined>

const aborted = (signal: AbortSignal): Promise<unknown> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(signal.reason)))

/** The hint that goes over the wake-up channel. */
const hintOf = (id: string): string => {
  const { page, slot } = placeOf(id)
  return `cancel mail ${page} ${slot}`
}

const told = (world: World): readonly MorrowEvent[] => world.events.filter(({ kind }) => kind === 'job.cancelled')

/** A job that runs, and the worker that runs it. */
async function running(work: Work, job = slow) {
  const world = await openWorld()
  const { id } = await world.client.enqueue(job)
  const worker = world.worker([job.handle(work)])
  await worker.tick()
  return { world, id, worker }
}

async function isCancelled(world: World, id: string): Promise<void> {
  const { place, end } = await world.view(id)
  assert.deepEqual([place, end], ['ended', 'cancelled'])
  const { active, ended, totals } = await world.store.inspector.counts('mail')
  assert.deepEqual([active, ended, totals.cancelled, totals.retried], [0, 1, 1, 0])
  const { connection, prefix } = world.store
  assert.equal(await connection.command('EXISTS', `${prefix}:{mail}:cancels`), 0)
}

const ways: Readonly<Record<string, (signal: AbortSignal) => Promise<void>>> = {
  'throws what its signal says': async (signal) => {
    await aborted(signal)
    signal.throwIfAborted()
  },
  'throws something else': async (signal) => {
    await aborted(signal)
    throw new Error('half done')
  },
  returns: async (signal) => void (await aborted(signal)),
}

const learn: Readonly<Record<string, (worker: HandWorker, id: string) => unknown>> = {
  'by the hint': (worker, id) => worker.hear(hintOf(id)),
  'by a look, when the hint was lost': (worker) => worker.look(),
}

for (const [how, work] of Object.entries(ways)) {
  for (const [by, hear] of Object.entries(learn)) {
    test(`a running job that is cancelled ends so when its handler ${how}, learnt ${by}`, async () => {
      const reasons: unknown[] = []
      const { world, id, worker } = await running(async (_, { signal }) => {
        signal.addEventListener('abort', () => reasons.push(signal.reason))
        await work(signal)
      })
      assert.equal((await world.view(id)).cancelling, undefined)
      assert.equal(await world.client.cancel(id), 'cancelling')
      assert.equal(await world.client.cancel(id), 'cancelling')
      const { place, cancelling } = await world.view(id)
      assert.deepEqual([place, cancelling], ['active', true])
      await hear(worker, id)
      await worker.tick()
      await worker.tick()
      const [reason] = reasons
      assert.ok(reason instanceof CancelledError && reason.code === 'MORROW_CANCELLED')
      await isCancelled(world, id)
      assert.equal(await world.client.cancel(id), 'ended')
      assert.deepEqual([told(world).length, world.events.some(({ kind }) => kind === 'job.failed')], [1, false])
    })
  }
}

test('a job that fails before its worker hears of the cancel is not retried', async () => {
  let fail: (error: Error) => void = () => undefined
  const { world, id, worker } = await running(() => new Promise((_, reject) => (fail = reject)) as never)
  await world.client.cancel(id)
  fail(new Error('too bad'))
  await worker.tick()
  await worker.tick()
  await isCancelled(world, id)
})

test('a job that completes before its worker hears of the cancel is completed', async () => {
  let finish: () => void = () => undefined
  const { world, id, worker } = await running(() => new Promise<void>((resolve) => (finish = resolve)) as never)
  await world.client.cancel(id)
  finish()
  await worker.tick()
  await worker.tick()
  assert.equal((await world.view(id)).end, 'completed')
  worker.hear(hintOf(id))
  await worker.look()
})

test('a cancelled job whose worker is lost ends when its lease does', async () => {
  const { world, id } = await running(() => new Promise(() => undefined) as never)
  await world.client.cancel(id)
  await world.pass(15 * SECOND + 1)
  await world.scheduler().tick()
  await isCancelled(world, id)
})

test('a cancelled job that its process hands back does not run again', async () => {
  const { world, id, worker } = await running(() => new Promise(() => undefined) as never)
  await world.client.cancel(id)
  worker.hands.abort()
  worker.hands.letGo()
  await worker.stop()
  await isCancelled(world, id)
})

test('a retry that waits is cancelled at once', async () => {
  const { world, id, worker } = await running(() => Promise.reject(new Error('not yet')) as never)
  await worker.tick()
  assert.equal(await world.client.cancel(id), 'cancelled')
  await world.pass(HOUR)
  await world.scheduler().tick()
  assert.equal((await world.view(id)).end, 'cancelled')
})

test('a hint that is faster than the answer of the claim is not lost, and the handler is spared', async () => {
  const world = await openWorld()
  const { id } = await world.client.enqueue(slow)
  let ran = 0
  const worker = world.worker([slow.handle(() => void ran++)])
  worker.hear(hintOf(id))
  await worker.tick()
  await worker.tick()
  assert.deepEqual([ran, told(world).length, (await world.view(id)).end], [0, 1, 'cancelled'])
})

test('hints about jobs elsewhere are forgotten soon, and never fill the memory', async () => {
  const world = await openWorld()
  const { id } = await world.client.enqueue(slow)
  const { id: other } = await world.client.enqueue(slow)
  let ran = 0
  const worker = world.worker([slow.handle(() => void ran++)])
  worker.hear(hintOf(id))
  for (let n = 0; n < 1_000; n++) worker.hear(`cancel mail ${'x'.repeat(16)}:00000000 ${n}`)
  worker.hear(hintOf(other))
  await world.pass(11 * SECOND)
  worker.hear('cancel mail nothing 0')
  await worker.tick()
  assert.equal(ran, 2)
})

test('a handler that ignores a cancel is waited for until its timeout and the grace are over', async () => {
  const brief = defineJob({ name: 'brief', queue: 'mail', timeout: '1s' })
  const { world, id, worker } = await running(() => new Promise(() => undefined) as never, brief as typeof slow)
  await world.client.cancel(id)
  worker.hear(hintOf(id))
  await world.pass(6 * SECOND - 1)
  assert.equal(worker.hands.running(), 1, 'it is waited for')
  await world.pass(1)
  await worker.tick()
  await worker.tick()
  await isCancelled(world, id)
  assert.equal(
    world.events.some(({ kind }) => kind === 'job.timedOut'),
    false,
  )
})

test('a tick with cancel-previous cancels the run that goes on, and its job begins when that has ended', async () => {
  const world = await openWorld()
  const began: string[] = []
  const ended: unknown[] = []
  const heeding = slow.handle(async (_, { signal, tick }) => {
    began.push(tick?.plannedAt.toISOString().slice(11, 16) ?? '')
    ended.push(await aborted(signal))
  })
  await world.client.schedules.upsert('hourly', { job: slow, every: '1h', overlap: 'cancel-previous' })
  const [worker, scheduler] = [world.worker([heeding]), world.scheduler()]
  for (const _ of [1, 2]) {
    await world.pass(HOUR)
    await scheduler.tick()
    await worker.tick()
  }
  assert.deepEqual([began, (await world.store.inspector.counts('mail')).held], [['01:00'], 1])
  await worker.look()
  await worker.tick()
  await worker.tick()
  await world.pass(5 * SECOND)
  await scheduler.tick()
  await worker.tick()
  assert.deepEqual([began, ended.length, ended[0] instanceof CancelledError], [['01:00', '02:00'], 1, true])
  assert.equal((await world.store.inspector.counts('mail')).totals.cancelled, 1)
})

test('a handler sees until when its lease holds, and each renewal of it', async () => {
  let seen: () => Date = () => new Date(0)
  const { world, worker } = await running((_, context) => {
    seen = () => context.leaseUntil
    return new Promise(() => undefined) as never
  })
  const until = world.clock.now() + 15 * SECOND
  assert.equal(seen().getTime(), until)
  worker.hands.renewed(() => false, until + 1)
  assert.equal(seen().getTime(), until)
  worker.hands.renewed(() => true, until + 5 * SECOND)
  assert.equal(seen().getTime(), until + 5 * SECOND)
})
