import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { defineJob } from '../../src/job/definition.ts'
import { duration } from '../../src/time/clock.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../src/time/duration.ts'
import { openWorld } from '../flow/world.ts'

const letter = z.object({ to: z.string() })
const mail = defineJob({ name: 'mail', queue: 'mail', payload: letter })
const tidy = defineJob({ name: 'tidy' })
const hasCode = (code: string) => ({ code })

test('an own id makes the call idempotent: the same payload exists, another is a conflict', async () => {
  const { client } = await openWorld()
  const first = await client.schedule(mail, { to: 'ann' }, { in: '1 day', id: 'trial:42' })
  const second = await client.schedule(mail, { to: 'ann' }, { in: '2 days', id: 'trial:42' })
  assert.deepEqual(second, { ...first, outcome: 'exists' })
  assert.equal((await client.enqueue(mail, { to: 'ann' }, { id: 'trial:42' })).outcome, 'exists')
  await assert.rejects(client.enqueue(mail, { to: 'bob' }, { id: 'trial:42' }), hasCode('MORROW_CONFLICT'))
  assert.equal((await client.get(mail, 'trial:42'))?.id, first.id)
})

test('calls with the same own id in one turn make one job', async () => {
  const { client, store } = await openWorld()
  const receipts = await Promise.all([1, 2, 3].map(() => client.enqueue(mail, { to: 'ann' }, { id: 'x' })))
  assert.deepEqual(receipts.map(({ outcome }) => outcome).sort(), ['created', 'exists', 'exists'])
  assert.equal(new Set(receipts.map(({ id }) => id)).size, 1)
  assert.equal((await store.inspector.counts('mail')).ready, 1)
})

test('the same own id of another job type is another job', async () => {
  const { client } = await openWorld()
  const other = defineJob({ name: 'other', queue: 'mail' })
  const one = await client.enqueue(mail, { to: 'ann' }, { id: 'x' })
  const two = await client.enqueue(other, { id: 'x' })
  assert.notEqual(one.id, two.id)
  assert.equal(await client.cancel(other, 'x'), 'cancelled')
  assert.equal((await client.get(mail, 'x'))?.place, 'ready')
})

test('a job is found by its own id after its type has moved to another queue', async () => {
  const { client } = await openWorld()
  const before = await client.schedule(mail, { to: 'ann' }, { in: '1 day', id: 'trial:42' })
  const moved = defineJob({ name: 'mail', queue: 'letters', formerQueues: ['post', 'mail'], payload: letter })
  assert.equal((await client.get(moved, 'trial:42'))?.id, before.id)
  const again = await client.enqueue(moved, { to: 'ann' }, { id: 'trial:42' })
  assert.deepEqual(again, { ...before, outcome: 'exists' })
  await assert.rejects(client.enqueue(moved, { to: 'bob' }, { id: 'trial:42' }), hasCode('MORROW_CONFLICT'))
  assert.equal(await client.reschedule(moved, 'trial:42', { in: '2 days' }), 'moved')
  assert.equal(await client.cancel(moved, 'trial:42'), 'cancelled')
})

test('an own id is remembered for 24 hours after the end, longer than the job', async () => {
  const world = await openWorld()
  const { client } = world
  const scheduler = world.scheduler()
  await client.enqueue(mail, { to: 'ann' }, { id: 'x' })
  await world.worker([mail.handle(() => undefined)]).work()
  await world.pass(23 * HOUR)
  await scheduler.tick()
  await scheduler.tidy()
  assert.equal((await client.enqueue(mail, { to: 'ann' }, { id: 'x' })).outcome, 'exists')
  assert.equal(await client.get(mail, 'x'), undefined)
  assert.equal(await client.cancel(mail, 'x'), 'ended')
  await world.pass(HOUR + MINUTE)
  await scheduler.tidy()
  assert.equal((await client.enqueue(mail, { to: 'ann' }, { id: 'x' })).outcome, 'created')
})

test('many jobs of mixed types are put in one call, with receipts in their order', async () => {
  const { client, store } = await openWorld()
  const receipts = await client.enqueueMany([
    mail.request({ to: 'ann' }),
    tidy.request(),
    mail.request({ to: 'bob' }, { in: '1 hour' }),
    tidy.request({ id: 'own' }),
  ])
  assert.deepEqual(
    receipts.map(({ queue }) => queue),
    ['mail', 'default', 'mail', 'default'],
  )
  const [mails, others] = [await store.inspector.counts('mail'), await store.inspector.counts('default')]
  assert.deepEqual([mails.ready, mails.scheduled, others.ready], [1, 1, 2])
})

