import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JobTick } from '../../src/job/context.ts'
import { defineJob } from '../../src/job/definition.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../src/time/duration.ts'
import { inForce, ledgerOf, openFolder, schedulesOf } from './folder.ts'
import { openWorld, type World } from './world.ts'

const note = defineJob({ name: 'note', queue: 'notes' })

function listener(world: World) {
  const ticks: (JobTick | null)[] = []
  return { ticks, ...world.worker([note.handle((_, { tick }) => void ticks.push(tick))]) }
}

const brief = (tick: JobTick | null | undefined): unknown =>
  tick && [tick.schedule, tick.plannedAt.toISOString(), tick.standsFor, tick.previousAt?.toISOString() ?? null]

test('a cron tick fires once with three schedulers, and tells its handler which tick it was', async (context) => {
  const world = await openWorld()
  const folder = openFolder(context)
  folder.write('a.yml', schedulesOf({ hourly: "cron: '0 * * * *'" }))
  await folder.apply(world)
  const worker = listener(world)
  const schedulers = [world.scheduler(), world.scheduler(), world.scheduler()]
  for (const _ of [1, 2]) {
    await world.pass(HOUR)
    await Promise.all(schedulers.map((each) => each.tick()))
    await Promise.all(schedulers.map((each) => each.tick()))
    await worker.work()
  }
  assert.deepEqual(worker.ticks.map(brief), [
    ['hourly', '2026-01-01T01:00:00.000Z', 1, '2026-01-01T00:00:00.000Z'],
    ['hourly', '2026-01-01T02:00:00.000Z', 1, '2026-01-01T01:00:00.000Z'],
  ])
  assert.equal(worker.ticks[0]?.firedAt.toISOString(), '2026-01-01T01:00:00.000Z')
  assert.deepEqual(await inForce(world), { hourly: '2026-01-01T03:00:00.000Z' })
})

test('a night of downtime gives one late run that stands for all that were missed', async (context) => {
  const world = await openWorld('2026-01-01T20:00:00Z')
  const folder = openFolder(context)
  folder.write('a.yml', schedulesOf({ hourly: "cron: '0 * * * *'" }))
  await folder.apply(world)
  const worker = listener(world)
  await world.pass(10 * HOUR + 30 * MINUTE)
  const scheduler = world.scheduler()
  await scheduler.tick()
  await worker.work()
  assert.deepEqual(worker.ticks.map(brief), [['hourly', '2026-01-02T06:00:00.000Z', 10, '2026-01-01T20:00:00.000Z']])
  assert.deepEqual(await ledgerOf(world), [
    'applied 2026-01-01T20:00 1',
    'coalesced 2026-01-01T21:00 9',
    'late 2026-01-02T06:00 1',
  ])
  await world.pass(30 * MINUTE)
  await world.scheduler().tick()
  await worker.work()
  assert.deepEqual(brief(worker.ticks[1]), ['hourly', '2026-01-02T07:00:00.000Z', 1, '2026-01-02T06:00:00.000Z'])
})

test('ticks missed longer ago than a period and a day are skipped, and the ledger says so', async (context) => {
  const world = await openWorld()
  const folder = openFolder(context)
  folder.write('a.yml', schedulesOf({ hourly: "cron: '0 * * * *'" }))
  await folder.apply(world)
  const worker = listener(world)
  await world.pass(3 * DAY + 30 * MINUTE)
  await world.scheduler().tick()
  await worker.work()
  assert.deepEqual(worker.ticks.map(brief), [['hourly', '2026-01-04T00:00:00.000Z', 24, '2026-01-03T00:00:00.000Z']])
  assert.deepEqual(await ledgerOf(world), [
    'applied 2026-01-01T00:00 1',
    'missed 2026-01-01T01:00 48',
    'coalesced 2026-01-03T01:00 23',
    'late 2026-01-04T00:00 1',
  ])
})

test('a scheduler that wakes up with what it planned before finds that the tick was done', async (context) => {
  const world = await openWorld()
  const folder = openFolder(context)
  folder.write('a.yml', schedulesOf({ often: 'every: 10 s' }))
  await folder.apply(world)
  const worker = listener(world)
  const [one, other] = [world.scheduler(), world.scheduler()]
  await world.pass(10 * SECOND)
  await Promise.all([one.tick(), other.tick(), one.tick(), other.tick()])
  await worker.work()
  assert.equal(worker.ticks.length, 1)
})

test('a tick due while nobody serves its queue waits as a job', async (context) => {
  const world = await openWorld()
  const folder = openFolder(context)
  folder.write('a.yml', schedulesOf({ hourly: "cron: '0 * * * *'" }))
  await folder.apply(world)
  await world.pass(HOUR)
  await world.scheduler().tick()
  assert.equal((await world.store.inspector.counts('notes')).ready, 1)
})

test('a typo in one of three files stops nothing that ran, also not what only that file says', async (context) => {
  const world = await openWorld()
  const folder = openFolder(context)
  for (const name of ['a', 'b', 'c']) folder.write(`${name}.yml`, schedulesOf({ [name]: "cron: '0 * * * *'" }))
  assert.deepEqual((await folder.apply(world)).faults, [])
  folder.write('b.yml', schedulesOf({ b: "cron: '0 * * *'" }))
  const first = await folder.apply(world)
  assert.deepEqual([first.withdrawn, Object.keys(await inForce(world))], [[], ['a', 'b', 'c']])
  assert.match(first.faults.join('\n'), /^schedules\/b\.yml:2:\d+: /)
  folder.write('b.yml', 'schedules:\n  b: { cron: "0 * * * *"\n')
  const second = await folder.apply(world)
  assert.deepEqual([second.withdrawn, Object.keys(await inForce(world))], [[], ['a', 'b', 'c']])
  await world.pass(HOUR)
  await world.scheduler().tick()
  assert.equal((await world.store.inspector.counts('notes')).ready, 3)
})

