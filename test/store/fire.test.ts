import assert from 'node:assert/strict'
import { test } from 'node:test'
import { placeOf } from '../../src/job/id.ts'
import { draw, HOME, ID, openNightly, run } from './nightly.ts'
import { NOTHING } from './places.ts'
import { KEEP_NOTHING, keysOf, START } from './test-queue.ts'

test('a due tick makes its job, writes the ledger and moves on, once, with three schedulers', async () => {
  const { queue, schedules, fire, ledger, stands } = await openNightly()
  queue.at(1_005)
  const { due, now, restAt } = await schedules.due('mail', 10)
  assert.deepEqual([due.map(({ id }) => id), now, restAt], [[ID], START + 1_005, null])
  const drawn = await Promise.all([1, 2, 3].map(() => fire(draw(1_000, 2_000, [run('T1', 1_000)]))))
  assert.deepEqual(
    drawn.map(([one]) => one?.kind),
    ['fired', 'moved', 'moved'],
  )
  assert.deepEqual(await queue.places(), { ...NOTHING, ready: ['T1'] })
  assert.deepEqual(await ledger(), ['applied 0 0 1 0', 'fired 1000 1000 1 5 0'])
  const { nextAt, dueAt, lastPlannedAt, lastFiredAt, made, counted } = await stands()
  assert.deepEqual([nextAt, dueAt, lastPlannedAt], [START + 2_000, START + 2_000, START + 1_000])
  assert.deepEqual([lastFiredAt, made, counted], [START + 1_005, 1, 1])
  const [first] = drawn[0] ?? []
  assert.ok(first?.kind === 'fired' && first.jobs[0]?.id)
  const { page, slot } = placeOf(first.jobs[0].id)
  const found = await queue.door.get(page, slot)
  assert.equal(found.kind === 'job' && found.job.id, first.jobs[0].id)
  assert.equal(found.kind === 'job' && found.job.dueAt, START + 1_000)
})

test('a tick that is not due by Redis’ clock is early, one of a schedule that has changed has moved', async () => {
  const { queue, fire } = await openNightly()
  queue.at(999)
  assert.deepEqual(await fire(draw(1_000, 2_000, [run('T1', 1_000)])), [{ kind: 'early' }])
  queue.at(1_000)
  assert.deepEqual(await fire(draw(1_000, 2_000, [run('T1', 1_000)], { rev: '2' })), [{ kind: 'moved' }])
  assert.deepEqual(
    await fire(draw(2_000, 3_000, [run('T1', 1_000)])),
    [{ kind: 'early' }].map(() => ({ kind: 'moved' })),
  )
  assert.deepEqual(await queue.places(), NOTHING)
})

test('ticks that make no job leave their reason, and the last one leaves no next', async () => {
  const { queue, schedules, fire, ledger } = await openNightly()
  queue.at(5_000)
  const rest = { kind: 'rest', first: START + 1_000, last: START + 3_000, count: 3, into: null } as const
  const coalesced = {
    ...rest,
    fate: 'coalesced',
    first: START + 4_000,
    last: START + 4_000,
    count: 1,
    into: START + 5_000,
  } as const
  await fire(draw(1_000, null, [{ ...rest, fate: 'missed' }, coalesced, run('T5', 5_000, { fate: 'late' })]))
  assert.deepEqual(await ledger(), [
    'applied 0 0 1 0',
    'missed 1000 3000 3 0',
    'coalesced 4000 4000 1 0  5000',
    'late 5000 5000 1 0 0',
  ])
  assert.deepEqual(await schedules.due('mail', 10), { now: START + 5_000, restAt: null, due: [], coming: [] })
  assert.deepEqual(await queue.places(), { ...NOTHING, ready: ['T5'] })
})

test('a tick after its deadline makes no job', async () => {
  const { queue, fire, ledger } = await openNightly()
  queue.at(1_501)
  const drawn = await fire(draw(1_000, 2_000, [run('T1', 1_000, { deadline: START + 1_500 })]))
  assert.deepEqual(drawn, [{ kind: 'fired', at: START + 1_501, jobs: [{ fate: 'deadline', id: null }] }])
  assert.deepEqual((await ledger()).at(-1), 'deadline 1000 1000 1 501')
  assert.deepEqual(await queue.places(), NOTHING)
})

