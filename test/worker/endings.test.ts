import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { defineJob } from '../../src/job/definition.ts'
import { NonRetryableError } from '../../src/job/errors.ts'
import { decodeRecord, encodeRecord } from '../../src/job/record.ts'
import { DAY, MINUTE } from '../../src/time/duration.ts'
import { openWorld, type World } from '../flow/world.ts'

const poll = defineJob({
  name: 'poll',
  queue: 'mail',
  payload: z.string(),
  retry: { attempts: 3, jitter: 0, backoff: { kind: 'fixed', wait: '1m' } },
  retryOn: [{ error: RangeError, attempts: 2 }],
  discardOn: [{ error: 'NotFound' }],
})

/** Lets time pass and what is due run, so often. */
async function again(world: World, work: () => Promise<void>, wait: number, times = 1): Promise<void> {
  const scheduler = world.scheduler()
  for (let time = 0; time < times; time++) {
    await world.pass(wait)
    await scheduler.tick()
    await work()
  }
}

const totals = async ({ store }: World) => (await store.inspector.counts('mail')).totals

test('a snoozed job waits anew, burns no attempt, and its handler is told how often', async () => {
  const world = await openWorld()
  const { id } = await world.client.enqueue(poll, 'x')
  const seen: unknown[] = []
  const { work } = world.worker([
    poll.handle((_, { attempt, interruptions, snoozes, fence, snooze }) => {
      seen.push([attempt, interruptions, snoozes, fence])
      if (snoozes < 2) snooze('5m')
      throw new Error('no')
    }),
  ])
  await work()
  const view = await world.view(id)
  assert.deepEqual([view.place, view.attempt, view.claims, view.snoozes], ['scheduled', 1, 1, 1])
  assert.equal(view.dueAt.getTime(), world.clock.now() + 5 * MINUTE)
  await again(world, work, 5 * MINUTE, 3)
  assert.deepEqual(seen, [
    [1, 0, 0, 1],
    [1, 0, 1, 2],
    [1, 0, 2, 3],
    [2, 0, 2, 4],
  ])
  const { retried, snoozed } = await totals(world)
  assert.deepEqual([retried, snoozed], [2, 2])
  const told = world.events.flatMap((event) => (event.kind === 'job.snoozed' ? [[event.snoozes, event.attempt]] : []))
  assert.deepEqual(told, [
    [1, 1],
    [2, 1],
  ])
})

test('what was asked first counts, also when the handler catches it', async () => {
  const world = await openWorld()
  const { id } = await world.client.enqueue(poll, 'x')
  const swallowing = poll.handle((_, context) => {
    try {
      context.snooze('5m')
    } catch {
      context.discard('nobody wants it')
    }
  })
  await world.worker([swallowing]).work()
  assert.equal((await world.view(id)).place, 'scheduled')
})

test('a snooze for what is no duration is a failed attempt', async () => {
  const world = await openWorld()
  const { id } = await world.client.enqueue(poll, 'x')
  const wrong: unknown = '5 minuets'
  await world.worker([poll.handle((_, { snooze }) => snooze(wrong as '5m'))]).work()
  const { attempt, error, snoozes } = await world.view(id)
  assert.deepEqual([attempt, error?.name, snoozes], [2, 'InvalidTimeError', undefined])
})

test('lost workers and hand-backs are counted right beside snoozes', async () => {
  const world = await openWorld()
  const { id } = await world.client.enqueue(poll, 'x')
  const sleepy = world.worker([poll.handle((_, { snooze }) => snooze('1m'))])
  await sleepy.work()
  await again(world, sleepy.work, MINUTE, 4)
  const stuck = world.worker([poll.handle(() => new Promise(() => undefined))])
  const scheduler = world.scheduler()
  for (let lost = 0; lost < 2; lost++) {
    await world.pass(lost === 0 ? MINUTE : 16_000)
    await scheduler.tick()
    await stuck.tick()
    stuck.hands.lose(() => true)
  }
  for (let turn = 0; turn < 4; turn++) {
    await world.pass(8_000)
    await scheduler.tick()
  }
  const seen: unknown[] = []
  const back = world.worker([
    poll.handle((_, { attempt, interruptions, snoozes }) => {
      seen.push([attempt, interruptions, snoozes])
    }),
  ])
  await back.work()
  assert.deepEqual(seen, [[3, 0, 5]])
  assert.equal((await world.view(id)).end, 'completed')
})

