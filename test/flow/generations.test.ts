import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defineJob } from '../../src/job/definition.ts'
import { readScheduleFiles, type ScheduleFiles } from '../../src/schedule/files.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../src/time/duration.ts'
import { pause } from '../../src/timetable/pause.ts'
import { declared, dying, proved, release, standing, start } from './fleet.ts'
import { openFolder } from './folder.ts'
import { openWorld, type World } from './world.ts'

const HOURLY = "cron: '0 * * * *'"
const note = defineJob({ name: 'note', queue: 'notes' })
const one = declared({ both: ['notes', HOURLY], one: ['notes', HOURLY] })
const two = declared({ both: ['notes', HOURLY], two: ['notes', HOURLY] })
const BOTH_AND_ONE = { both: 'notes 2026-01-01T01:00:00', one: 'notes 2026-01-01T01:00:00' }
const BOTH_AND_TWO = { both: 'notes 2026-01-01T01:00:00', two: 'notes 2026-01-01T01:00:00' }

test('a set of files that comes back keeps its number, so an old process that restarts cannot win', async (context) => {
  const world = await openWorld()
  const [older, newer] = [await release(context, one), await release(context, two)]
  const old = start(world, older)
  assert.equal((await old.apply()).generation, '1')
  assert.equal((await old.apply()).generation, '1')
  const fresh = start(world, newer)
  const { generation, withdrawn, applied, unchanged, tookOver } = await fresh.apply()
  assert.deepEqual([generation, withdrawn, applied, unchanged, tookOver], ['2', ['one'], ['two'], ['both'], null])
  await old.stop()
  const again = start(world, older)
  const refused = await again.apply()
  assert.equal(refused.generation, '1')
  assert.match(refused.refused ?? '', /^generation 2 .* is in force and its processes live; these are generation 1/)
  assert.deepEqual(await standing(world), BOTH_AND_TWO)
  await proved(world)
})

test('a rollback takes over two minutes after the last process of the newer set was seen, and says so', async (context) => {
  const world = await openWorld()
  const [older, newer] = [await release(context, one), await release(context, two)]
  await start(world, older).apply()
  await start(world, newer).apply()
  const back = start(world, older)
  await world.pass(2 * MINUTE)
  assert.notEqual((await back.apply()).refused, null)
  await world.pass(1)
  const { refused, tookOver, withdrawn, applied } = await back.apply()
  assert.deepEqual([refused, tookOver, withdrawn, applied], [null, 2, ['two'], ['one']])
  assert.equal((await back.apply()).tookOver, null)
  assert.deepEqual(await standing(world), BOTH_AND_ONE)
  await start(world, newer).apply()
  assert.deepEqual(await standing(world), BOTH_AND_TWO, 'the newer set wins as soon as it is there again')
  await proved(world)
})

test('a newer process that is only restarted keeps the older ones out', async (context) => {
  const world = await openWorld()
  const [older, newer] = [await release(context, one), await release(context, two)]
  const old = start(world, older)
  await old.apply()
  const fresh = start(world, newer)
  await fresh.apply()
  await world.pass(HOUR / 2)
  await fresh.beat()
  await fresh.stop()
  await world.pass(MINUTE)
  assert.notEqual((await old.apply()).refused, null)
  assert.deepEqual(await standing(world), BOTH_AND_TWO)
})

test('a newer set keeps the older ones out before its process has said that it has it', async (context) => {
  const world = await openWorld()
  const [older, newer] = [await release(context, one), await release(context, two)]
  const old = start(world, older)
  await old.apply()
  const silent = { ...world.store, registry: { ...world.store.registry, announce: () => Promise.resolve() } }
  await start({ ...world, store: silent }, newer).apply()
  assert.notEqual((await old.apply()).refused, null)
  await world.pass(2 * MINUTE + 1)
  assert.equal((await old.apply()).tookOver, 2)
})

test('the oldest of three sets waits for the second too', async (context) => {
  const world = await openWorld()
  const three = declared({ both: ['notes', HOURLY], three: ['notes', HOURLY] })
  const sets = [await release(context, one), await release(context, two), await release(context, three)]
  const [first, second, third] = sets.map((files) => start(world, files))
  for (const each of [first, second, third]) await each?.apply()
  await world.pass(3 * MINUTE)
  await second?.beat()
  assert.notEqual((await first?.apply())?.refused, null)
  assert.equal((await second?.apply())?.tookOver, 3)
})