test('with overlap skip a tick finds an unended job of its schedule, wherever that is', async () => {
  const { queue, fire, ledger } = await openNightly()
  const skip = { overlap: 'skip' } as const
  queue.at(1_000)
  await fire(draw(1_000, 2_000, [run('T1', 1_000)], skip))
  queue.at(2_000)
  const drawn = await fire(draw(2_000, 3_000, [run('T2', 2_000)], skip))
  assert.deepEqual(drawn, [{ kind: 'fired', at: START + 2_000, jobs: [{ fate: 'overlap', id: null }] }])
  const { jobs } = await queue.claim('w', 1)
  queue.at(3_000)
  await fire(draw(3_000, 4_000, [run('T3', 3_000)], skip))
  await queue.retry('w', 2, jobs, 60_000, '1')
  queue.at(4_000)
  await fire(draw(4_000, 5_000, [run('T4', 4_000)], skip))
  assert.deepEqual((await ledger()).slice(1), [
    'fired 1000 1000 1 0 0',
    'overlap 2000 2000 1 0 0',
    'overlap 3000 3000 1 0 0',
    'overlap 4000 4000 1 0 0',
  ])
  await queue.door.cancel(`${ID}:00000000`, 0)
  queue.at(5_000)
  await fire(draw(5_000, 6_000, [run('T5', 5_000)], skip))
  assert.deepEqual((await ledger()).at(-1), 'fired 5000 5000 1 0 1')
})

test('with queue-one one run waits behind the earlier one, and begins when that is over', async () => {
  const { queue, schedules, fire, ledger } = await openNightly()
  const one = { overlap: 'queue-one' } as const
  for (const at of [1_000, 2_000, 3_000]) {
    queue.at(at)
    await fire(draw(at, at + 1_000, [run(`T${at / 1_000}`, at)], one))
  }
  assert.deepEqual((await ledger()).slice(1), [
    'fired 1000 1000 1 0 0',
    'fired 2000 2000 1 0 1',
    'overlap 3000 3000 1 0 0',
  ])
  assert.deepEqual(await schedules.waiting('mail'), [ID])
  assert.equal(await schedules.admit(HOME), 'waits')
  const { jobs, labels } = await queue.claim('w', 1)
  assert.deepEqual(labels, ['T1'])
  await queue.complete('w', 2, jobs, '1')
  assert.equal(await schedules.admit(HOME), 'released')
  assert.equal(await schedules.admit(HOME), 'nothing')
  assert.deepEqual((await queue.places()).ready, ['T2'])
  assert.deepEqual(await schedules.waiting('mail'), [])
})

test('with cancel-previous the newest run stands: what waits is cancelled, what runs is waited for', async () => {
  const { queue, schedules, fire } = await openNightly()
  const newest = { overlap: 'cancel-previous' } as const
  queue.at(1_000)
  await fire(draw(1_000, 2_000, [run('T1', 1_000)], newest))
  queue.at(2_000)
  await fire(draw(2_000, 3_000, [run('T2', 2_000)], newest))
  assert.deepEqual((await queue.places()).ready, ['T2'])
  const { jobs } = await queue.claim('w', 1)
  for (const at of [3_000, 4_000]) {
    queue.at(at)
    await fire(draw(at, at + 1_000, [run(`T${at / 1_000}`, at)], newest))
  }
  assert.equal(await schedules.admit(HOME), 'waits')
  await queue.complete('w', 2, jobs, '1')
  assert.equal(await schedules.admit(HOME), 'released')
  assert.deepEqual((await queue.places()).ready, ['T4'])
})

test('a schedule with a limit makes so many jobs and plans nothing more', async () => {
  const { queue, schedules, fire, ledger, stands } = await openNightly()
  queue.at(3_000)
  const steps = [1_000, 2_000, 3_000].map((at) => run(`T${at / 1_000}`, at))
  await fire(draw(1_000, 4_000, steps, { limit: 2 }))
  assert.deepEqual((await ledger()).slice(1), [
    'fired 1000 1000 1 2000 0',
    'fired 2000 2000 1 1000 1',
    'limit 2000 2000 1 0',
  ])
  assert.equal((await stands()).nextAt, null)
  assert.deepEqual((await schedules.due('mail', 10)).due, [])
})

