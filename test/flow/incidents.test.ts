import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { JobTick } from '../../src/job/context.ts'
import { defineJob } from '../../src/job/definition.ts'
import { OVERLAPS, type OverlapPolicy } from '../../src/schedule/policies.ts'
import { openScheduler } from '../../src/scheduler/scheduler.ts'
import { duration } from '../../src/time/clock.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../src/time/duration.ts'
import { declared, proved, release, start } from './fleet.ts'
import { openWorld, type World } from './world.ts'

const note = defineJob({ name: 'note', queue: 'notes' })

type Stage = World & {
  /** What ran, in the order in which it began. */
  readonly ticks: readonly JobTick[]
  /** Puts these schedules in force, each `name: what it says`, as a deploy does. */
  deploy(schedules: Readonly<Record<string, string>>): Promise<void>
  /** The scheduler that is there looks, and the worker works. */
  look(): Promise<void>
  /** Another scheduler takes the place of the one that was there. */
  restart(): void
  /** Lives through a time, looking so often. */
  live(time: number, every?: number): Promise<void>
}

async function stage(context: TestContext, at: string, schedules: Readonly<Record<string, string>>): Promise<Stage> {
  const world = await openWorld(at)
  const ticks: JobTick[] = []
  const worker = world.worker([note.handle((_, { tick }) => void (tick && ticks.push(tick)))])
  let scheduler = world.scheduler()
  const look = async (): Promise<void> => {
    for (let rest = 0, left = 30; rest === 0 && left > 0; left--) rest = await scheduler.tick()
    await worker.work()
  }
  const deploy = async (wanted: Readonly<Record<string, string>>): Promise<void> => {
    const all = Object.entries(wanted).map(([name, says]) => [name, ['notes', says]] as const)
    await start(world, await release(context, declared(Object.fromEntries(all)))).apply()
  }
  await deploy(schedules)
  await look()
  return {
    ...world,
    ticks,
    deploy,
    look,
    restart: () => {
      scheduler = world.scheduler()
    },
    live: async (time, every = MINUTE) => {
      for (let passed = 0; passed < time; passed += every) {
        await world.pass(Math.min(every, time - passed))
        await look()
      }
    },
  }
}

const planned = ({ ticks }: Pick<Stage, 'ticks'>): readonly string[] =>
  ticks.map(({ plannedAt }) => plannedAt.toISOString().slice(0, 16))

/** The ledger of the first schedule: fate, first tick and how many. */
async function ledger({ store }: World): Promise<readonly string[]> {
  const [schedule] = await store.schedules.list()
  if (schedule === undefined) return []
  const { entries } = await store.schedules.ledger(schedule, 0, -1)
  return entries.map(({ fate, first, count }) => `${fate} ${new Date(first).toISOString().slice(5, 16)} ${count}`)
}

test('the leader is stopped a second before the daily tick: another scheduler fires it 50 ms late', async (context) => {
  const play = await stage(context, '2026-03-02T08:00:00Z', { daily: "cron: '0 9 * * *'" })
  const other = play.scheduler()
  await play.live(59 * MINUTE + 59 * SECOND, 500)
  const rest = await other.tick()
  assert.ok(rest > 0 && rest <= SECOND + 50, `it means to look again in ${rest} ms`)
  await play.pass(rest)
  await other.tick()
  await play.live(HOUR)
  assert.deepEqual(planned(play), ['2026-03-02T09:00'])
  const [tick] = play.ticks
  assert.ok(tick && tick.firedAt.getTime() - tick.plannedAt.getTime() <= 50)
  await proved(play)
})

for (const [what, at] of [
  ['a second before', 9 * HOUR - SECOND],
  ['at the very instant', 9 * HOUR],
  ['half a second after', 9 * HOUR + 500],
  ['a minute after', 9 * HOUR + MINUTE],
] as const) {
  test(`a deploy ${what} of the daily tick, with every process restarted: the tick runs once, and the next one tomorrow`, async (context) => {
    const play = await stage(context, '2026-03-02T00:00:00Z', { daily: "cron: '0 9 * * *'" })
    await play.live(9 * HOUR - MINUTE, 10 * MINUTE)
    await play.pass(at - 9 * HOUR + MINUTE)
    play.restart()
    await play.deploy({ daily: "cron: '0 9 * * *', payload: { changed: true }", other: "cron: '30 9 * * *'" })
    await play.live(HOUR)
    await play.live(DAY, 10 * MINUTE)
    const daily = play.ticks.filter(({ schedule }) => schedule === 'daily')
    assert.deepEqual(planned({ ticks: daily }), ['2026-03-02T09:00', '2026-03-03T09:00'])
    await proved(play)
  })
}

