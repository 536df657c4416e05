import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { defineJob } from '../../src/job/definition.ts'
import { ClockHeldError } from '../../src/store/clock-watch.ts'
import { openWorld, type World } from '../flow/world.ts'

const mail = defineJob({ name: 'mail', queue: 'mail' })
const HOUR = 3_600_000
const LEAPS = [26 * HOUR, -26 * HOUR]

/** A client that has looked at Redis' clock, ten seconds ago. */
async function openLooked(context: TestContext): Promise<World> {
  const world = await openWorld()
  context.after(() => world.client.close())
  await world.client.schedule(mail, { in: '1h' })
  await world.pass(10_000)
  return world
}

for (const leap of LEAPS) {
  const by = `${leap / HOUR} hours`

  test(`after a leap of Redis’ clock by ${by} no delay is taken, before anybody has seen the leap`, async (context) => {
    const world = await openLooked(context)
    const { client } = world
    world.leap(leap)
    await assert.rejects(client.schedule(mail, { in: '1h' }), ClockHeldError)
    world.leap(0)
    await world.pass(1_001)
    const { dueAt } = await client.schedule(mail, { in: '1h' })
    assert.equal(dueAt.getTime(), world.clock.now() + HOUR)
    assert.equal((await world.store.inspector.counts('mail')).scheduled, 2)
  })

  test(`after a leap by ${by} what counts from no clock goes on, in the same turn too, and in its order`, async (context) => {
    const world = await openLooked(context)
    const { client } = world
    const at = new Date(world.clock.now() + 48 * HOUR)
    world.leap(leap)
    const all = await Promise.allSettled([
      client.enqueue(mail),
      client.schedule(mail, { in: '1h' }),
      client.schedule(mail, { at }),
      client.schedule(mail, { in: '2h' }),
      client.enqueue(mail),
    ])
    assert.deepEqual(
      all.map((each) => (each.status === 'fulfilled' ? each.value.outcome : each.reason.code)),
      ['created', 'MORROW_CLOCK_HELD', 'created', 'MORROW_CLOCK_HELD', 'created'],
    )
    const ids = all.flatMap((each) => (each.status === 'fulfilled' ? [each.value.id] : []))
    const views = await Promise.all(ids.map((id) => client.get(id)))
    assert.deepEqual(
      views.map((view) => view?.place),
      ['ready', 'scheduled', 'ready'],
    )
    assert.equal(views[1]?.dueAt.getTime(), at.getTime())
    assert.deepEqual((await client.enqueue(mail)).outcome, 'created', 'the line goes on')
  })

  test(`after a leap by ${by} no job is moved by a delay`, async (context) => {
    const world = await openLooked(context)
    const { id, dueAt } = await world.client.schedule(mail, { in: '3h' })
    world.leap(leap)
    await assert.rejects(world.client.reschedule(id, { in: '1h' }), ClockHeldError)
    assert.equal((await world.client.get(id))?.dueAt.getTime(), dueAt.getTime())
    world.leap(0)
    await world.pass(1_001)
    assert.equal(await world.client.reschedule(id, { in: '1h' }), 'moved')
    assert.equal((await world.client.get(id))?.dueAt.getTime(), world.clock.now() + HOUR)
  })
}

test('a host that slept looks at Redis’ clock again, and its delays count from that', async (context) => {
  const world = await openLooked(context)
  // Its steady clock stood still meanwhile, its wall clock did not.
  world.clock.step((8 * HOUR) as never)
  const { id, dueAt } = await world.client.schedule(mail, { in: '1h' })
  assert.equal(dueAt.getTime(), world.clock.now() + HOUR)
  assert.equal(await world.client.reschedule(id, { in: '2h' }), 'moved')
  assert.equal((await world.client.get(id))?.dueAt.getTime(), world.clock.now() + 2 * HOUR)
})

test('a host that slept counts days of the calendar from the day that it is', async (context) => {
  const world = await openLooked(context)
  world.clock.step((48 * HOUR) as never)
  const { dueAt } = await world.client.schedule(mail, { in: { days: 1 }, time: '09:00', tz: 'UTC' })
  assert.equal(dueAt.toISOString(), '2026-01-04T09:00:00.000Z')
})

for (const leap of LEAPS) {
  test(`own ids are remembered for their day though Redis’ clock has leapt by ${leap / HOUR} hours when their jobs ended`, async (context) => {
    const world = await openLooked(context)
    const ran = defineJob({ name: 'ran', queue: 'mail' })
    const scheduler = world.scheduler()
    await scheduler.tick()
    await world.client.enqueue(ran, { id: 'one' })
    await world.client.enqueue(mail, { id: 'two' })
    world.leap(leap)
    assert.equal(await world.client.cancel(mail, 'two'), 'cancelled')
    await world.worker([ran.handle(() => undefined)]).work()
    world.leap(0)
    await scheduler.tidy()
    assert.equal((await world.client.enqueue(ran, { id: 'one' })).outcome, 'exists')
    assert.equal((await world.client.enqueue(mail, { id: 'two' })).outcome, 'exists')
    await world.pass(24 * HOUR + 10_000)
    await scheduler.tidy()
    assert.equal((await world.client.enqueue(ran, { id: 'one' })).outcome, 'created')
    assert.equal((await world.client.enqueue(mail, { id: 'two' })).outcome, 'created')
  })
}

test('a small step of Redis’ clock keeps nobody waiting', async (context) => {
  const world = await openLooked(context)
  world.leap(59_000)
  const { dueAt } = await world.client.schedule(mail, { in: '1h' })
  assert.equal(dueAt.getTime(), world.clock.now() + 59_000 + HOUR)
})