test('a discarded job has ended as discarded, with its reason, and is counted apart', async () => {
  const world = await openWorld()
  const byHand = await world.client.enqueue(poll, 'hand')
  const byRule = await world.client.enqueue(poll, 'rule')
  const done = await world.client.enqueue(poll, 'done')
  const handler = poll.handle((payload, { discard }) => {
    if (payload === 'hand') throw discard('the account is gone')
    if (payload === 'rule') throw Object.assign(new Error('no such user'), { name: 'NotFound' })
  })
  await world.worker([handler]).work()
  const { place, end, reason, error } = await world.view(byHand.id)
  assert.deepEqual([place, end, reason, error], ['ended', 'discarded', 'the account is gone', undefined])
  const ruled = await world.view(byRule.id)
  assert.deepEqual(
    [ruled.end, ruled.reason, ruled.error?.message],
    ['discarded', 'NotFound: no such user', 'no such user'],
  )
  assert.equal((await world.view(done.id)).end, 'completed')
  const { completed, discarded } = await totals(world)
  assert.deepEqual([completed, discarded], [1, 2])
  const reasons = world.events.flatMap((event) => (event.kind === 'job.discarded' ? [event.reason] : []))
  assert.deepEqual(reasons.sort(), ['NotFound: no such user', 'the account is gone'])
})

test('each rule has attempts of its own over the runs of a job', async () => {
  const world = await openWorld()
  const { id } = await world.client.enqueue(poll, 'x')
  const errors = [new RangeError('1'), new Error('2'), new Error('3'), new RangeError('4')]
  const { work } = world.worker([
    poll.handle((_, { attempt }) => {
      throw errors[attempt - 1]
    }),
  ])
  await work()
  await again(world, work, MINUTE, 2)
  assert.equal((await world.view(id)).place, 'scheduled')
  await again(world, work, MINUTE)
  const { place, reason, error } = await world.view(id)
  assert.deepEqual([place, reason, error?.message], ['dead', 'attempts', '4'])
})

test('the time of a retry counts from when the job was first due, snoozes and retries included', async () => {
  const world = await openWorld()
  const hour = defineJob({
    name: 'hour',
    queue: 'mail',
    retry: { for: '1h', jitter: 0, backoff: { kind: 'fixed', wait: '25m' } },
  })
  const { id } = await world.client.schedule(hour, { in: '1 day' })
  const begun: number[] = []
  const { work } = world.worker([
    hour.handle((_, { snoozes, snooze }) => {
      begun.push((world.clock.now() - Date.UTC(2026, 0, 2)) / MINUTE)
      if (snoozes === 0) snooze('5m')
      throw new Error('no')
    }),
  ])
  await again(world, work, DAY)
  await again(world, work, MINUTE, 61)
  assert.deepEqual(begun, [0, 5, 30, 55, 60])
  const { place, reason } = await world.view(id)
  assert.deepEqual([place, reason], ['dead', 'too-long'])
})

test('an error that is never retried is dead at once', async () => {
  const world = await openWorld()
  const { id } = await world.client.enqueue(poll, 'x')
  const handler = poll.handle(() => {
    throw new NonRetryableError('the card was refused')
  })
  await world.worker([handler]).work()
  const { place, reason, error } = await world.view(id)
  assert.deepEqual([place, reason, error?.name], ['dead', 'not-retryable', 'NonRetryableError'])
})

test('attempts keep when they ran and where, the newest ten, in bounded bytes', async () => {
  const world = await openWorld()
  const often = defineJob({
    name: 'often',
    queue: 'mail',
    retry: { attempts: 15, jitter: 0, backoff: { kind: 'fixed', wait: '1m' } },
  })
  const { id } = await world.client.enqueue(often)
  const { work } = world.worker([
    often.handle(() => {
      throw new Error('é'.repeat(900))
    }),
  ])
  await work()
  await again(world, work, MINUTE, 14)
  const [dead] = await world.store.inspector.dead('mail', 0, 1)
  assert.equal(dead?.id, id)
  const door = await world.store.queue('mail')
  const found = await door.get(`${id.slice(8, 24)}:00000000`, 0)
  assert.ok(found.kind === 'job')
  const { errors = [] } = found.job.record.extension
  assert.ok(Buffer.byteLength(JSON.stringify(errors)) < 18_000)
  assert.deepEqual(errors.at(-1)?.attempt, 15)
  assert.ok(errors.length >= 4 && errors.length <= 10)
  assert.ok(errors.every(({ from, at }) => from !== undefined && at >= from))
  assert.ok(errors.at(-1)?.stack !== undefined)
})

