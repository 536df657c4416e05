import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { defineJob } from '../../src/job/definition.ts'
import { placeOf } from '../../src/job/id.ts'
import { HOUR, MINUTE } from '../../src/time/duration.ts'
import { pause } from '../../src/timetable/pause.ts'
import { declared, dying, proved, release, standing, start } from './fleet.ts'
import { openWorld, type World } from './world.ts'

const OFTEN = "cron: '*/7 * * * *'"
const note = defineJob({ name: 'note', queue: 'x' })

/** One schedule under names and in queues that change from release to release, and one beside it that stays as it is. */
const RELEASES = [
  declared({ stays: ['x', OFTEN], a: ['x', OFTEN] }),
  declared({ stays: ['x', OFTEN], b: ['x', `${OFTEN}, was: a`] }),
  declared({ stays: ['x', OFTEN], c: ['y', `${OFTEN}, was: b`] }),
  declared({ stays: ['x', OFTEN], a: ['y', `${OFTEN}, was: c`] }),
  declared({ stays: ['x', OFTEN], b: ['y', OFTEN] }),
]

const BRIEF = { given: null, force: false, sent: false, keep: false }
/** A name that is on its way to another queue while a schedule that it shall take over is in force: that one goes in the same apply. */
const MOVED_AWAY = [
  { ...BRIEF, which: 4, dies: null, passes: 0 },
  { ...BRIEF, which: 0, dies: 8, passes: 0 },
  { ...BRIEF, which: 1, dies: 12, sent: true, passes: 10 },
  { ...BRIEF, which: 2, dies: 13, keep: true, passes: 19 },
  { ...BRIEF, which: 2, force: true, dies: 21, sent: true, keep: true, passes: 4 },
  { ...BRIEF, which: 3, dies: 10, keep: true, passes: 20 },
]

const fire = async (world: World): Promise<void> => {
  const schedulers = [world.scheduler(), world.scheduler()]
  for (let rest = 0, left = 20; rest === 0 && left > 0; left--) {
    rest = Math.min(...(await Promise.all(schedulers.map((each) => each.tick()))))
  }
}

/** Runs what is ready: the ticks, each with the id of its schedule, whatever that was called. */
async function ran(world: World): Promise<readonly string[]> {
  const ticks: string[] = []
  const handler = note.handle((_, { id, tick }) => {
    ticks.push(`${placeOf(id).client} ${tick?.plannedAt.toISOString()}`)
  })
  await world.worker([handler]).work()
  return ticks
}

test('whatever is renamed, moved, rolled back, forced and killed at any step: what the last files say is in force, and no tick runs twice', async (context) => {
  const releases = await Promise.all(RELEASES.map((text) => release(context, text)))
  const chosen = process.env['MORROW_TEST_SEED']
  const seed = chosen === undefined ? Date.now() % 2 ** 31 : Number(chosen)
  context.diagnostic(`seed ${seed} (MORROW_TEST_SEED repeats it)`)
  const step = fc.record({
    which: fc.nat(RELEASES.length - 1),
    given: fc.option(fc.integer({ min: 1, max: 9 }), { freq: 1 }),
    force: fc.boolean(),
    dies: fc.option(fc.integer({ min: 1, max: 40 })),
    sent: fc.boolean(),
    keep: fc.boolean(),
    passes: fc.integer({ min: 0, max: 20 }),
  })
  let stories = 0
  const story = fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 12 }), async (all) => {
    const world = await openWorld('2026-01-01T00:01:00Z')
    const ticks: string[] = []
    for (const { which, given, force, dies, sent, keep, passes } of all) {
      const files = releases[which] ?? assert.fail()
      const { store } = dies === null ? world : dying(world.store, dies, sent)
      const how = { force, store, pending: keep ? ('keep' as const) : ('cancel' as const) }
      const done = await start(world, files, given)
        .apply(how)
        .catch(() => undefined)
      const names = Object.keys(await standing(world))
      if (done?.refused === null) assert.deepEqual(names, files.schedules.map(({ name }) => name).sort())
      await world.pass(passes * MINUTE)
      await fire(world)
      ticks.push(...(await ran(world)))
    }
    const files = releases[all.at(-1)?.which ?? 0] ?? assert.fail()
    await start(world, files).apply({ force: true })
    const wanted = files.schedules.map(({ name, queue }) => [name, queue])
    const stand = Object.entries(await standing(world)).map(([name, says]) => [name, says.split(' ')[0]])
    assert.deepEqual(stand, wanted.sort())
    await world.pass(7 * MINUTE)
    await fire(world)
    ticks.push(...(await ran(world)))
    assert.equal(new Set(ticks).size, ticks.length, `nothing runs twice: ${ticks.join(', ')}`)
    await proved(world)
    await world.store.connection.close()
    stories += 1
  })
  await fc.assert(story, { examples: [[MOVED_AWAY]], seed, numRuns: 1_000, interruptAfterTimeLimit: 10_000 })
  context.diagnostic(`${stories} stories`)
})

test('a schedule that is paused keeps id, pause and count over a chain of names and a change of queue at once', async (context) => {
  const world = await openWorld('2026-01-01T00:01:00Z')
  const ids = new Set<string>()
  for (const [index, text] of RELEASES.slice(0, 4).entries()) {
    await start(world, await release(context, text)).apply()
    if (index === 0) await pause(world.store, 'a', { by: 'ada', reason: 'no', now: world.clock.now() })
    await world.pass(10 * MINUTE)
    await fire(world)
    const one = (await world.store.schedules.list()).find(({ name }) => name !== 'stays')
    ids.add(one?.id ?? '')
    assert.deepEqual([one?.made, one?.pauses.map(({ by }) => by)], [0, ['ada']])
  }
  assert.equal(ids.size, 1)
  await proved(world)
})

test('two schedules that swap their names are a fault, and both stay as they are', async (context) => {
  const world = await openWorld()
  await start(world, await release(context, declared({ a: ['x', OFTEN], b: ['y', OFTEN] }))).apply()
  const before = await standing(world)
  const swapped = declared({ a: ['y', `${OFTEN}, was: b`], b: ['x', `${OFTEN}, was: a`] })
  const { faults, applied, withdrawn } = await start(world, await release(context, swapped)).apply()
  assert.deepEqual([faults.length, applied, withdrawn], [2, [], []])
  assert.deepEqual(await standing(world), before)
  await world.pass(HOUR)
  await fire(world)
  await proved(world)
})
