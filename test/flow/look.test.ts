import assert from 'node:assert/strict'
import { mkdirSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { readConfig } from '../../src/config.ts'
import type { MorrowEvent } from '../../src/job/events.ts'
import type { ScheduleDefinition } from '../../src/schedule/definition.ts'
import { DEFAULT_POLICIES } from '../../src/schedule/policies.ts'
import type { ProcessCard } from '../../src/store/registry.ts'
import { HOUR, MINUTE, SECOND } from '../../src/time/duration.ts'
import { putInForce } from '../../src/timetable/apply.ts'
import { pause } from '../../src/timetable/pause.ts'
import { seeingFaults } from '../../src/wiring/schedule-faults.ts'
import { looking } from '../../src/wiring/schedules.ts'
import { TZ_DATA } from '../../src/wiring/version.ts'
import { inForce, openFolder, schedulesOf } from './folder.ts'
import { openWorld, type World } from './world.ts'

const LATE: ScheduleDefinition = {
  name: 'late',
  timing: { kind: 'cron', cron: ['* * * * *'] },
  tz: 'UTC',
  job: 'note',
  queue: 'notes',
  enabled: true,
  policies: DEFAULT_POLICIES,
  source: { file: 'schedules/a.yml', line: 2, column: 3 },
}

const HOURLY = "cron: '0 * * * *'"

/** A process that looks at a folder when a test says so; it tells its looks from those that compare with all that is in force. */
function onlooker(world: World, path: string, id: string, more: Readonly<Record<string, string>> = {}) {
  const { store, clock } = world
  const events: MorrowEvent[] = []
  let compared = 0
  let generation = ''
  const list: typeof store.schedules.list = (all) => {
    compared += 1
    return store.schedules.list(all)
  }
  const config = readConfig({ MORROW_SCHEDULES: path, MORROW_ENV: 'test', ...more })
  const parts = { id: id.padEnd(20, '0'), clock, config, store: { ...store, schedules: { ...store.schedules, list } } }
  const look = looking({ ...parts, emit: (event) => void events.push(event) }, [], (told) => {
    generation = told
  })
  const beat = (): Promise<void> => store.registry.announce({ ...card(parts.id), generation }, clock.now())
  return {
    events,
    /** Looks; answers how long it rests, and how often all was compared so far. */
    look: async () => {
      await beat()
      const rest = await look()
      await beat()
      return [rest, compared]
    },
    leave: () => store.registry.leave(parts.id, { generation, now: clock.now() }),
  }
}

const card = (id: string): ProcessCard => ({
  ...{ id, roles: ['scheduler'], host: 'here', pid: 1, version: '1', environment: 'test', startedAt: 0 },
  ...{ queues: [], names: ['note'], catalogue: { note: 'notes' }, tz: '', clockAhead: 0, running: 0 },
})

async function opened(context: TestContext) {
  const world = await openWorld()
  const folder = openFolder(context)
  folder.write('a.yml', schedulesOf({ hourly: HOURLY, daily: "cron: '0 0 * * *'" }))
  const process = onlooker(world, folder.path, 'one')
  assert.deepEqual(await process.look(), [MINUTE, 1])
  return { world, folder, process }
}

test('a look that finds files and schedules as they were compares nothing, and all is compared anew each hour', async (context) => {
  const { world, process } = await opened(context)
  for (let minute = 0; minute < 59; minute++) {
    await world.pass(MINUTE)
    assert.deepEqual(await process.look(), [MINUTE, 1])
  }
  await world.pass(MINUTE)
  assert.deepEqual(await process.look(), [MINUTE, 2])
  await world.pass(HOUR)
  assert.deepEqual(await process.look(), [MINUTE, 3])
})

test('firing, pauses and schedules made at run time are no reason to compare', async (context) => {
  const { world, process } = await opened(context)
  const now = world.clock.now()
  await pause(world.store, 'daily', { by: 'ada', reason: 'holiday', now })
  await world.client.schedules.upsert('api', { cron: '* * * * *', job: 'note', queue: 'notes' })
  await world.pass(MINUTE)
  await world.scheduler().tick()
  assert.deepEqual(await process.look(), [MINUTE, 1])
})

test('a file that changes is noticed at the next look, also when its size and its time are as before', async (context) => {
  const { world, folder, process } = await opened(context)
  const path = join(folder.path, 'a.yml')
  const [size, then] = [statSync(path).size, new Date('2026-01-01T00:00:00Z')]
  utimesSync(path, then, then)
  assert.deepEqual(await process.look(), [MINUTE, 1])
  folder.write('a.yml', schedulesOf({ hourly: "cron: '5 * * * *'", daily: "cron: '0 0 * * *'" }))
  utimesSync(path, then, then)
  assert.deepEqual([statSync(path).size, statSync(path).mtimeMs], [size, then.getTime()])
  assert.deepEqual(await process.look(), [MINUTE, 2])
  assert.equal((await inForce(world))['hourly'], '2026-01-01T00:05:00.000Z')
  folder.write('b.yml', schedulesOf({ more: HOURLY }))
  assert.deepEqual(await process.look(), [MINUTE, 3])
  folder.remove('b.yml')
  folder.write('c.yml', schedulesOf({ other: HOURLY }))
  assert.deepEqual(await process.look(), [MINUTE, 4])
  assert.deepEqual(Object.keys(await inForce(world)), ['daily', 'hourly', 'other'])
})

test('a calendar that changes is noticed at the next look', async (context) => {
  const { folder, process } = await opened(context)
  mkdirSync(join(folder.path, 'calendars'))
  folder.write('calendars/public.yml', 'calendars: { public: { dates: [2026-01-01] } }\n')
  assert.deepEqual(await process.look(), [MINUTE, 2])
  folder.write('calendars/public.yml', 'calendars: { public: { dates: [2026-01-02] } }\n')
  assert.deepEqual(await process.look(), [MINUTE, 3])
  assert.deepEqual(await process.look(), [MINUTE, 3])
})

test('what a Redis lost is put back at the next look, be it all, one schedule, one queue or the names', async (context) => {
  const { world, process } = await opened(context)
  const { connection, prefix, schedules } = world.store
  const whole = await inForce(world)
  const keys = async (pattern: string): Promise<readonly string[]> =>
    ((await connection.command('KEYS', `${prefix}:${pattern}`)) as readonly string[]) ?? []
  let compared = 1
  for (const pattern of ['*', '{notes}:schedule:ID', '{notes}:*', 'schedules']) {
    const lost = await keys(pattern.replace('ID', (await schedules.home('daily'))?.id ?? ''))
    assert.ok(lost.length > 0, pattern)
    await connection.command('DEL', ...lost)
    compared += 1
    assert.deepEqual((await process.look())[1], compared, pattern)
    assert.deepEqual(await inForce(world), whole, pattern)
  }
})

test('what one of an older generation brings back late is taken out at the next look', async (context) => {
  const { world, process } = await opened(context)
  const { store } = world
  const hand = { store, by: 'frozen', generation: '0', reign: 0, tz: TZ_DATA }
  const late = (name: string): ScheduleDefinition => ({ ...LATE, name })
  assert.equal(await putInForce(hand, late('new'), 'file'), 'applied')
  assert.deepEqual((await process.look())[1], 2)
  assert.deepEqual(Object.keys(await inForce(world)), ['daily', 'hourly'])
  await store.schedules.settle('noted', { id: 'n'.repeat(16), queue: 'notes' })
  assert.deepEqual((await process.look())[1], 2)
  assert.equal(await putInForce(hand, late('noted'), 'file'), 'applied')
  assert.deepEqual((await process.look())[1], 3)
  assert.deepEqual(await process.look(), [MINUTE, 3])
  assert.equal(await putInForce(hand, late('noted'), 'file'), 'newer')
  assert.deepEqual(Object.keys(await inForce(world)), ['daily', 'hourly'])
})

test('a schedule whose move to another queue was broken off is noticed, and its home is mended', async (context) => {
  const { world, process } = await opened(context)
  const { store } = world
  const { rehome } = store.schedules
  const schedules: typeof store.schedules = {
    ...store.schedules,
    rehome: (name, from, to) => (from === null ? rehome(name, from, to) : Promise.reject(new Error('killed'))),
  }
  const hand = { store, by: 'api', generation: '0', reign: 0, tz: TZ_DATA }
  await putInForce(hand, { ...LATE, name: 'api' }, 'api')
  assert.deepEqual(await process.look(), [MINUTE, 1])
  const moved = { ...LATE, name: 'api', queue: 'post' }
  await assert.rejects(putInForce({ ...hand, store: { ...store, schedules } }, moved, 'api'), /killed/)
  assert.deepEqual((await schedules.home('api'))?.queue, 'notes')
  assert.deepEqual(await process.look(), [MINUTE, 2])
  assert.deepEqual((await schedules.home('api'))?.queue, 'post')
  assert.deepEqual(await process.look(), [MINUTE, 2])
})

test('schedules that are withheld, and a namespace in which one was renamed, are no reason to compare', async (context) => {
  const { world, folder, process } = await opened(context)
  folder.write('b.yml', schedulesOf(Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((n) => [`many-${n}`, HOURLY]))))
  await process.look()
  folder.remove('b.yml')
  folder.write('a.yml', schedulesOf({ renamed: `${HOURLY}, was: hourly` }))
  assert.deepEqual(await process.look(), [MINUTE, 4])
  assert.equal(Object.keys(await inForce(world)).length, 9)
  assert.deepEqual(await process.look(), [MINUTE, 4])
})

