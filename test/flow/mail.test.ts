import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { revive } from '../../src/client/lookups.ts'
import { defineJob } from '../../src/job/definition.ts'
import { DAY, HOUR, SECOND } from '../../src/time/duration.ts'
import { openWorld } from './world.ts'

const sendMail = defineJob({
  name: 'send-mail',
  queue: 'mail',
  payload: z.object({ to: z.string(), urgent: z.boolean().default(false) }),
  retry: { attempts: 3, backoff: { kind: 'fixed', wait: '10 s' }, jitter: 0 },
})

test('three days pass and the mail goes out once', async () => {
  const world = await openWorld()
  const sent: string[] = []
  const worker = world.worker([
    sendMail.handle((payload, context) => {
      sent.push(`${payload.to} ${payload.urgent} ${context.attempt}/${context.attempts} ${context.dueAt.toISOString()}`)
    }),
  ])
  const scheduler = world.scheduler()
  const { id, dueAt, outcome } = await world.client.schedule(sendMail, { to: 'ann' }, { in: '3 days' })
  assert.deepEqual([dueAt.toISOString(), outcome], ['2026-01-04T00:00:00.000Z', 'created'])
  await world.pass(3 * DAY - 1)
  await scheduler.tick()
  await worker.work()
  assert.deepEqual([sent, (await world.view(id)).place], [[], 'scheduled'])
  await world.pass(1)
  await scheduler.tick()
  await worker.work()
  await worker.work()
  assert.deepEqual(sent, ['ann false 1/3 2026-01-04T00:00:00.000Z'])
  const { place, end, attempt, claims, payload } = await world.view(id)
  assert.deepEqual(
    { place, end, attempt, claims, payload },
    { place: 'ended', end: 'completed', attempt: 1, claims: 1, payload: { to: 'ann' } },
  )
})

test('two schedulers that look at the same instant move the mail once', async () => {
  const world = await openWorld()
  const sent: string[] = []
  const workers = [1, 2].map(() => world.worker([sendMail.handle(({ to }) => void sent.push(to))]))
  const schedulers = [world.scheduler(), world.scheduler()]
  await world.client.schedule(sendMail, { to: 'ann' }, { in: '1 hour' })
  await Promise.all(schedulers.map((each) => each.tick()))
  await world.pass(HOUR)
  await Promise.all(schedulers.map((each) => each.tick()))
  await Promise.all(workers.map((each) => each.work()))
  await Promise.all(schedulers.map((each) => each.tick()))
  await Promise.all(workers.map((each) => each.work()))
  assert.deepEqual(sent, ['ann'])
})

test('a job that is due in the past runs now, and says so in its receipt', async () => {
  const world = await openWorld()
  const { id, dueAt } = await world.client.schedule(sendMail, { to: 'ann' }, { at: '2025-06-01T09:00:00Z' })
  assert.equal(dueAt.getTime(), world.clock.now())
  assert.equal((await world.view(id)).place, 'ready')
})

test('a handler that throws is tried again after its backoff, and the job is dead when its attempts are used up', async () => {
  const world = await openWorld()
  const attempts: number[] = []
  const failing = sendMail.handle((_payload, { attempt }) => {
    attempts.push(attempt)
    throw new Error(`no mail server, try ${attempt}`)
  })
  const worker = world.worker([failing])
  const scheduler = world.scheduler()
  const { id } = await world.client.enqueue(sendMail, { to: 'ann' })
  await worker.work()
  const waiting = await world.view(id)
  assert.deepEqual([waiting.place, waiting.attempt, waiting.error?.message], ['scheduled', 2, 'no mail server, try 1'])
  assert.equal(waiting.dueAt.getTime(), world.clock.now() + 10 * SECOND)
  for (const _ of [2, 3]) {
    await world.pass(10 * SECOND)
    await scheduler.tick()
    await worker.work()
  }
  const dead = await world.view(id)
  assert.deepEqual([dead.place, dead.attempt, dead.error?.message], ['dead', 3, 'no mail server, try 3'])
  assert.deepEqual(attempts, [1, 2, 3])
  assert.deepEqual(
    world.events.flatMap((event) => (event.kind === 'job.dead' ? [event.reason] : [])),
    ['attempts'],
  )
})

