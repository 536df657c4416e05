import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ScheduleFiles } from '../../src/schedule/files.ts'
import type { StoredSchedule } from '../../src/store/stored-schedule.ts'
import { MINUTE, SECOND } from '../../src/time/duration.ts'
import { declared, dying, type Process, proved, release, start } from './fleet.ts'
import { openWorld, type World } from './world.ts'

const MINUTELY = "cron: '*/7 * * * *'"
const RELEASES = [
  declared({ kept: ['a', MINUTELY], moved: ['a', MINUTELY], changed: ['a', MINUTELY], old: ['a', MINUTELY] }),
  declared({
    kept: ['a', MINUTELY],
    moved: ['b', MINUTELY],
    changed: ['a', 'every: 5m'],
    young: ['a', `${MINUTELY}, was: old`],
  }),
  declared({
    kept: ['a', MINUTELY],
    moved: ['c', MINUTELY],
    come: ['b', 'every: 90s'],
    young: ['b', `${MINUTELY}, was: old`],
  }),
  declared({
    kept: ['a', MINUTELY],
    moved: ['a', MINUTELY],
    come: ['a', 'every: 90s, overlap: skip'],
    old: ['b', MINUTELY],
  }),
]

/** What happens: `who` picks one of the processes there are. */
type Act =
  | { readonly kind: 'start'; readonly release: number }
  | { readonly kind: 'apply' | 'kill' | 'stop'; readonly who: number }
  | { readonly kind: 'die'; readonly who: number; readonly after: number; readonly sent: boolean }
  | { readonly kind: 'pass'; readonly seconds: number }
  | { readonly kind: 'leap'; readonly minutes: number }
  | { readonly kind: 'fire' }

const who = fc.nat(3)
const acts: fc.Arbitrary<Act> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('start'), release: fc.nat(RELEASES.length - 1) }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('apply'), who }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('kill', 'stop'), who }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('die'),
      who,
      after: fc.integer({ min: 1, max: 60 }),
      sent: fc.boolean(),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('pass'), seconds: fc.integer({ min: 1, max: 200 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('leap'), minutes: fc.integer({ min: 1, max: 600 }) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('fire') }) },
) as fc.Arbitrary<Act>

type Crew = {
  readonly world: World
  readonly releases: readonly ScheduleFiles[]
  readonly alive: { readonly process: Process; readonly release: number }[]
  /** When a process that had a generation lived last, by its number. */
  readonly seen: Map<number, number>
}

test('whatever starts, stops, dies and rolls back: no schedule comes back or is lost, and each tick is decided on once', async (context) => {
  const releases = await Promise.all(RELEASES.map((text) => release(context, text)))
  const chosen = process.env['MORROW_TEST_SEED']
  const seed = chosen === undefined ? Date.now() % 2 ** 31 : Number(chosen)
  context.diagnostic(`seed ${seed} (MORROW_TEST_SEED repeats it)`)
  let stories = 0
  const story = fc.asyncProperty(fc.array(acts, { minLength: 10, maxLength: 40 }), async (all) => {
    const world = await openWorld()
    const crew: Crew = { world, releases, alive: [], seen: new Map() }
    for (const act of all) await play(crew, act)
    await settle(crew)
    await proved(world)
    await world.store.connection.close()
    stories += 1
  })
  await fc.assert(story, { seed, numRuns: 1_000, interruptAfterTimeLimit: 10_000 })
  context.diagnostic(`${stories} stories`)
})