test('force puts older files in force at once, and what they replace does not take over while they live', async (context) => {
  const world = await openWorld()
  const [older, newer] = [await release(context, one), await release(context, two)]
  await start(world, older).apply()
  const fresh = start(world, newer)
  await fresh.apply()
  const person = start(world, older)
  assert.equal((await person.apply({ force: true })).tookOver, 2)
  await person.stop()
  await world.pass(MINUTE)
  assert.match(
    (await fresh.apply()).refused ?? '',
    /^generation 1 .* was put in force by .*--force; these are generation 2/,
  )
  const old = start(world, older)
  await old.apply()
  for (let minute = 0; minute < 5; minute++) {
    await world.pass(MINUTE)
    await old.beat()
    assert.notEqual((await fresh.apply()).refused, null)
  }
  assert.deepEqual(await standing(world), BOTH_AND_ONE)
  const third = await start(world, await release(context, declared({ three: ['notes', HOURLY] }))).apply()
  assert.deepEqual([third.refused, third.generation], [null, '3'], 'a set that is new wins at once')
  await proved(world)
})

test('what was forced gives way two minutes after its last process has gone', async (context) => {
  const world = await openWorld()
  const [older, newer] = [await release(context, one), await release(context, two)]
  await start(world, older).apply()
  const fresh = start(world, newer)
  await fresh.apply()
  await start(world, older).apply({ force: true })
  await world.pass(2 * MINUTE + 1)
  assert.equal((await fresh.apply()).refused, null)
  assert.deepEqual(await standing(world), BOTH_AND_TWO)
})

test('given numbers are kept apart from counted ones, and files without a number are not applied beside them', async (context) => {
  const world = await openWorld()
  const [older, newer] = [await release(context, one), await release(context, two)]
  assert.equal((await start(world, older).apply()).generation, '1')
  assert.equal((await start(world, newer, 7).apply()).generation, 'v7')
  await world.pass(DAY)
  const counted = start(world, older)
  assert.match(
    (await counted.apply()).refused ?? '',
    /^generation v7 .* given by MORROW_GENERATION, and these have no number/,
  )
  assert.match((await start(world, older, 6).apply()).generation, /^v6$/)
  assert.equal((await start(world, newer, 8).apply()).generation, 'v8')
  assert.match(
    (await start(world, older, 7).apply()).refused ?? '',
    /^generation v7 stands for other schedule files already/,
  )
  const forced = await counted.apply({ force: true })
  assert.deepEqual([forced.refused, forced.generation], [null, '1'])
})

test('a number given twice to the same files is one generation', async (context) => {
  const world = await openWorld()
  const files = await release(context, one)
  const [a, b] = [start(world, files, 3), start(world, files, 3)]
  await Promise.all([a.apply(), b.apply()])
  assert.deepEqual(await standing(world), BOTH_AND_ONE)
  assert.deepEqual((await a.apply()).unchanged, ['both', 'one'])
  await proved(world)
})

test('two processes of one generation with other time-zone data do not pull at the schedules: the newer data stand', async (context) => {
  const world = await openWorld()
  const berlin = declared({ daily: ['notes', "cron: '30 2 * * *', tz: Europe/Berlin"] })
  const files = await release(context, berlin)
  const [older, newer] = [start(world, files), start(world, files)]
  await older.apply({ tz: '2026a' })
  await world.pass(MINUTE)
  assert.deepEqual((await newer.apply({ tz: '2026b' })).applied, ['daily'], 'it computes the next tick anew')
  const [before] = await world.store.schedules.list()
  for (let minute = 0; minute < 5; minute++) {
    await world.pass(MINUTE)
    assert.deepEqual((await older.apply({ tz: '2026a' })).unchanged, ['daily'])
    assert.deepEqual((await newer.apply({ tz: '2026b' })).unchanged, ['daily'])
  }
  const [after] = await world.store.schedules.list()
  assert.deepEqual([after?.tz, after?.since, after?.nextAt], ['2026b', before?.since, before?.nextAt])
  await proved(world, '2026b')
})

test('equal files that mean other schedules in another zone are another generation, and do not pull at the schedules', async (context) => {
  const world = await openWorld()
  const folder = openFolder(context)
  folder.write('a.yml', declared({ daily: ['notes', "cron: '30 2 * * *'"] }))
  const [utc, berlin] = await Promise.all(
    ['UTC', 'Europe/Berlin'].map((defaultZone) => readScheduleFiles(folder.path, { defaultZone })),
  )
  const old = start(world, utc ?? assert.fail())
  const fresh = start(world, berlin ?? assert.fail())
  await old.apply()
  assert.equal((await fresh.apply()).generation, '2')
  assert.notEqual((await old.apply()).refused, null)
  assert.deepEqual(await standing(world), { daily: 'notes 2026-01-01T01:30:00' })
})