test('a snooze at the last claim numbers is refused, and the job is dead', async () => {
  const world = await openWorld()
  const { id } = await world.client.enqueue(poll, 'x')
  const { work } = world.worker([poll.handle((_, { snooze }) => snooze('1s'))])
  const { connection } = world.store
  const { keys } = await world.store.queue('mail')
  const page = `${keys.pages}${id.slice(8, 24)}:00000000`
  const head = await connection.command(
    'EVAL',
    "local h = redis.call('LINDEX', KEYS[1], 0) local n = (#h - 1) / 15 return redis.call('LSET', KEYS[1], 0, h:sub(1, n + 1) .. struct.pack('>I2', 59999) .. h:sub(n + 4))",
    1,
    page,
  )
  assert.equal(head, 'OK')
  const text = String(await connection.command('LINDEX', page, 1))
  const record = decodeRecord(text)
  assert.ok(record)
  await connection.command('LSET', page, 1, encodeRecord({ ...record, interruptions: 59_999 }).head)
  await work()
  const { place, reason } = await world.view(id)
  assert.deepEqual([place, reason], ['dead', 'snoozes'])
})

test('a time that is longer than the wait changes nothing', async () => {
  const world = await openWorld()
  const days = defineJob({ name: 'days', queue: 'mail', retry: { for: '2 days', jitter: 0 } })
  const { id } = await world.client.enqueue(days)
  await world
    .worker([
      days.handle(() => {
        throw new Error('no')
      }),
    ])
    .work()
  assert.equal((await world.view(id)).dueAt.getTime(), world.clock.now() + 11_000)
})

test('a job type says how often its jobs may be handed back, and that is told', async () => {
  const world = await openWorld()
  const short = defineJob({ name: 'short', queue: 'mail', interruptions: 1 })
  const { id } = await world.client.enqueue(short)
  for (const place of ['ready', 'dead']) {
    const worker = world.worker([short.handle(() => new Promise(() => undefined))])
    await worker.tick()
    worker.hands.letGo()
    await worker.stop()
    assert.equal((await world.view(id)).place, place)
  }
  const kinds = world.events.flatMap(({ kind }) => (kind === 'job.handedBack' || kind === 'job.dead' ? [kind] : []))
  assert.deepEqual(kinds, ['job.handedBack', 'job.dead'])
  assert.equal((await world.view(id)).reason, 'handed-back')
})

test('a job type says after how many lost workers its jobs are dead: the next one that claims it does not run it', async () => {
  const world = await openWorld()
  const poison = defineJob({ name: 'poison', queue: 'mail', crashes: 1 })
  const { id } = await world.client.enqueue(poison)
  const scheduler = world.scheduler()
  const stuck = world.worker([poison.handle(() => new Promise(() => undefined))])
  await stuck.tick()
  stuck.hands.lose(() => true)
  for (let turn = 0; turn < 4; turn++) {
    await world.pass(8_000)
    await scheduler.tick()
  }
  assert.equal((await world.view(id)).place, 'ready')
  let ran = 0
  await world.worker([poison.handle(() => void ran++)]).work()
  const dead = await world.client.dead.get(id)
  assert.deepEqual([ran, dead?.reason, dead?.lost, dead?.error?.name], [0, 'lost-worker', 1, 'LostWorkerError'])
  assert.equal(await world.client.dead.revive(id), 'revived')
  await world.worker([poison.handle(() => void ran++)]).work()
  assert.deepEqual([ran, (await world.view(id)).end], [1, 'completed'])
})

test('the time of a retry is not over because Redis’ clock has leapt', async () => {
  const world = await openWorld()
  const hour = defineJob({ name: 'hour', queue: 'mail', retry: { for: '1h', jitter: 0 } })
  const { id } = await world.client.enqueue(hour)
  world.leap(DAY)
  const handler = hour.handle(() => {
    throw new Error('no')
  })
  await world.worker([handler]).work()
  assert.equal((await world.view(id)).place, 'scheduled')
})
