import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defineJob } from '../../src/job/definition.ts'
import { openWorld } from '../flow/world.ts'

const HOUR = 3_600_000
const fails = defineJob({ name: 'fails', queue: 'mail', retry: { backoff: { kind: 'fixed', wait: '1h' } } })
const handler = fails.handle(() => {
  throw new Error('not now')
})

for (const leap of [26 * HOUR, -26 * HOUR, 5 * 60_000, -5 * 60_000]) {
  test(`the wait of a retry counts from the right time when Redis’ clock has leapt by ${leap / 60_000} minutes`, async () => {
    const world = await openWorld()
    const { id } = await world.client.enqueue(fails)
    world.leap(leap)
    await world.worker([handler]).work()
    const { place, dueAt } = await world.view(id)
    assert.deepEqual([place, dueAt.getTime()], ['scheduled', world.clock.now() + HOUR])
  })
}

const nightly = defineJob({ name: 'nightly', queue: 'mail' })

for (const [leap, late, ran] of [
  [26 * HOUR, 0, 1],
  [-26 * HOUR, 400_000, 0],
  [0, 200_000, 1],
  [0, 400_000, 0],
] as const) {
  const how = `Redis’ clock has leapt by ${leap / HOUR} hours`
  test(`a tick that is ${late / 1_000} s late and has a deadline of 5 min is ${ran ? 'run' : 'too late'}, when ${how}`, async () => {
    const world = await openWorld()
    const schedule = { job: nightly, every: '1h', deadline: '5m', missed: 'all' } as const
    await world.client.schedules.upsert('nightly', schedule)
    await world.pass(HOUR)
    const scheduler = world.scheduler()
    await scheduler.tick()
    await world.pass(late)
    world.leap(leap)
    let runs = 0
    await world.worker([nightly.handle(() => void runs++)]).work()
    assert.equal(runs, ran)
    assert.equal(world.events.filter(({ kind }) => kind === 'job.expired').length, 1 - ran)
  })
}