async function play(crew: Crew, act: Act): Promise<void> {
  const { world, alive } = crew
  switch (act.kind) {
    case 'start': {
      const files = crew.releases[act.release]
      if (files) alive.push({ process: start(world, files), release: act.release })
      return
    }
    case 'apply':
      return applyOne(crew, alive[act.who % Math.max(1, alive.length)])
    case 'kill':
    case 'stop': {
      const [ended] = alive.splice(act.who % Math.max(1, alive.length), 1)
      if (act.kind !== 'stop' || !ended) return
      await ended.process.stop()
      noteSeen(crew, ended.process)
      return
    }
    case 'die': {
      const [ended] = alive.splice(act.who % Math.max(1, alive.length), 1)
      if (!ended) return
      noteSeen(crew, ended.process)
      const reigned = await reigning(world)
      const { store } = dying(world.store, act.after, act.sent)
      const lived = await ended.process.apply({ store }).then(
        () => true,
        () => false,
      )
      if (lived) noteSeen(crew, ended.process)
      // What came into force counts as living, though its process has died before it could say so.
      const reigns = await reigning(world)
      if (reigns !== reigned) crew.seen.set(reigns, world.clock.now())
      return
    }
    case 'pass':
      for (let left = act.seconds; left > 0; left -= 30) {
        await world.pass(Math.min(left, 30) * SECOND)
        await beatAll(crew)
      }
      return
    case 'leap':
      return world.pass(act.minutes * MINUTE)
    case 'fire':
      return fire(world)
  }
}

/** The number of the generation in force. */
const reigning = async ({ store }: World): Promise<number> =>
  Number(await store.connection.command('HGET', `${store.prefix}:generation`, 'number'))

const numberOf = (process: Process): number => Number(process.applied()?.generation || 0)

function noteSeen({ world, seen }: Crew, process: Process): void {
  const number = numberOf(process)
  if (number > 0) seen.set(number, world.clock.now())
}

async function beatAll(crew: Crew): Promise<void> {
  for (const { process } of crew.alive) {
    await process.beat()
    noteSeen(crew, process)
  }
}

async function fire(world: World): Promise<void> {
  const schedulers = [world.scheduler(), world.scheduler()]
  for (let rest = 0, left = 20; rest === 0 && left > 0; left--) {
    rest = Math.min(...(await Promise.all(schedulers.map((each) => each.tick()))))
  }
}

const key = ({ name, queue, version }: StoredSchedule): string => [name, queue, version].join(' ')

/** One apply: it comes into force if it may, then all of it and nothing else does, and what was there like that stays. */
async function applyOne(crew: Crew, one: Crew['alive'][number] | undefined): Promise<void> {
  if (!one) return
  const { store, clock } = crew.world
  noteSeen(crew, one.process)
  const reigned = await reigning(crew.world)
  const before = new Map((await store.schedules.list()).map((each) => [key(each), each]))
  const { refused } = await one.process.apply()
  const number = numberOf(one.process)
  const newer = [...crew.seen].filter(([other, at]) => other > number && clock.now() - at <= 2 * MINUTE)
  noteSeen(crew, one.process)
  assert.equal(refused === null, number >= reigned || newer.length === 0, `${number} after ${reigned}: ${refused}`)
  if (refused !== null) return
  const after = await store.schedules.list()
  const wanted = crew.releases[one.release]?.schedules.map(({ name, queue }) => `${name} ${queue}`).sort()
  assert.deepEqual(after.map(({ name, queue }) => `${name} ${queue}`).sort(), wanted)
  for (const each of after) {
    const { id, nextAt, since } = before.get(key(each)) ?? each
    assert.deepEqual([each.id, each.nextAt, each.since], [id, nextAt, since], `${each.name} was not changed`)
  }
}

/** All goes on for some minutes: then the newest that lives is in force, and the others are not. */
async function settle(crew: Crew): Promise<void> {
  if (crew.alive.length === 0) await play(crew, { kind: 'start', release: 0 })
  await play(crew, { kind: 'pass', seconds: 210 })
  for (const _ of [1, 2]) for (const one of crew.alive) await applyOne(crew, one)
  const newest = Math.max(...crew.alive.map(({ process }) => numberOf(process)))
  for (const { process } of crew.alive) {
    assert.equal(process.applied()?.refused === null, numberOf(process) === newest, 'the newest that lives is in force')
  }
  await play(crew, { kind: 'leap', minutes: 15 })
  await fire(crew.world)
}