test("another's generation is noticed, and so is that it has gone: taking over is said once", async (context) => {
  const { world, process } = await opened(context)
  const other = openFolder(context)
  other.write('a.yml', schedulesOf({ hourly: "cron: '7 * * * *'" }))
  const newer = onlooker(world, other.path, 'two')
  await world.pass(MINUTE)
  assert.deepEqual(await newer.look(), [MINUTE, 1])
  for (const _ of [1, 2, 3])
    assert.deepEqual(await process.look(), [10 * SECOND, 1], 'it is refused without a look at all')
  assert.deepEqual(
    process.events.map(({ kind }) => kind),
    ['schedules.refused'],
  )
  await newer.leave()
  await world.pass(MINUTE)
  assert.deepEqual(await process.look(), [10 * SECOND, 1])
  await world.pass(2 * MINUTE)
  assert.deepEqual(await process.look(), [MINUTE, 2])
  assert.deepEqual(await process.look(), [MINUTE, 2])
  assert.deepEqual(
    process.events.map(({ kind }) => kind),
    ['schedules.refused', 'schedules.tookOver'],
  )
  assert.equal((await inForce(world))['hourly'], '2026-01-01T01:00:00.000Z')
})

test('files with a fault are looked at each ten seconds, and parsed again when a worker publishes the job', async (context) => {
  const { world, folder, process } = await opened(context)
  folder.write('b.yml', 'schedules: { late: { every: 1h, job: unheard, queue: notes } }\n')
  assert.deepEqual(await process.look(), [10 * SECOND, 2])
  assert.deepEqual(await process.look(), [10 * SECOND, 2])
  const published = { ...card('worker'), catalogue: { unheard: 'notes' } }
  await world.store.registry.announce(published, world.clock.now())
  assert.deepEqual(await process.look(), [MINUTE, 3])
  assert.ok((await inForce(world))['late'])
  assert.equal(process.events.filter(({ kind }) => kind === 'schedules.faulty').length, 1)
})

test('a page parses the files again when they or the jobs that are known have changed', async (context) => {
  const { world, folder } = await opened(context)
  const config = readConfig({ MORROW_SCHEDULES: folder.path, MORROW_ENV: 'test' })
  const see = seeingFaults(config, [])
  folder.write('b.yml', 'schedules: { late: { every: 1h, job: unheard, queue: notes } }\n')
  const faults = await see(world.store)
  assert.match(faults.join(), /unheard/)
  assert.equal(await see(world.store), faults)
  const published = { ...card('worker'), catalogue: { unheard: 'notes' } }
  await world.store.registry.announce(published, world.clock.now())
  const sound = await see(world.store)
  assert.deepEqual(sound, [])
  assert.equal(await see(world.store), sound)
  folder.removeAll()
  assert.match((await see(world.store)).join(), /does not exist/)
})
