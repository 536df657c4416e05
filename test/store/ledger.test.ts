import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeRecord } from '../../src/job/record.ts'
import type { Draw, DrawStep } from '../../src/store/firing.ts'
import { portions } from '../../src/store/portions.ts'
import { draw, HOME, ID, NIGHTLY, openNightly, run } from './nightly.ts'
import { keysOf, START } from './test-queue.ts'

const BOUNDS = { keep: 1_000, oldest: 0, tail: 8 }
const paused = (planned: number): DrawStep => {
  const at = START + planned
  return { kind: 'rest', fate: 'paused', first: at, last: at, count: 1, into: null }
}

test('a ledger of many entries is folded in portions, however many there are', async () => {
  const { queue, schedules, fire, ledger } = await openNightly()
  queue.at(9_000_000)
  const steps = Array.from({ length: 9_000 }, (_, index) => paused(index * 1_000 + 1_000))
  for (let first = 0; first < 9_000; first += 250) {
    await fire(draw((first + 1) * 1_000, (first + 251) * 1_000, steps.slice(first, first + 250)))
  }
  assert.equal((await schedules.ledger(HOME, 0, 0)).total, 9_001)
  assert.equal(await schedules.fold(HOME, BOUNDS), 10)
  assert.deepEqual((await ledger()).slice(0, 3), [
    'applied 0 0 1 0',
    'paused 1000 8992000 8992 0',
    'paused 8993000 8993000 1 0',
  ])
})

test('of a ledger that does not fold the oldest entries go, and a mark stays of when they ended', async () => {
  const { queue, schedules, fire, stands } = await openNightly()
  queue.at(3_000_000)
  const fates = ['paused', 'missed'] as const
  for (let first = 1; first <= 2_500; first += 250) {
    const steps = Array.from({ length: 250 }, (_, index): DrawStep => {
      const rest = paused((first + index) * 1_000)
      return { ...rest, fate: fates[(first + index) % 2] ?? 'paused' } as DrawStep
    })
    await fire(draw(first * 1_000, (first + 250) * 1_000, steps))
  }
  assert.equal(await schedules.fold(HOME, BOUNDS), 1_000)
  assert.equal((await stands()).dropped, START + 1_500_000)
  assert.equal((await schedules.ledger(HOME, 0, 0)).entries[0]?.first, START + 1_501_000)
  assert.equal(await schedules.fold(HOME, { ...BOUNDS, oldest: START + 2_499_000 }), 2)
})

test('numbers of processes are given anew before two bytes are too few, and tell the same as before', async () => {
  const { queue, schedules, fire } = await openNightly()
  const names = `${queue.keys.names}${ID}`
  const by = async () => {
    const { entries, texts } = await schedules.ledger(HOME, 0, -1)
    return entries.map(({ decidedBy, context }) => `${texts.get(decidedBy ?? 0)} ${texts.get(context)}`)
  }
  queue.at(1_000)
  await fire(draw(1_000, 2_000, [paused(1_000)]))
  await queue.connection.command('HSET', names, '#', 40_000)
  queue.at(2_000)
  await schedules.fire('mail', 'scheduler-2', [draw(2_000, 3_000, [run('T2', 2_000)])])
  const before = await by()
  assert.deepEqual(before, [
    '@scheduler-1 1 v1 2026a mail',
    '@scheduler-1 1 v1 2026a mail',
    '@scheduler-2 1 v1 2026a mail',
  ])
  await schedules.fold(HOME, BOUNDS)
  assert.deepEqual(await by(), before)
  assert.equal(await queue.connection.command('HGET', names, '#'), '3')
  await queue.connection.command('HSET', names, '#', 65_535)
  queue.at(3_000)
  await schedules.fire('mail', 'scheduler-3', [draw(3_000, 4_000, [run('T3', 3_000)])])
  assert.equal((await by()).at(-1), 'undefined 1 v1 2026a mail', 'a wrong process is worse than none')
})

test('what nothing in a ledger tells any more is forgotten though nothing was folded', async () => {
  const { queue, schedules, fire } = await openNightly()
  for (let second = 1; second <= 20; second++) {
    queue.at(second * 1_000)
    const one = draw(second * 1_000, second * 1_000 + 1_000, [
      second % 2 ? paused(second * 1_000) : run('T', second * 1_000),
    ])
    await schedules.fire('mail', `scheduler-${second}`, [one])
  }
  await schedules.fold(HOME, { keep: 4, oldest: 0, tail: 8 })
  assert.equal((await schedules.ledger(HOME, 0, -1)).texts.size, 5)
  await fire(draw(21_000, 22_000, [paused(21_000)]))
})

test('entries that a newer release wrote stay as they are', async () => {
  const { queue, schedules, fire } = await openNightly()
  const key = `${queue.keys.ledgers}${ID}`
  const strange = [`Z${'x'.repeat(28)}`, `Z${'x'.repeat(28)}`, `p${'y'.repeat(40)}`, 'short']
  await queue.connection.command('RPUSH', key, ...strange)
  queue.at(3_000)
  await fire(draw(1_000, 4_000, [paused(1_000), paused(2_000), paused(3_000)]))
  assert.equal(await schedules.fold(HOME, { ...BOUNDS, tail: 0 }), 6)
  assert.deepEqual(await queue.connection.command('LRANGE', key, 1, 4), strange)
})