test('one of many that is refused leaves nothing behind of the others', async () => {
  const { client, store } = await openWorld()
  const wrong = { ...mail.request({ to: 'ann' }), payload: { to: 7 } }
  await assert.rejects(client.enqueueMany([mail.request({ to: 'ann' }), wrong]), hasCode('MORROW_INVALID_PAYLOAD'))
  await assert.rejects(
    client.enqueueMany([mail.request({ to: 'ann' }), mail.request({ to: 'bob' }, { id: '!' })]),
    hasCode('MORROW_INVALID_NAME'),
  )
  assert.deepEqual(await store.space.queues(), [])
})

test('any number of jobs is scheduled with one page in memory', async () => {
  const { client, store } = await openWorld()
  const count = 20_000
  let taken = 0
  let stored = 0
  let most = 0
  function* items() {
    for (; taken < count; taken++) {
      most = Math.max(most, taken - stored)
      yield { payload: { to: `user${taken}` }, in: { seconds: 60 + (taken % 100) } }
    }
  }
  const ids = new Set<string>()
  for await (const receipts of client.scheduleMany(mail, items())) {
    stored += receipts.length
    for (const { id } of receipts) ids.add(id)
  }
  assert.ok(most < 1_000, `${most} items were taken and not stored yet`)
  assert.equal(ids.size, count)
  assert.equal((await store.inspector.counts('mail')).scheduled, count)
})

test('a list of any length is put page by page, with receipts in its order', async () => {
  const { client, store } = await openWorld()
  const count = 5_500
  const request = (n: number) => (n % 2 === 0 ? mail.request({ to: `user${n}` }) : tidy.request({ in: '1h' }))
  const receipts = await client.enqueueMany(Array.from({ length: count }, (_, n) => request(n)))
  assert.equal(new Set(receipts.map(({ id }) => id)).size, count)
  assert.ok(receipts.every(({ queue }, n) => queue === (n % 2 === 0 ? 'mail' : 'default')))
  assert.equal((await store.inspector.counts('mail')).ready, count / 2)
})

test('the order of properties does not make another payload', async () => {
  const { client } = await openWorld()
  const any = defineJob({ name: 'any', payload: z.unknown() })
  await client.enqueue(any, { a: 1, list: [{ b: 2, c: '{' }] }, { id: 'x' })
  assert.equal((await client.enqueue(any, { list: [{ c: '{', b: 2 }], a: 1 }, { id: 'x' })).outcome, 'exists')
  await assert.rejects(client.enqueue(any, { a: 1, list: [{ b: 2, c: '}' }] }, { id: 'x' }), hasCode('MORROW_CONFLICT'))
})

test('a receipt of what stands already has the due time of that, and no remark on the one that was asked for', async () => {
  const { client } = await openWorld('2026-03-01T00:00:00Z')
  const first = await client.schedule(tidy, { in: '1 day', id: 'x' })
  const second = await client.schedule(tidy, { at: '2026-03-29T02:30', tz: 'Europe/Berlin', id: 'x' })
  assert.deepEqual(second, { ...first, outcome: 'exists' })
})

test('a job with an own id that has ended and gone is told with a due time, also from a former queue', async () => {
  const world = await openWorld()
  const { client } = world
  const scheduler = world.scheduler()
  const { id } = await client.enqueue(mail, { to: 'ann' }, { id: 'x' })
  await world.worker([mail.handle(() => undefined)]).work()
  await world.pass(2 * HOUR)
  await scheduler.tick()
  await scheduler.tidy()
  const moved = defineJob({ name: 'mail', queue: 'letters', formerQueues: ['mail'], payload: letter })
  for (const job of [mail, moved]) {
    const { dueAt, ...receipt } = await client.enqueue(job, { to: 'ann' }, { id: 'x' })
    assert.deepEqual(receipt, { id, queue: 'mail', outcome: 'exists' })
    assert.equal(dueAt.getTime(), world.clock.now())
  }
})