test('files that change while they are read claim nothing', async (context) => {
  const world = await openWorld()
  const files = await release(context, one)
  await start(world, files).apply()
  const { generation, applied, withdrawn } = await start(world, { ...files, schedules: [], digest: null }).apply()
  assert.deepEqual([generation, applied, withdrawn], ['', [], []])
  const next = await start(world, await release(context, two)).apply()
  assert.equal(next.generation, '2', 'no number was spent')
})

test('what does not change keeps its next tick, id and ledger over deploys, rollbacks and restarts', async (context) => {
  const world = await openWorld()
  const [older, newer] = [await release(context, one), await release(context, two)]
  await start(world, older).apply()
  const before = (await world.store.schedules.list()).find(({ name }) => name === 'both')
  for (const files of [newer, older, newer, older]) {
    await world.pass(7 * MINUTE)
    await start(world, files).apply()
  }
  const after = (await world.store.schedules.list()).find(({ name }) => name === 'both')
  assert.deepEqual([after?.id, after?.nextAt, after?.since], [before?.id, before?.nextAt, before?.since])
  assert.equal((await world.store.schedules.ledger(after ?? { id: '', queue: '' }, 0, -1)).total, 1)
  await proved(world)
})

test('two schedulers with different files side by side do not pull at the schedules', async (context) => {
  const world = await openWorld()
  const [old, fresh] = [start(world, await release(context, one)), start(world, await release(context, two))]
  await old.apply()
  for (let minute = 0; minute < 90; minute++) {
    await Promise.all([old.apply(), fresh.apply()])
    await world.pass(MINUTE)
    await Promise.all([world.scheduler().tick(), world.scheduler().tick()])
  }
  assert.deepEqual(Object.keys(await standing(world)), ['both', 'two'])
  assert.equal((await world.store.inspector.counts('notes')).ready, 2)
  await proved(world)
})

test('a schedule that was renamed keeps id, next tick, ledger, pauses and the jobs that wait', async (context) => {
  const world = await openWorld()
  await start(world, await release(context, declared({ old: ['notes', `${HOURLY}, limit: 3`] }))).apply()
  await world.pass(HOUR)
  await world.scheduler().tick()
  const now = world.clock.now()
  await pause(world.store, 'old', { by: 'ada', reason: 'no', now })
  const before = (await world.store.schedules.list())[0]
  const renamed = declared({ young: ['post', `${HOURLY}, limit: 3, was: old`] })
  const { applied, withdrawn } = await start(world, await release(context, renamed)).apply()
  assert.deepEqual([applied, withdrawn], [['young'], []])
  const [after, ...others] = await world.store.schedules.list()
  assert.deepEqual(others, [])
  assert.deepEqual([after?.id, after?.nextAt, after?.pauses], [before?.id, before?.nextAt, before?.pauses])
  assert.deepEqual([after?.made, after?.counted, after?.queue], [1, 1, 'post'])
  assert.equal((await world.store.inspector.counts('notes')).ready, 1)
  await world.pass(DAY)
  await world.scheduler().tick()
  await proved(world)
})

test('a rollback over a rename and back leaves one schedule each time', async (context) => {
  const world = await openWorld()
  const older = await release(context, declared({ old: ['notes', HOURLY] }))
  const newer = await release(context, declared({ young: ['notes', `${HOURLY}, was: old`] }))
  for (const [files, name] of [
    [older, 'old'],
    [newer, 'young'],
    [older, 'old'],
    [newer, 'young'],
  ] as const) {
    await world.pass(17 * MINUTE)
    await start(world, files).apply()
    await world.scheduler().tick()
    assert.deepEqual(Object.keys(await standing(world)), [name])
  }
  await world.pass(HOUR)
  await world.scheduler().tick()
  assert.deepEqual(
    (await ran(world)).map(({ at }) => at),
    ['01:00', '02:00'],
  )
  await proved(world)
})

/** Runs what is ready; which ticks that were, by their instants. */
async function ran(world: World): Promise<readonly { readonly schedule: string; readonly at: string }[]> {
  const ticks: { schedule: string; at: string }[] = []
  const handler = note.handle((_, { tick }) => {
    if (tick) ticks.push({ schedule: tick.schedule, at: tick.plannedAt.toISOString().slice(11, 16) })
  })
  await world.worker([handler]).work()
  return ticks.sort((a, b) => (a.at < b.at ? -1 : 1))
}