for (const [says, runs, stood] of [
  ['missed: skip', [], []],
  ['missed: once', ['2026-03-02T10:40'], [8]],
  [
    'missed: all',
    ['10:05', '10:10', '10:15', '10:20', '10:25', '10:30', '10:35', '10:40'].map((time) => `2026-03-02T${time}`),
    [1, 1, 1, 1, 1, 1, 1, 1],
  ],
  ['missed: { policy: all, max: 3 }', ['2026-03-02T10:30', '2026-03-02T10:35', '2026-03-02T10:40'], [1, 1, 1]],
  ['missed: { policy: all, within: 10m }', ['2026-03-02T10:35', '2026-03-02T10:40'], [1, 1]],
] as const) {
  test(`40 minutes of outage with ${says}`, async (context) => {
    const play = await stage(context, '2026-03-02T10:00:00Z', { often: `cron: '*/5 * * * *', ${says}` })
    await play.pass(SECOND)
    await play.look()
    // The next tick is 10:45: what is caught up delays it by nothing.
    await play.pass(40 * MINUTE + 30 * SECOND)
    play.restart()
    await play.look()
    await play.live(12 * SECOND, 2 * SECOND)
    assert.deepEqual(planned(play), runs)
    assert.deepEqual(
      play.ticks.map(({ standsFor }) => standsFor),
      stood,
    )
    await play.live(5 * MINUTE, 10 * SECOND)
    const live = play.ticks.at(-1)
    assert.deepEqual(live?.plannedAt.toISOString(), '2026-03-02T10:45:00.000Z')
    await proved(play)
  })
}

test('a monthly run falls into the outage of a weekend: it runs on Monday, once, and knows for when', async (context) => {
  const play = await stage(context, '2026-07-31T18:00:00Z', { monthly: "cron: '0 3 1 * *', tz: Europe/Berlin" })
  await play.pass(2 * DAY + 14 * HOUR)
  play.restart()
  await play.look()
  await play.live(HOUR)
  assert.deepEqual(planned(play), ['2026-08-01T01:00'])
  assert.deepEqual(await ledger(play), ['applied 07-31T18:00 1', 'late 08-01T01:00 1'])
  await proved(play)
})

test('a job asked for between the two 01:30s of a night in New York begins the next day', async (context) => {
  const play = await stage(context, '2026-11-01T05:00:00Z', { first: "cron: '30 1 * * *', tz: America/New_York" })
  await play.live(45 * MINUTE)
  assert.deepEqual(planned(play), ['2026-11-01T05:30'])
  play.restart()
  await play.deploy({
    first: "cron: '30 1 * * *', tz: America/New_York",
    second: "cron: '30 1 * * *', tz: America/New_York",
  })
  await play.live(2 * HOUR)
  assert.deepEqual(planned(play), ['2026-11-01T05:30'])
  await play.live(DAY, 10 * MINUTE)
  assert.deepEqual(planned(play), ['2026-11-01T05:30', '2026-11-02T06:30', '2026-11-02T06:30'])
  await proved(play)
})

test('mails on the night the clocks change: once, with a scheduler restarted between the two 01:30s', async (context) => {
  const play = await stage(context, '2026-10-24T12:00:00Z', { mail: "cron: '30 1 * * *', tz: Europe/London" })
  await play.live(13 * HOUR, 5 * MINUTE)
  play.restart()
  await play.live(DAY, 5 * MINUTE)
  assert.deepEqual(planned(play), ['2026-10-25T00:30'])
  await play.live(12 * HOUR, 5 * MINUTE)
  assert.deepEqual(planned(play), ['2026-10-25T00:30', '2026-10-26T01:30'])
  await proved(play)
})

test('mails of the hour that is skipped: once, at its end', async (context) => {
  const play = await stage(context, '2026-03-28T12:00:00Z', { mail: "cron: '30 1 * * *', tz: Europe/London" })
  await play.live(2 * DAY, 15 * MINUTE)
  assert.deepEqual(planned(play), ['2026-03-29T01:00', '2026-03-30T00:30'])
  await proved(play)
})

test('every 20 hours with a daily restart and deploy: the grid stays, none is left out', async (context) => {
  const says = { long: 'every: 20h' }
  const play = await stage(context, '2026-03-01T03:00:00Z', says)
  for (let day = 0; day < 10; day++) {
    await play.live(DAY, 30 * MINUTE)
    play.restart()
    await play.deploy(day % 2 === 0 ? { ...says, other: "cron: '0 0 1 1 *'" } : says)
  }
  const at = play.ticks.map(({ plannedAt }) => plannedAt.getTime())
  assert.equal(at.length, 12)
  assert.ok(
    at.every((each, index) => each % (20 * HOUR) === 0 && (index === 0 || each - (at[index - 1] ?? 0) === 20 * HOUR)),
  )
  await proved(play)
})

test('a pattern is changed in the middle of a period: the new one begins there and owes nothing', async (context) => {
  const play = await stage(context, '2026-03-02T08:00:00Z', { daily: "cron: '0 9 * * *'" })
  await play.live(4 * HOUR)
  await play.deploy({ daily: "cron: '0 15 * * *'" })
  await play.live(2 * HOUR)
  await play.deploy({ daily: "cron: '0 13 * * *'" })
  await play.live(DAY, 10 * MINUTE)
  await play.deploy({ daily: "cron: '0 16 * * *'" })
  await play.live(DAY, 10 * MINUTE)
  assert.deepEqual(planned(play), ['2026-03-02T09:00', '2026-03-03T13:00', '2026-03-03T16:00'])
  await proved(play)
})

