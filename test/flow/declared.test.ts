import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defineJob } from '../../src/job/definition.ts'
import { readValue } from '../../src/schedule/read-value.ts'
import type { Store } from '../../src/store/store.ts'
import { HOUR, MINUTE } from '../../src/time/duration.ts'
import { declare, remove } from '../../src/timetable/declare.ts'
import { declared, dying, proved, release, standing, start } from './fleet.ts'
import { openWorld, type World } from './world.ts'

const HOURLY = "cron: '0 * * * *'"
const note = defineJob({ name: 'note', queue: 'a' })

/** What a program says of a schedule of that queue. */
function definition(queue: string, says: Readonly<Record<string, string>> = {}, name = 'mine') {
  const read = readValue(name, { job: 'note', queue, cron: '0 * * * *', ...says }, 'api')
  assert.equal(read.kind, 'definition')
  return read.kind === 'definition' ? read.definition : assert.fail()
}

const declarer = (store: Store) => ({ store, by: 'program', tz: '2026a' })

const fire = async (world: World): Promise<void> => {
  const schedulers = [world.scheduler(), world.scheduler()]
  for (const _ of [1, 2]) await Promise.all(schedulers.map((each) => each.tick()))
}

/** Runs what is ready; the instants of those ticks. */
async function ran(world: World): Promise<readonly string[]> {
  const ticks: string[] = []
  const handler = note.handle(
    (_, { tick }) => void ticks.push(tick?.plannedAt.toISOString().slice(11, 16) ?? 'by hand'),
  )
  await world.worker([handler]).work()
  return ticks.sort()
}

function signal(): { readonly given: Promise<void>; readonly give: () => void } {
  let give = (): void => undefined
  const given = new Promise<void>((resolve) => {
    give = resolve
  })
  return { given, give: () => give() }
}

/** A store whose calls of one kind wait until they are let go; `reached` tells that one waits. */
function freezing(whole: Store, stop: 'apply' | 'callOff') {
  const [frozen, reached] = [signal(), signal()]
  const call = whole.schedules[stop] as (...given: unknown[]) => Promise<unknown>
  const slow = async (...given: unknown[]): Promise<unknown> => {
    reached.give()
    await frozen.given
    return call(...given)
  }
  const store = { ...whole, schedules: { ...whole.schedules, [stop]: slow } as Store['schedules'] }
  return { store, reached: reached.given, wake: frozen.give }
}

test('a program that dies while its schedule goes to another queue leaves one schedule: any scheduler finishes it', async (context) => {
  const files = await release(context, declared({ theirs: ['notes', HOURLY] }))
  for (const queue of ['b', 'a']) {
    for (let last = 1, done = false; !done; last++) {
      for (const sent of [true, false]) {
        const world = await openWorld('2026-01-01T00:20:00Z')
        await declare(declarer(world.store), definition('a'))
        await world.pass(HOUR)
        await fire(world)
        const { store } = dying(world.store, last, sent)
        done = await declare(declarer(store), definition(queue, { cron: '0 * * * *', description: 'moved' })).then(
          () => true,
          () => false,
        )
        await start(world, files).apply()
        const { mine } = await standing(world)
        assert.match(mine ?? '', /^[ab] 2026-01-01T02:00:00$/, `step ${last}`)
        await world.pass(HOUR)
        await fire(world)
        assert.deepEqual(await ran(world), ['01:00', '02:00', '02:00'], `each runs once, step ${last}`)
        assert.equal((await declare(declarer(world.store), definition('b'))).kind === 'in-file', false)
        assert.equal((await standing(world))['mine'], 'b 2026-01-01T03:00:00')
        assert.equal((await remove(declarer(world.store), 'mine', 'cancel')).kind, 'removed')
        await proved(world)
        await world.store.connection.close()
      }
    }
  }
})

test('two programs that move a schedule at once, one frozen in between, leave it in one queue', async () => {
  for (const queue of ['a', 'c']) {
    const world = await openWorld('2026-01-01T00:20:00Z')
    await declare(declarer(world.store), definition('a'))
    const { store, reached, wake } = freezing(world.store, 'apply')
    const sleeper = declare(declarer(store), definition('b'))
    await reached
    await declare(declarer(world.store), definition(queue))
    wake()
    await sleeper
    await world.pass(HOUR)
    await fire(world)
    assert.deepEqual(await ran(world), ['01:00'], queue)
    assert.deepEqual(await standing(world), { mine: 'b 2026-01-01T02:00:00' }, 'who was frozen said it last')
    await proved(world)
  }
})

test('a schedule whose move was broken off can be removed, and is not taken for an unknown one', async () => {
  const world = await openWorld('2026-01-01T00:20:00Z')
  await declare(declarer(world.store), definition('a'))
  const { store, reached } = freezing(world.store, 'apply')
  void declare(declarer(store), definition('b'))
  await reached
  assert.deepEqual(await standing(world), {})
  assert.equal((await remove(declarer(world.store), 'mine', 'cancel')).kind, 'removed')
  assert.equal((await remove(declarer(world.store), 'mine', 'cancel')).kind, 'unknown')
})

test('a program cannot take over a schedule of a file, nor one that is on its way to another queue, nor by its former name', async (context) => {
  const world = await openWorld('2026-01-01T00:20:00Z')
  const [first, second] = [
    await release(context, declared({ theirs: ['a', HOURLY] })),
    await release(context, declared({ theirs: ['b', HOURLY] })),
  ]
  await start(world, first).apply()
  const refused = { kind: 'in-file', source: 'schedules/a.yml:2' }
  const heir = definition('a', { was: 'theirs' })
  assert.deepEqual(await declare(declarer(world.store), heir), refused)
  const { store, reached } = freezing(world.store, 'apply')
  void start(world, second).apply({ store })
  await reached
  assert.deepEqual(await standing(world), {}, 'it is on its way')
  assert.deepEqual(await declare(declarer(world.store), definition('a', {}, 'theirs')), refused)
  assert.deepEqual(await declare(declarer(world.store), heir), refused)
  assert.deepEqual(await remove(declarer(world.store), 'theirs', 'cancel'), refused)
  await start(world, second).apply()
  assert.deepEqual(await standing(world), { theirs: 'b 2026-01-01T01:00:00' })
  await proved(world)
})

test('one who is frozen while it removes a schedule cancels no job of those who have put it in force again', async (context) => {
  const world = await openWorld('2026-01-01T00:20:00Z')
  const [with_, without] = [
    await release(context, declared({ kept: ['a', HOURLY], gone: ['a', HOURLY] })),
    await release(context, declared({ kept: ['a', HOURLY] })),
  ]
  await start(world, with_).apply()
  await world.pass(HOUR)
  await fire(world)
  const { store, reached, wake } = freezing(world.store, 'callOff')
  const sleeper = start(world, without).apply({ store })
  await reached
  await world.pass(3 * MINUTE)
  assert.equal((await start(world, with_).apply()).tookOver, 2)
  wake()
  await sleeper
  assert.deepEqual(await ran(world), ['01:00', '01:00'])
  assert.deepEqual(Object.keys(await standing(world)), ['gone', 'kept'])
  await proved(world)
})