const before = declared({ kept: ['a', HOURLY], moved: ['a', HOURLY], gone: ['a', HOURLY], old: ['a', HOURLY] })
const after = declared({
  kept: ['a', HOURLY],
  moved: ['b', HOURLY],
  come: ['b', HOURLY],
  young: ['b', `${HOURLY}, was: old`],
})

type Killed = {
  readonly first: ScheduleFiles
  readonly dead: ScheduleFiles
  readonly then: ScheduleFiles
  readonly last: number
  readonly sent: boolean
}

/** An apply that dies at a step, an hour with two schedulers, another apply by two; answers whether it came through. */
async function killedAt({ first, dead, then, last, sent }: Killed): Promise<boolean> {
  const world = await openWorld('2026-01-01T00:20:00Z')
  await start(world, first).apply()
  await world.pass(HOUR)
  await world.scheduler().tick()
  const { store } = dying(world.store, last, sent)
  const done = await start(world, dead)
    .apply({ store })
    .then(
      () => true,
      () => false,
    )
  const schedulers = [world.scheduler(), world.scheduler()]
  const look = async (after: number): Promise<void> => {
    await world.pass(after)
    for (const _ of [1, 2]) await Promise.all(schedulers.map((each) => each.tick()))
  }
  await look(HOUR + 3 * MINUTE)
  await Promise.all([start(world, then).apply(), start(world, then).apply()])
  await look(5 * SECOND)
  const wanted = then.schedules.map(({ name, queue }) => [name, `${queue} 2026-01-01T03:00:00`])
  assert.deepEqual(await standing(world), Object.fromEntries(wanted), `step ${last}`)
  await look(HOUR)
  const ticks = (await ran(world)).map(({ schedule, at }) => `${schedule} ${at}`)
  assert.equal(new Set(ticks).size, ticks.length, `nothing runs twice, step ${last}`)
  const isGone = then.schedules.every(({ name }) => name !== 'gone')
  assert.equal(
    isGone && ticks.some((tick) => tick.startsWith('gone')),
    false,
    `what was removed does not run, step ${last}`,
  )
  for (const { name } of then.schedules) assert.ok(ticks.includes(`${name} 03:00`), `${name} runs, step ${last}`)
  for (const at of ['01:00', '02:00', '03:00']) assert.ok(ticks.includes(`kept ${at}`), `none is lost, step ${last}`)
  await proved(world)
  await world.store.connection.close()
  return done
}

for (const next of ['the same', 'the older', 'a third'] as const) {
  test(`killed at each step of an apply over two queues, then files of ${next} generation: late, never double, nothing lost`, async (context) => {
    const [first, dead] = [await release(context, before), await release(context, after)]
    const third = declared({ kept: ['c', HOURLY], moved: ['c', HOURLY], young: ['a', HOURLY] })
    const then = { 'the same': dead, 'the older': first, 'a third': await release(context, third) }[next]
    for (let last = 1, done = false; !done; last++) {
      const ends = [true, false].map((sent) => killedAt({ first, dead, then, last, sent }))
      done = (await Promise.all(ends)).every((each) => each)
    }
  })
}

test('one who wakes up in the middle of a move cannot make a schedule tick in two queues', async (context) => {
  for (const stop of ['apply', 'rehome'] as const) {
    const world = await openWorld('2026-01-01T00:20:00Z')
    const [older, newer] = [
      await release(context, declared({ moved: ['a', HOURLY] })),
      await release(context, declared({ moved: ['b', HOURLY] })),
    ]
    await start(world, older).apply()
    let wake = (): void => undefined
    const frozen = new Promise<void>((resolve) => {
      wake = resolve
    })
    const { [stop]: call } = world.store.schedules as Record<typeof stop, (...given: unknown[]) => Promise<unknown>>
    let reached = (): void => undefined
    const there = new Promise<void>((resolve) => {
      reached = resolve
    })
    const schedules = {
      ...world.store.schedules,
      [stop]: async (...given: unknown[]) => {
        reached()
        await frozen
        return call(...given)
      },
    }
    const sleeper = start(world, newer).apply({ store: { ...world.store, schedules } })
    await there
    await world.pass(3 * MINUTE)
    await start(world, older).apply()
    wake()
    await sleeper
    await world.pass(HOUR)
    await Promise.all([world.scheduler().tick(), world.scheduler().tick()])
    assert.equal(world.events.filter(({ kind }) => kind === 'tick.fired').length, 1, stop)
    await start(world, older).apply()
    assert.deepEqual(await standing(world), { moved: 'a 2026-01-01T02:00:00' })
    await world.pass(SECOND)
    await proved(world)
  }
})