test('what is caught up comes one after the other and keeps the live tick waiting for nothing', async () => {
  const { queue, fire } = await openNightly()
  queue.at(60_000)
  const late = [1_000, 2_000].map((at, index) => run(`L${index}`, at, { fate: 'late', due: { in: (index + 1) * 100 } }))
  await fire(draw(1_000, 61_000, [...late, run('live', 60_000)]))
  assert.deepEqual(await queue.places(), { ...NOTHING, scheduled: ['L0+60100', 'L1+60200'], ready: ['live'] })
})

test('a call by a person makes its jobs once, however often it is sent, and shifts no tick', async () => {
  const { queue, fire, ledger, stands } = await openNightly()
  const hand = draw('token', null, [run('H', 500, { fate: 'by-hand', due: { in: 0 } })])
  const [first] = await fire(hand)
  const [again] = await fire(hand)
  assert.deepEqual([first?.kind, again?.kind], ['fired', 'known'])
  assert.deepEqual((await queue.places()).ready, ['H'])
  assert.deepEqual((await ledger()).length, 2)
  const { nextAt, counted, rev } = await stands()
  assert.deepEqual([nextAt, counted, rev], [START + 1_000, 0, '2'])
})

test('a call by a person that is sent again after those of others is still known', async () => {
  const { queue, fire } = await openNightly()
  const hand = (token: string, rev: string) =>
    draw(token, null, [run(token, 500, { fate: 'by-hand', due: { in: 0 } })], { rev })
  const calls = [hand('one', '1'), hand('two', '2'), hand('one', '3'), hand('one', '1'), hand('on', '3')]
  assert.deepEqual(
    (await fire(...calls)).map(({ kind }) => kind),
    ['fired', 'fired', 'known', 'known', 'fired'],
  )
  assert.deepEqual((await queue.places()).ready, ['one', 'two', 'on'])
})

test('ticks fill pages of their own, and a large payload lies apart', async () => {
  const { queue, fire } = await openNightly()
  const large = 'x'.repeat(3_000)
  for (let number = 1; number <= 66; number++) {
    queue.at(number * 1_000)
    const label = number === 66 ? large : `T${number}`
    await fire(draw(number * 1_000, (number + 1) * 1_000, [run(label, number * 1_000)]))
  }
  const { jobs, labels } = await queue.claim('w', 1)
  assert.deepEqual([labels.length, labels[0], labels[65]], [66, 'T1', large])
  await queue.complete('w', 2, jobs, '1')
  await queue.keeper.prune(KEEP_NOTHING)
  assert.deepEqual(await queue.places(), NOTHING)
  const left = (await keysOf(queue)).filter((key) => key.startsWith(queue.keys.pages))
  assert.deepEqual(left, [])
})

test('neighbouring ticks of one fate become one entry, the newest stay apart, and what is dropped is noted', async () => {
  const { queue, schedules, fire, ledger, stands } = await openNightly()
  const rest = { kind: 'rest', fate: 'paused', count: 1, into: null } as const
  for (let number = 1; number <= 12; number++) {
    const at = number * 1_000
    queue.at(at + number)
    const step = number > 4 && number < 8 ? { ...rest, first: START + at, last: START + at } : run(`T${number}`, at)
    await fire(draw(at, at + 1_000, [step]))
  }
  const bounds = { keep: 1_000, oldest: 0, tail: 2 }
  assert.equal(await schedules.fold(HOME, bounds), 6)
  const folded = [
    'applied 0 0 1 0',
    'fired 1000 4000 4 4 0',
    'paused 5000 7000 3 0',
    'fired 8000 10000 3 10 4',
    'fired 11000 11000 1 11 7',
    'fired 12000 12000 1 12 8',
  ]
  assert.deepEqual(await ledger(), folded)
  assert.equal(await schedules.fold(HOME, bounds), 6)
  assert.equal(await schedules.fold(HOME, { ...bounds, oldest: START + 5_000 }), 4)
  assert.deepEqual(await ledger(), folded.slice(2))
  assert.equal((await stands()).dropped, START + 4_000)
  assert.equal(await schedules.fold(HOME, { ...bounds, keep: 1 }), 1)
  const { texts, definitions } = await schedules.ledger(HOME, 0, -1)
  assert.deepEqual([...definitions.keys()], ['v1'])
  assert.equal(texts.size, 2)
})
