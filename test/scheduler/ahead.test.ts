import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openFiring } from '../../src/scheduler/fire.ts'
import { queueKeys } from '../../src/store/keys.ts'
import { MINUTE, SECOND } from '../../src/time/duration.ts'
import { putInForce } from '../../src/timetable/apply.ts'
import { pause } from '../../src/timetable/pause.ts'
import { openWorld } from '../flow/world.ts'
import { each, START, TZ } from '../timetable/timetable.ts'

/** Schedules of each minute in queue mail, and what fires their ticks; `looks` notes each look at what is due. */
async function openHerd(names: readonly string[], tz = TZ) {
  const world = await openWorld()
  const { connection } = world.store
  const { store, clock } = world
  const hand = { store, by: 'scheduler-1', generation: '1', reign: 1, tz: TZ }
  const apply = (name: string, more = {}) => putInForce(hand, each({ name, ...more }), 'file')
  for (const name of names) await apply(name)
  const looks: number[] = []
  const due: typeof store.schedules.due = (...given) => {
    looks.push(clock.now())
    return store.schedules.due(...given)
  }
  const parts = { store: { ...store, schedules: { ...store.schedules, due } }, emit: () => undefined, id: 's', clock }
  const ready = async () => (await store.inspector.counts('mail')).ready
  return { ...world, connection, apply, looks, ready, fire: openFiring({ ...parts, tz }, 'mail') }
}

const many = (count: number): readonly string[] => Array.from({ length: count }, (_, n) => `herd-${n}`)

test('ticks that are soon due are planned before, a portion a turn, and made at their instant without another look', async () => {
  const { fire, pass, looks, ready } = await openHerd(many(120))
  await pass(MINUTE - 3 * SECOND)
  assert.deepEqual([await fire(), await fire(), await fire()], [0, 0, 3_000])
  await pass(2_999)
  assert.equal(await fire(), 1)
  assert.equal(await ready(), 0)
  await pass(1)
  const seen = looks.length
  assert.equal(await fire(), 0)
  assert.deepEqual([await ready(), looks.length], [120, seen])
  assert.equal(await fire(), MINUTE)
})

test('a plan made ahead is refused when its schedule was paused, changed, or fired by another meanwhile', async () => {
  const { fire, pass, ready, store, apply, clock } = await openHerd(['paused', 'changed', 'fired', 'plain'])
  await pass(MINUTE - SECOND)
  assert.equal(await fire(), SECOND)
  await pause(store, 'paused', { by: 'ann', reason: 'a test', now: clock.now(), until: null })
  await apply('changed', { timing: { kind: 'cron', cron: ['*/2 * * * *'] } })
  await pass(SECOND)
  await openFiring({ store, emit: () => undefined, id: 'other', tz: TZ, clock }, 'mail')()
  assert.equal(await ready(), 2)
  await fire()
  while ((await fire()) === 0);
  assert.equal(await ready(), 2)
  await pass(MINUTE)
  while ((await fire()) === 0);
  assert.equal(await ready(), 5)
})

test('a plan made ahead makes nothing when its maker was frozen until the tick was missed, or when the clock went back', async () => {
  const { fire, pass, leap, ready } = await openHerd(['one'])
  await pass(MINUTE - SECOND)
  await fire()
  leap(-10 * SECOND)
  await pass(SECOND)
  await fire()
  assert.equal(await ready(), 0)
  leap(0)
  while ((await fire()) === 0);
  assert.equal(await ready(), 1)
  await pass(MINUTE - SECOND)
  await fire()
  await pass(5 * MINUTE)
  await fire()
  assert.equal(await ready(), 1, 'what was planned as live is missed now, and others decide on that')
})

test('schedules that this release cannot read keep nobody behind them from their ticks', async () => {
  const { fire, pass, ready, store, connection, apply } = await openHerd(many(260))
  const { schedules } = queueKeys(store.prefix, 'mail')
  for (const name of many(260)) {
    const home = await store.schedules.home(name)
    const unreadable = ['version', `newer-${name}`, 'definition', '{"timing":{"kind":"moon"}}']
    await connection.command('HSET', schedules + home?.id, ...unreadable)
  }
  await apply('last', { timing: { kind: 'cron', cron: ['1 1 0 * * *'] } })
  await pass(MINUTE - SECOND)
  const before: (number | null)[] = []
  while (before.at(-1) !== SECOND) before.push(await fire())
  assert.deepEqual(before, [0, 0, 0, 0, 0, SECOND], 'each was looked at once before it is due')
  await pass(2 * SECOND)
  const rests: (number | null)[] = []
  while (rests.at(-1) !== 5_000) rests.push(await fire())
  assert.deepEqual(rests, [0, 0, 0, 0, 0, 5_000])
  assert.equal(await ready(), 1)
})

test('a tick that other time-zone data has stored too early is not asked for again and again', async () => {
  const { fire, pass, store, connection } = await openHerd(['one'], '1999a')
  const { ticks } = queueKeys(store.prefix, 'mail')
  const home = await store.schedules.home('one')
  await connection.command('ZADD', ticks, String(START + MINUTE - 3 * SECOND), String(home?.id))
  await pass(MINUTE - 3 * SECOND)
  assert.equal(await fire(), 3 * SECOND)
})

test('older time-zone data that has computed a next tick is told, so that newer data computes it again', async () => {
  const { fire, pass, store, apply } = await openHerd(['one'], '1999a')
  await pass(MINUTE)
  while ((await fire()) === 0);
  const home = await store.schedules.home('one')
  assert.equal(home && (await store.schedules.read(home))?.tz, '1999a')
  assert.equal(await apply('one'), 'applied')
  assert.equal(home && (await store.schedules.read(home))?.tz, TZ)
})
