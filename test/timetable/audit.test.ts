import assert from 'node:assert/strict'
import { test } from 'node:test'
import { queueKeys } from '../../src/store/keys.ts'
import { instant } from '../../src/time/clock.ts'
import { HOUR, MINUTE } from '../../src/time/duration.ts'
import { withdraw } from '../../src/timetable/apply.ts'
import { auditAll, differenceInWords, isProved, provedSince } from '../../src/timetable/audit.ts'
import { runNow } from '../../src/timetable/run.ts'
import { act, randomDefinition } from './play.ts'
import { type Random, randomFrom } from './random.ts'
import { each, openTimetable, START, type Timetable, TZ } from './timetable.ts'

const STEPS = 40

async function play(random: Random, drops: boolean): Promise<Timetable> {
  const timetable = await openTimetable()
  await timetable.apply(randomDefinition(random))
  for (let step = 0; step < STEPS; step++) await act(timetable, random, { drops })
  for (const queue of ['mail', 'post']) await timetable.fire(queue)
  return timetable
}

/** Takes an entry out of a ledger, writes it twice, or alters its fate, its instants or its count. */
const SPOIL = `
local all, at, how = redis.call('LRANGE', KEYS[1], 0, -1), tonumber(ARGV[1]), ARGV[2]
local text = all[at]
if how == 'remove' then table.remove(all, at) end
if how == 'double' then table.insert(all, at, text) end
if how == 'fate' then all[at] = (('flb'):find(text:sub(1, 1), 1, true) and 'm' or 'f') .. text:sub(2) end
if how == 'later' then all[at] = text:sub(1, 10) .. string.char(255 - text:byte(11)) .. text:sub(12) end
if how == 'count' then all[at] = text:sub(1, 28) .. string.char((text:byte(29) + 1) % 256) end
redis.call('DEL', KEYS[1])
for _, each in ipairs(all) do redis.call('RPUSH', KEYS[1], each) end
return text`

const HOWS = ['remove', 'double', 'fate', 'later', 'count'] as const

async function spoil({ store, prefix, connection, homeOf }: Timetable, index: number, how: (typeof HOWS)[number]) {
  const { id, queue } = await homeOf('nightly')
  const key = `${queueKeys(prefix, queue).ledgers}${id}`
  await connection.command('EVAL', SPOIL, 1, key, index + 1, how)
  return store.schedules.ledger({ id, queue }, 0, -1)
}

test('whatever is done to a schedule, its audit finds that each tick was decided on once', async () => {
  for (let seed = 1; seed <= 60; seed++) {
    const timetable = await play(randomFrom(seed), seed % 4 === 0)
    const { differences, home } = await timetable.audit()
    const ledger = (await timetable.ledger()).join('\n')
    const copies = await Promise.all(
      ['mail', 'post'].map((queue) => timetable.store.schedules.read({ ...home, queue })),
    )
    const inForce = copies.filter((copy) => copy !== undefined && copy.version !== '')
    assert.ok(inForce.length <= 1, `seed ${seed}: in force in two queues at once\n${ledger}`)
    assert.deepEqual(differences, [], `seed ${seed}: ${JSON.stringify(differences)}\n${ledger}`)
  }
})

test('an entry that has gone from a ledger or was altered is found', async () => {
  for (let seed = 1001; seed <= 1060; seed++) {
    const random = randomFrom(seed)
    const timetable = await play(random, false)
    const { entries } = await timetable.store.schedules.ledger(await timetable.homeOf('nightly'), 0, -1)
    // Whether a definition without ticks was ever in force makes no difference to any tick.
    const told = [...entries.keys()].filter(
      (index) => !['applied', 'withdrawn', 'limit'].includes(entries[index]?.fate ?? ''),
    )
    if (told.length === 0) continue
    const [index, how] = [random.of(told), random.of(HOWS)]
    const before = (await timetable.ledger()).join('\n')
    if (how !== 'remove' && ['by-hand'].includes(entries[index]?.fate ?? '')) continue
    await spoil(timetable, index, how)
    const { differences } = await timetable.audit('nightly', instant(0))
    assert.notDeepEqual(differences, [], `seed ${seed}: ${how} ${JSON.stringify(entries[index])} in\n${before}`)
  }
})

test('ticks that are due and wait for their decision are overdue, and after it they are not', async () => {
  const timetable = await openTimetable()
  await timetable.apply(each())
  timetable.at(3 * MINUTE)
  await timetable.fire()
  timetable.at(10 * MINUTE)
  const { differences, expected } = await timetable.audit()
  const words = differences.map((each) => `${(each.first - START) / MINUTE} ${differenceInWords(each)}`)
  assert.deepEqual([words, expected], [['4 5 ticks are due and not decided on yet'], 8])
  await timetable.fire()
  const whole = await timetable.audit()
  assert.deepEqual([whole.differences, whole.expected, isProved(whole)], [[], 10, true])
})

test('where entries were dropped an audit says since when it proves', async () => {
  const timetable = await openTimetable()
  await timetable.apply(each())
  for (let minute = 1; minute <= 20; minute++) {
    timetable.at(minute * MINUTE)
    await timetable.fire()
  }
  const home = await timetable.homeOf('nightly')
  await timetable.store.schedules.fold(home, { keep: 1_000, oldest: START + 10 * MINUTE, tail: 100 })
  const audited = await timetable.audit()
  assert.deepEqual([audited.differences, audited.dropped, isProved(audited)], [[], true, false])
  assert.equal(audited.provedSince, START + 9 * MINUTE + 1)
  assert.deepEqual([audited.expected, audited.recorded], [11, { fired: 11 }])
  assert.equal(isProved(await timetable.audit('nightly', instant(START + 10 * MINUTE))), true)
})

test('all schedules of a namespace are audited, those that were moved or are in force no more too', async () => {
  const timetable = await openTimetable()
  const { store, hand } = timetable
  for (const name of ['a', 'b', 'c']) await timetable.apply(each({ name }))
  timetable.at(5 * MINUTE)
  await timetable.fire()
  await timetable.apply(each({ name: 'b', queue: 'post' }))
  await withdraw(hand, 'c', 'cancel')
  timetable.at(HOUR)
  for (const queue of ['mail', 'post']) await timetable.fire(queue)
  const all = []
  for await (const audited of auditAll(store, { since: START, tz: TZ })) all.push(audited)
  assert.deepEqual(
    all.map(({ name, home, inForce, expected, differences }) => [name, home.queue, inForce, expected, differences]),
    [
      ['a', 'mail', true, 60, []],
      ['b', 'post', true, 60, []],
      ['c', 'mail', false, 5, []],
    ],
  )
  assert.equal(provedSince(all), START)
  await store.schedules.rehome('formerly', null, await timetable.homeOf('b'))
  const names = []
  for await (const { name } of auditAll(store, { since: START, tz: TZ })) names.push(name)
  assert.deepEqual(names, ['a', 'b', 'c'], 'a schedule that is given another name has both for a moment')
})

test('a run by hand is in the audit by the number of its job', async () => {
  const timetable = await openTimetable()
  await timetable.apply(each({ timing: { kind: 'manual' } }))
  for (const _ of [1, 2]) await runNow(timetable.store, 'nightly', { by: 'ada', tz: TZ })
  const whole = await timetable.audit()
  assert.deepEqual([whole.differences, whole.expected, whole.recorded['by-hand']], [[], 0, 2])
  await spoil(timetable, 2, 'remove')
  assert.deepEqual(
    (await timetable.audit()).differences.map(({ kind }) => kind),
    ['broken'],
  )
})