test('what is past is ready at once, also when this host believes that it is later than it is', async () => {
  const world = await openWorld()
  const { client, clock } = world
  await client.schedule(tidy, { at: new Date(0) })
  // Between two looks the client carries Redis' time on by itself: here it runs ahead.
  const real = clock.now()
  const at = new Date(real)
  Object.assign(clock, { monotonic: () => duration(5_000) })
  for (const when of [{ at }, { at: at.toISOString() }, { at: at.toISOString().slice(0, 19), tz: 'UTC' }]) {
    const { id } = await client.schedule(tidy, when)
    assert.equal((await world.view(id)).place, 'ready')
  }
})

test('a receipt tells of a change of clocks', async () => {
  const { client } = await openWorld('2026-03-01T00:00:00Z')
  const gap = await client.schedule(tidy, { at: '2026-03-29T02:30', tz: 'Europe/Berlin' })
  assert.equal(gap.dueAt.toISOString(), '2026-03-29T01:00:00.000Z')
  assert.match(gap.note ?? '', /02:30.*Europe\/Berlin/)
  const plain = await client.schedule(tidy, { at: '2026-03-30T02:30', tz: 'Europe/Berlin' })
  assert.equal('note' in plain, false)
})

test('an id names a job in every place, and each call answers what it did there', async () => {
  const world = await openWorld()
  const { client } = world
  const scheduler = world.scheduler()
  const failing = defineJob({ name: 'failing', queue: 'mail', retry: { attempts: 1 } })
  const unknown = defineJob({ name: 'unknown', queue: 'mail' })
  const throwing = failing.handle(() => {
    throw new Error('broken')
  })
  const answers: unknown[] = []
  const running = defineJob({ name: 'running', queue: 'mail' })
  const worker = world.worker([
    throwing,
    mail.handle(() => undefined),
    running.handle(async (_, { id }) => {
      answers.push((await client.get(id))?.place, await client.cancel(id), await client.reschedule(id, { in: '1 s' }))
    }),
  ])
  const scheduled = await client.schedule(mail, { to: 'ann' }, { in: '1 day' })
  const dead = await client.enqueue(failing)
  const ended = await client.enqueue(mail, { to: 'ann' })
  const held = await client.enqueue(unknown)
  await client.enqueue(running)
  await worker.work()
  assert.deepEqual(answers, ['active', 'cancelling', 'running'])
  const ready = await client.enqueue(mail, { to: 'bob' })
  await scheduler.tick()
  const places = await Promise.all(
    [scheduled, ready, held, dead, ended].map(async ({ id }) => (await client.get(id))?.place),
  )
  assert.deepEqual(places, ['scheduled', 'ready', 'held', 'dead', 'ended'])
  const moved = await Promise.all(
    [scheduled, ready, held, dead, ended].map(({ id }) => client.reschedule(id, { in: '2 days' })),
  )
  assert.deepEqual(moved, ['moved', 'moved', 'moved', 'dead', 'ended'])
  assert.equal((await world.view(held.id)).dueAt.getTime(), world.clock.now() + 2 * DAY)
  const cancelled = await Promise.all([scheduled, ready, dead, ended].map(({ id }) => client.cancel(id)))
  assert.deepEqual(cancelled, ['cancelled', 'cancelled', 'ended', 'ended'])
  assert.deepEqual(
    [(await world.view(scheduled.id)).place, (await world.view(scheduled.id)).end],
    ['ended', 'cancelled'],
  )
  await world.pass(2 * DAY)
  await scheduler.tick()
  await worker.work()
  assert.deepEqual(await Promise.all([scheduled, ready, held].map(async ({ id }) => (await client.get(id))?.place)), [
    'ended',
    'ended',
    'held',
  ])
})

test('ids that name nothing are unknown, and texts that are no ids are refused', async () => {
  const { client } = await openWorld()
  const { id } = await client.enqueue(mail, { to: 'ann' })
  const other = `${id.slice(0, 9)}${id[9] === 'a' ? 'b' : 'a'}${id.slice(10)}`
  assert.deepEqual(
    [await client.get(other), await client.cancel(other), await client.reschedule(other, { in: '1 s' })],
    [undefined, 'unknown', 'unknown'],
  )
  assert.equal(await client.cancel(mail, 'never'), 'unknown')
  await assert.rejects(client.get('trial:42'), hasCode('MORROW_INVALID_ID'))
  assert.match(id, /^[0-9a-z]{1,64}$/)
})