for (const [what, spoil] of [
  ['a deleted folder', (folder: ReturnType<typeof openFolder>) => folder.removeAll()],
  ['an emptied folder', (folder: ReturnType<typeof openFolder>) => folder.remove('a.yml')],
] as const) {
  test(`${what} stops nothing that ran, and is said`, async (context) => {
    const world = await openWorld()
    const folder = openFolder(context)
    folder.write('a.yml', schedulesOf({ hourly: "cron: '0 * * * *'" }))
    await folder.apply(world)
    spoil(folder)
    const { withdrawn, faults } = await folder.apply(world)
    assert.deepEqual([withdrawn, Object.keys(await inForce(world))], [[], ['hourly']])
    assert.equal(faults.length, 1)
  })
}

test('a schedule that no file of a readable set has is withdrawn, and what waits of it is cancelled unless it is kept', async (context) => {
  const world = await openWorld()
  const folder = openFolder(context)
  folder.write('a.yml', schedulesOf({ one: "cron: '0 * * * *'", two: "cron: '0 * * * *'" }))
  await folder.apply(world)
  await world.pass(HOUR)
  await world.scheduler().tick()
  folder.write('a.yml', schedulesOf({ two: "cron: '0 * * * *'" }))
  assert.deepEqual((await folder.apply(world)).withdrawn, ['one'])
  assert.deepEqual(Object.keys(await inForce(world)), ['two'])
  assert.deepEqual((await folder.apply(world)).withdrawn, [])
  await world.pass(HOUR)
  await world.scheduler().tick()
  assert.equal((await world.store.inspector.counts('notes')).ready, 2)
  folder.write('a.yml', schedulesOf({ three: "cron: '0 * * * *'" }))
  assert.deepEqual((await folder.apply(world, { pending: 'keep' })).withdrawn, ['two'])
  assert.equal((await world.store.inspector.counts('notes')).ready, 2)
})

test('a withdrawn schedule that comes back goes on under its id and owes nothing', async (context) => {
  const world = await openWorld()
  const folder = openFolder(context)
  const both = schedulesOf({ one: "cron: '0 * * * *'", two: "cron: '0 * * * *'" })
  folder.write('a.yml', both)
  await folder.apply(world)
  const before = await world.store.schedules.list()
  await world.pass(HOUR)
  await world.scheduler().tick()
  folder.write('a.yml', schedulesOf({ two: "cron: '0 * * * *'" }))
  await folder.apply(world)
  await world.pass(2 * HOUR)
  folder.write('a.yml', both)
  assert.deepEqual((await folder.apply(world)).applied, ['one'])
  const worker = listener(world)
  await worker.work()
  assert.equal(worker.ticks.length, 1)
  await world.pass(HOUR)
  await world.scheduler().tick()
  await worker.work()
  assert.deepEqual(worker.ticks.map((tick) => tick?.schedule).sort(), ['one', 'two', 'two'])
  const after = await world.store.schedules.list()
  assert.deepEqual(
    after.map(({ id }) => id),
    before.map(({ id }) => id),
  )
})

test('an unchanged definition keeps its next tick, a changed one owes nothing from before', async (context) => {
  const world = await openWorld()
  const folder = openFolder(context)
  folder.write('a.yml', schedulesOf({ kept: 'every: 1 hour', changed: "cron: '0 * * * *'" }))
  await folder.apply(world)
  await world.pass(90 * MINUTE)
  folder.write('a.yml', `# moved down\n\n${schedulesOf({ changed: "cron: '15 * * * *'", kept: 'every: 1 hour' })}`)
  const { applied, unchanged } = await folder.apply(world)
  assert.deepEqual([applied, unchanged], [['changed'], ['kept']])
  assert.deepEqual(await inForce(world), { kept: '2026-01-01T01:00:00.000Z', changed: '2026-01-01T02:15:00.000Z' })
})

test('a schedule of another environment is not in force here', async (context) => {
  const world = await openWorld()
  const folder = openFolder(context)
  folder.write('a.yml', schedulesOf({ one: "cron: '0 * * * *', env: [production]", two: "cron: '0 * * * *'" }))
  await folder.apply(world, { environment: 'staging' })
  assert.deepEqual(Object.keys(await inForce(world)), ['two'])
  await folder.apply(world, { environment: 'production' })
  assert.deepEqual(Object.keys(await inForce(world)), ['one', 'two'])
})

test('a job of a tick that nobody claims before its deadline has expired, and one that began in time goes on', async (context) => {
  const world = await openWorld('2026-01-01T00:00:00Z')
  const folder = openFolder(context)
  folder.write('a.yml', schedulesOf({ hourly: "cron: '0 * * * *', deadline: 5m" }))
  await folder.apply(world)
  await world.pass(HOUR)
  await world.scheduler().tick()
  await world.pass(5 * MINUTE + 1)
  const worker = listener(world)
  await worker.work()
  assert.deepEqual(worker.ticks, [])
  const { ready, ended } = await world.store.inspector.counts('notes')
  assert.deepEqual([ready, ended], [0, 1])
  assert.equal((await world.client.schedules.history('hourly')).entries[0]?.jobs[0]?.state, 'expired')
  assert.equal(world.events.filter(({ kind }) => kind === 'job.expired').length, 1)
  await world.pass(55 * MINUTE)
  await world.scheduler().tick()
  await worker.work()
  assert.equal(worker.ticks.length, 1)
})