test('a revived job has all its attempts again, and keeps its id and its fence', async () => {
  const world = await openWorld()
  const seen: unknown[] = []
  let broken = true
  const handler = sendMail.handle((_payload, { id, attempt, fence }) => {
    seen.push([id, attempt, fence])
    if (broken) throw new Error('broken')
  })
  const worker = world.worker([handler])
  const scheduler = world.scheduler()
  const { id } = await world.client.enqueue(sendMail, { to: 'ann' })
  for (const _ of [1, 2, 3]) {
    await worker.work()
    await world.pass(10 * SECOND)
    await scheduler.tick()
  }
  assert.equal((await world.view(id)).place, 'dead')
  assert.equal(await revive(world.store, id), 'revived')
  broken = false
  await worker.work()
  assert.deepEqual(seen, [
    [id, 1, 1],
    [id, 2, 2],
    [id, 3, 3],
    [id, 1, 4],
  ])
  assert.equal((await world.view(id)).end, 'completed')
  assert.equal(await revive(world.store, id), 'unknown')
})

test('a payload that no longer passes its schema is dead at once, with the reason payload', async () => {
  const world = await openWorld()
  const { id } = await world.client.enqueue(sendMail, { to: 'ann' })
  const stricter = defineJob({ name: 'send-mail', queue: 'mail', payload: z.object({ to: z.email() }) })
  let ran = 0
  await world.worker([stricter.handle(() => void ran++)]).work()
  const { place, error, attempt } = await world.view(id)
  assert.deepEqual([ran, place, attempt], [0, 'dead', 1])
  assert.match(error?.message ?? '', /the stored payload of send-mail does not pass its schema of today: payload\.to/)
  const [reason] = world.events.flatMap((event) => (event.kind === 'job.dead' ? [event.reason] : []))
  assert.equal(reason, 'payload')
})

test('a job of a name that nobody knows is held, lets others pass, and goes on when a worker knows it', async () => {
  const world = await openWorld()
  const newer = defineJob({ name: 'newer', queue: 'mail' })
  const sent: string[] = []
  const older = world.worker([sendMail.handle(({ to }) => void sent.push(to))])
  const { id } = await world.client.enqueue(newer)
  await world.client.enqueue(sendMail, { to: 'ann' })
  await older.work()
  assert.deepEqual([sent, (await world.view(id)).place, (await world.view(id)).attempt], [['ann'], 'held', 1])
  const scheduler = world.scheduler()
  await scheduler.tick()
  await world.pass(7 * DAY - 1)
  await scheduler.tidy()
  assert.equal((await world.view(id)).place, 'held')
  const attempts: number[] = []
  await world.worker([newer.handle((_, { attempt }) => void attempts.push(attempt))]).work()
  assert.deepEqual([attempts, (await world.view(id)).end], [[1], 'completed'])
})

test('a job of a name that nobody knew for seven days is dead as unknown-job', async () => {
  const world = await openWorld()
  const newer = defineJob({ name: 'newer', queue: 'mail' })
  const { id } = await world.client.enqueue(newer)
  await world.worker([sendMail.handle(() => undefined)]).work()
  const scheduler = world.scheduler()
  await scheduler.tick()
  await world.pass(7 * DAY)
  await scheduler.tidy()
  const { place, error } = await world.view(id)
  assert.equal(place, 'dead')
  assert.match(error?.message ?? '', /^unknown-job: no worker knew the name newer/)
})

test('while the clock is held nothing is moved by time, and what was due moves when it is released', async () => {
  const world = await openWorld()
  let held = true
  const scheduler = world.scheduler({ clockHeld: () => held })
  const { id } = await world.client.schedule(sendMail, { to: 'ann' }, { in: '1 s' })
  await world.pass(2 * SECOND)
  assert.equal(await scheduler.tick(), 1_000)
  assert.equal((await world.view(id)).place, 'scheduled')
  held = false
  await scheduler.tick()
  assert.equal((await world.view(id)).place, 'ready')
})