test('what cannot be stored is refused with the reason, before anything is sent', async () => {
  const { client, store } = await openWorld()
  const any = defineJob({ name: 'any', payload: z.unknown() })
  const cases: readonly (readonly [() => Promise<unknown>, string, RegExp])[] = [
    [() => client.enqueue(mail, { to: 7 } as never), 'MORROW_INVALID_PAYLOAD', /payload\.to/],
    [() => client.enqueue(any, { n: Number.NaN } as never), 'MORROW_INVALID_PAYLOAD', /payload\.n/],
    [
      () => client.enqueue(any, 'x'.repeat(256 * 1_024) as never),
      'MORROW_PAYLOAD_TOO_LARGE',
      /262144 bytes.*got 262146/,
    ],
    [() => client.enqueue(mail, { to: 'ann' }, { id: 'ä' }), 'MORROW_INVALID_NAME', /1 to 200 of the characters/],
    [() => client.schedule(mail, { to: 'ann' }, { in: '11 years' } as never), 'MORROW_INVALID_TIME', /11 years/],
    [() => client.schedule(mail, { to: 'ann' }, {} as never), 'MORROW_INVALID_TIME', /expected in or at/],
    [() => client.schedule(mail, { to: 'ann' }, { at: '2026-12-01T09:00' }), 'MORROW_INVALID_TIME', /has no zone/],
    [() => client.schedule(tidy, undefined as never), 'MORROW_INVALID_TIME', /expected { in: '3 days' }/],
  ]
  for (const [call, code, message] of cases) await assert.rejects(call, { code, message })
  assert.deepEqual(await store.space.queues(), [])
})

test('while Redis clock is far from the hosts nothing relative is taken, and what is absolute is', async () => {
  const world = await openWorld()
  const { client, clock, store } = world
  await client.schedule(tidy, { in: '1 s' })
  const host = clock.now()
  clock.step((3 * DAY) as never)
  const ahead = {
    id: 'p'.repeat(20),
    roles: ['worker'],
    host: 'h',
    pid: 1,
    version: '0',
    environment: 'test',
    startedAt: host,
    queues: [],
    names: [],
    catalogue: {},
    tz: '',
    clockAhead: -3 * DAY,
    running: 0,
  }
  for (const id of ['one', 'two']) await store.registry.announce({ ...ahead, id }, clock.now())
  await world.pass(61 * SECOND)
  for (const id of ['one', 'two']) await store.registry.announce({ ...ahead, id }, clock.now())
  await assert.rejects(client.schedule(tidy, { in: '1 s' }), { code: 'MORROW_CLOCK_HELD', message: /259200 s apart/ })
  await assert.rejects(client.schedule(tidy, { in: { days: 1 }, tz: 'Europe/Berlin' }), hasCode('MORROW_CLOCK_HELD'))
  assert.equal((await client.schedule(tidy, { at: '2026-12-01T09:00:00+01:00' })).outcome, 'created')
  assert.equal((await client.enqueue(tidy)).outcome, 'created')
  for (const id of ['one', 'two']) await store.registry.leave(id)
  await world.pass(2 * SECOND)
  assert.equal((await client.schedule(tidy, { in: '1 s' })).outcome, 'created')
})

test('closing waits for the calls under way and refuses later ones', async () => {
  const { client, store } = await openWorld()
  const put = client.enqueue(mail, { to: 'ann' })
  const later = client.schedule(mail, { to: 'ann' }, { in: '1 day' })
  await client.close()
  assert.deepEqual([(await put).outcome, (await later).outcome], ['created', 'created'])
  for (const call of [
    () => client.enqueue(mail, { to: 'ann' }),
    () => client.schedule(tidy, { in: '1 s' }),
    () => client.enqueueMany([]),
    () => client.get('x'),
    () => client.cancel(mail, 'x'),
    () => client.reschedule(mail, 'x', { in: '1 s' }),
  ]) {
    await assert.rejects(call, hasCode('MORROW_CLIENT_CLOSED'))
  }
  await client.close()
  assert.equal((await store.inspector.counts('mail')).ready, 1)
})