test('two schedulers with different time-zone data fire no tick twice, and the newer data decide', async (context) => {
  const play = await stage(context, '2026-10-24T12:00:00Z', { mail: "cron: '30 1 * * *', tz: Europe/London" })
  const files = await release(context, declared({ mail: ['notes', "cron: '30 1 * * *', tz: Europe/London"] }))
  const scheduler = (tz: string) => {
    const { store, clock } = play
    const parts = { ears: undefined, unknownFor: duration(DAY), emit: () => undefined, clockHeld: () => false }
    return openScheduler({ store, clock, id: tz, tz, ...parts })
  }
  const [older, newer] = [scheduler('2025c'), scheduler('2026b')]
  for (let hour = 0; hour < 48; hour++) {
    const [first] = await play.store.schedules.list()
    await start(play, files).apply({ tz: hour % 2 === 0 ? '2025c' : '2026b' })
    const [then] = await play.store.schedules.list()
    assert.equal(then?.nextAt, first?.nextAt)
    await play.pass(30 * MINUTE)
    await Promise.all([older.tick(), newer.tick()])
    await play.pass(30 * MINUTE)
    await Promise.all([newer.tick(), older.tick()])
    await play.look()
  }
  assert.equal((await play.store.schedules.list())[0]?.tz, '2026b')
  assert.deepEqual(planned(play), ['2026-10-25T00:30', '2026-10-26T01:30'])
  await proved(play, '2026b')
})

/** A worker whose job takes so long: what began when, how many at once, and a life minute by minute. */
function busy(world: World, takes: () => number) {
  const began: string[] = []
  let [running, most] = [0, 0]
  const handler = note.handle(async (_, { tick }) => {
    const at = new Date(world.clock.now()).toISOString()
    began.push(`${tick?.plannedAt.toISOString().slice(11, 16)} at ${at.slice(11, 16)}`)
    running += 1
    most = Math.max(most, running)
    await world.clock.sleep(duration(takes()))
    running -= 1
  })
  const worker = world.worker([handler], { concurrency: 10, lease: duration(30 * DAY) })
  const scheduler = world.scheduler()
  const look = async (): Promise<void> => {
    for (let rest = 0, left = 30; rest === 0 && left > 0; left--) rest = await scheduler.tick()
    worker.hear('ready notes')
    await worker.tick()
  }
  const live = async (time: number, every = MINUTE): Promise<void> => {
    for (let passed = 0; passed < time; passed += every) {
      await world.pass(every)
      // What ended is settled, what waited behind it begins.
      for (let turn = 0; turn < 4; turn++) await look()
    }
  }
  return { began, live, most: () => most }
}

const BUSY: Readonly<Record<OverlapPolicy, { readonly began: readonly string[]; readonly most: number }>> = {
  allow: {
    began: ['10', '20', '30', '40', '50'].map((minute) => `00:${minute} at 00:${minute}`).concat('01:00 at 01:00'),
    most: 3,
  },
  skip: { began: ['00:10 at 00:10', '00:40 at 00:40'], most: 1 },
  'queue-one': { began: ['00:10 at 00:10', '00:20 at 00:35', '00:40 at 01:00'], most: 1 },
  'cancel-previous': { began: ['00:10 at 00:10', '00:30 at 00:35', '01:00 at 01:00'], most: 1 },
}

for (const overlap of OVERLAPS) {
  test(`a busy worker has a job that takes 25 minutes, every 10 minutes, overlap: ${overlap}`, async (context) => {
    const world = await openWorld('2026-03-02T00:00:00Z')
    const says = `cron: '*/10 * * * *', ends: '2026-03-02T01:00:00Z', overlap: ${overlap}`
    await start(world, await release(context, declared({ often: ['notes', says] }))).apply()
    const play = busy(world, () => 25 * MINUTE)
    await play.live(3 * HOUR)
    const { began, most } = BUSY[overlap]
    assert.deepEqual([play.began, play.most()], [began, most])
    const { ready, active, held } = await world.store.inspector.counts('notes')
    assert.deepEqual([ready, active, held], [0, 0, 0])
    await proved(world)
  })
}

test('a job blocks its own next tick for a week: each tick says so, and the first one after it runs', async (context) => {
  const world = await openWorld('2026-03-02T00:00:00Z')
  const says = "cron: '0 3 * * *', overlap: skip"
  await start(world, await release(context, declared({ daily: ['notes', says] }))).apply()
  const play = busy(world, () => (play.began.length === 1 ? 7 * DAY + HOUR : MINUTE))
  await play.live(9 * DAY, 30 * MINUTE)
  assert.deepEqual(play.began, ['03:00 at 03:00', '03:00 at 03:00'])
  const skipped = [3, 4, 5, 6, 7, 8, 9].map((day) => `overlap 03-0${day}T03:00 1`)
  assert.deepEqual(await ledger(world), [
    'applied 03-02T00:00 1',
    'fired 03-02T03:00 1',
    ...skipped,
    'fired 03-10T03:00 1',
  ])
  await proved(world)
})