test('a schedule one of whose keys is of another type stops a call before its first write', async () => {
  const { queue, schedules } = await openNightly()
  const other = 't'.repeat(16)
  await schedules.settle('other', { id: other, queue: 'mail' })
  assert.equal(await schedules.apply({ id: other, queue: 'mail' }, { ...NIGHTLY, name: 'other' }), 'applied')
  await queue.connection.command('DEL', `${queue.keys.ledgers}${other}`)
  await queue.connection.command('SET', `${queue.keys.ledgers}${other}`, 'no list')
  queue.at(1_000)
  const first = draw(1_000, 2_000, [run('T1', 1_000)])
  await assert.rejects(schedules.fire('mail', 's', [first, { ...first, id: other }]), /WRONGTYPE/)
  assert.deepEqual((await queue.places()).ready, [])
  assert.equal((await schedules.fire('mail', 's', [first]))[0]?.kind, 'fired')
})

test('a call carries 250 jobs and 256 KiB at most, however they are shared among schedules', () => {
  const step = (bytes: number): DrawStep => ({ ...run('T', 1_000), record: 'x'.repeat(bytes) }) as DrawStep
  const crowd = Array.from(
    { length: 100 },
    (): Draw =>
      draw(
        1_000,
        2_000,
        Array.from({ length: 12 }, () => step(10)),
      ),
  )
  const sizes = portions(
    crowd,
    () => 120,
    ({ steps }) => steps.length,
  ).map((some) => some.length)
  assert.deepEqual(sizes, [20, 20, 20, 20, 20])
})

test('a tick sent twice in one call, or again after a lost answer, makes its job once', async () => {
  const { queue, fire, ledger } = await openNightly()
  queue.at(1_000)
  const one = draw(1_000, 2_000, [run('T1', 1_000)])
  const kinds = [...(await fire(one, one)), ...(await fire(one))].map(({ kind }) => kind)
  assert.deepEqual(kinds, ['fired', 'moved', 'moved'])
  assert.deepEqual([(await queue.places()).ready, (await ledger()).length], [['T1'], 2])
})

test('what is caught up late is as late as its tick was due, spread included', async () => {
  const { queue, schedules, fire } = await openNightly()
  queue.at(60_000)
  await fire(draw(1_000, 61_000, [run('L', 1_000, { fate: 'late', due: { in: 100, since: START + 10_000 } })]))
  const { entries } = await schedules.ledger(HOME, -1, -1)
  assert.equal(entries[0]?.lateness, 50_000)
})

test('a retired schedule that comes back while it is given up stays', async () => {
  const { schedules, stands } = await openNightly()
  const aged = { keep: 1_000, oldest: START + 10_000, tail: 0 }
  const since = START + 500
  const retiring = { rev: '1', reign: 1, since, context: NIGHTLY.context, by: 's', from: START + 1_000 }
  await schedules.retire(HOME, { ...retiring, heir: '', owed: null })
  assert.equal(await schedules.fold(HOME, aged), -1)
  const { rev } = await stands()
  assert.equal(await schedules.apply(HOME, { ...NIGHTLY, rev, from: null }), 'applied')
  assert.equal(await schedules.forget(HOME), false)
  assert.equal((await stands()).version, 'v1')
})

test('the home of a schedule that is just being applied is not taken for one of which nothing is left', async () => {
  const { queue, schedules } = await openNightly()
  const fresh = { id: 'f'.repeat(16), queue: 'mail' }
  await schedules.settle('fresh', fresh)
  assert.equal(await schedules.fold(fresh, BOUNDS), 0)
  assert.equal(await queue.connection.command('EXISTS', `${queue.keys.schedules}${fresh.id}`), 0)
})

test('a large payload is a call of its own', () => {
  const { head, apart } = encodeRecord({
    name: 'job',
    ownId: '',
    failures: 0,
    interruptions: 0,
    extension: {},
    payload: 'x'.repeat(200_000),
  })
  const steps = [1, 2, 3].map(() => ({ ...run('T', 1_000), record: head, apart }) as DrawStep & { kind: 'job' })
  assert.equal(portions(steps, ({ record, apart }) => record.length + apart.length).length, 3)
})

test('ticks that a Redis has forgotten, which came back a second older, are fired again and counted once', async () => {
  const { queue, fire, ledger, stands } = await openNightly()
  const { connection, keys } = queue
  const inQueue = async () => (await keysOf(queue)).filter((key) => key.startsWith(keys.ready.replace(/ready$/, '')))
  const limit = { limit: 3 }
  queue.at(1_000)
  await fire(draw(1_000, 2_000, [run('T1', 1_000)], limit))
  for (const key of await inQueue()) await connection.command('COPY', key, `${keys.ready}-old ${key}`)
  queue.at(2_000)
  await fire(draw(2_000, 3_000, [run('T2', 2_000)], limit))
  const { jobs } = await queue.claim('w', 1)
  for (const key of await inQueue()) if (!key.includes('-old ')) await connection.command('DEL', key)
  for (const key of await inQueue()) await connection.command('RENAME', key, key.slice(key.indexOf(' ') + 1))
  assert.equal((await fire(draw(3_000, 4_000, [run('T3', 3_000)], limit)))[0]?.kind, 'moved')
  await fire(draw(2_000, 3_000, [run('T2', 2_000)], limit))
  await queue.complete('w', 2, jobs, '1')
  assert.deepEqual((await queue.places()).ready, ['T1', 'T2'])
  assert.deepEqual((await ledger()).slice(1), ['fired 1000 1000 1 0 0', 'fired 2000 2000 1 0 1'])
  const { made, counted, nextAt } = await stands()
  assert.deepEqual([made, counted, nextAt], [2, 2, START + 3_000])
})
