import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openClient } from '../../src/client/client.ts'
import { defineJob } from '../../src/job/definition.ts'
import { EnvironmentOwnedError } from '../../src/store/errors.ts'
import { HOUR, MINUTE } from '../../src/time/duration.ts'
import { openWorld, type World } from '../flow/world.ts'

const note = defineJob({ name: 'note', queue: 'notes' })
const hourly = { job: note, cron: '0 * * * *' }

/** A process of an environment that lives now, as a scheduler says it. */
const lives = (world: World, environment: string): Promise<void> =>
  world.store.registry.announce(
    {
      ...{ id: environment, roles: ['scheduler'], host: 'box', pid: 1, version: '1', environment, startedAt: 0 },
      ...{ queues: [], names: [], catalogue: {}, tz: '2026a', clockAhead: 0, running: 0 },
    },
    world.clock.now(),
  )

const clientOf = ({ store, clock }: World, environment: string) =>
  openClient({ store: () => Promise.resolve(store), clock, timeout: 2_000, tz: '2026a', environment })

test('while another environment has the namespace and lives, a client looks and enqueues, and changes no schedule', async () => {
  const world = await openWorld()
  await world.store.environments.hold('production', world.clock.now())
  const { schedules: own } = clientOf(world, 'production')
  await own.upsert('theirs', hourly)
  await lives(world, 'production')
  await world.pass(HOUR)
  await lives(world, 'production')
  const client = clientOf(world, 'development')
  const { schedules } = client
  const [from, to] = [new Date('2026-01-01T00:00:00Z'), new Date('2026-01-01T01:00:00Z')]
  const refused = (error: unknown): boolean =>
    error instanceof EnvironmentOwnedError &&
    /"development", but environment "production".*its scheduler on box/.test(error.message)
  await assert.rejects(schedules.upsert('mine', hourly), refused)
  await assert.rejects(schedules.remove('theirs'), refused)
  await assert.rejects(schedules.pause('theirs', { reason: 'no' }), refused)
  await assert.rejects(schedules.resume('theirs'), refused)
  await assert.rejects(schedules.skip('theirs'), refused)
  await assert.rejects(schedules.backfill('theirs', { from, to }), refused)
  assert.equal((await schedules.backfill('theirs', { from, to, dryRun: true, force: true })).outcome, 'would-fill')
  assert.deepEqual(
    (await schedules.list()).map(({ name, paused }) => [name, paused]),
    [['theirs', null]],
  )
  assert.equal((await schedules.get('theirs'))?.nextAt?.toISOString(), '2026-01-01T01:00:00.000Z')
  assert.equal((await schedules.next('theirs')).length, 5)
  assert.notDeepEqual((await schedules.history('theirs')).entries, undefined)
  assert.equal((await schedules.run('theirs')).outcome, 'made', 'that is an enqueue')
  await client.enqueue(note)
  assert.equal(await own.pause('theirs', { reason: 'no' }), 'paused')
})

test('a client takes no namespace over: it changes schedules where none of the owners lives, and leaves it theirs', async () => {
  const world = await openWorld()
  const { schedules } = clientOf(world, 'development')
  await schedules.upsert('early', hourly)
  assert.equal(await world.store.environments.owner(), null)
  await world.store.environments.hold('production', world.clock.now())
  await lives(world, 'production')
  await assert.rejects(schedules.upsert('mine', hourly), EnvironmentOwnedError)
  await world.pass(MINUTE + 1)
  assert.equal((await schedules.upsert('mine', hourly)).outcome, 'applied')
  assert.equal(await world.store.environments.owner(), 'production')
})

test('while Redis’ clock has leapt, nothing is said of a schedule that would count from it', async () => {
  const world = await openWorld()
  const { schedules } = world.client
  await schedules.upsert('hourly', hourly)
  world.leap(26 * HOUR)
  const held = { name: 'ClockHeldError' }
  await assert.rejects(schedules.upsert('other', hourly), held)
  await assert.rejects(schedules.pause('hourly', { reason: 'a test' }), held)
  await assert.rejects(schedules.resume('hourly'), held)
  await assert.rejects(schedules.remove('hourly'), held)
  world.leap(0)
  assert.equal(await schedules.pause('hourly', { reason: 'a test' }), 'paused')
})
