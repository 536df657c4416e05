import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StoredSchedule } from '../../src/store/stored-schedule.ts'
import { MINUTE } from '../../src/time/duration.ts'
import { type Hand, putInForce, withdraw } from '../../src/timetable/apply.ts'
import { putManyInForce } from '../../src/timetable/apply-many.ts'
import { each, openTimetable } from './timetable.ts'

type Timetable = Awaited<ReturnType<typeof openTimetable>>

const standing = async ({ store }: Timetable): Promise<ReadonlyMap<string, StoredSchedule>> =>
  new Map((await store.schedules.list()).map((one) => [one.name, one]))

/** What stands of each, without what no two namespaces share. */
const facts = async (timetable: Timetable) =>
  [...(await standing(timetable)).values()].map(({ id: _id, ...fact }) => fact)

const wanted = (first: number, change = {}) =>
  Array.from({ length: 300 }, (_, n) => each({ name: `many-${first + n}`, ...change }))

/** A namespace in which some stand already, each in a way of its own. */
async function before(timetable: Timetable): Promise<void> {
  const { hand, store } = timetable
  await putManyInForce(hand, wanted(0), new Map())
  for (const [name, more] of [
    ['moved', { queue: 'post' }],
    ['former', {}],
    ['gone', {}],
  ] as const)
    await timetable.apply(each({ name, ...more }))
  await withdraw({ ...hand, store }, 'gone', 'cancel')
}

const LATER = [
  ...wanted(150),
  each({ name: 'many-1', timing: { kind: 'cron', cron: ['*/5 * * * *'] } }),
  each({ name: 'moved' }),
  each({ name: 'gone' }),
  { ...each({ name: 'renamed' }), policies: { ...each().policies, was: 'former' } },
]

test('many definitions put in force together stand as if they had been put in force one by one', async () => {
  const [together, singly] = [await openTimetable(), await openTimetable()]
  for (const timetable of [together, singly]) {
    await before(timetable)
    timetable.at(2 * MINUTE + 5)
  }
  const hand = (timetable: Timetable): Hand => ({ ...timetable.hand, generation: '2', reign: 2 })
  const answers = await putManyInForce(hand(together), LATER, await standing(together))
  const expected = []
  for (const definition of LATER) expected.push(await putInForce(hand(singly), definition, 'file'))
  assert.deepEqual(answers, expected)
  assert.deepEqual(await facts(together), await facts(singly))
  for (const name of ['many-1', 'many-2', 'many-449', 'moved', 'gone', 'renamed'])
    assert.deepEqual(await together.ledger(name), await singly.ledger(name), name)
  assert.equal(await together.store.schedules.home('former'), undefined)
})

test('one that another changed since it was read is put in force as it stands then', async () => {
  const timetable = await openTimetable()
  await before(timetable)
  const read = await standing(timetable)
  timetable.at(MINUTE)
  await timetable.fire()
  await timetable.apply(each({ name: 'many-7', job: 'other' }))
  await timetable.apply(each({ name: 'many-8', queue: 'post' }))
  timetable.at(MINUTE + 5)
  const answers = await putManyInForce(timetable.hand, wanted(0, { job: 'third' }), read)
  assert.deepEqual([...new Set(answers)], ['applied'])
  const [seventh, eighth] = [await timetable.ledger('many-7'), await timetable.ledger('many-8')]
  assert.deepEqual(seventh, ['applied 0 0 1', 'fired 60 60 1', 'applied 60 60 1', 'applied 60.005 60.005 1'])
  assert.equal((await timetable.homeOf('many-8')).queue, 'mail')
  assert.equal(eighth.at(-1), 'applied 60.005 60.005 1')
})

test('what a later reign has put in force is left alone', async () => {
  const timetable = await openTimetable()
  await before(timetable)
  const later = each({ name: 'many-3', job: 'later' })
  assert.equal(await putInForce({ ...timetable.hand, reign: 5 }, later, 'file'), 'applied')
  const answers = await putManyInForce(timetable.hand, wanted(0, { job: 'third' }), await standing(timetable))
  assert.equal(answers[3], 'newer')
  assert.equal((await timetable.stands('many-3')).reign, 5)
})

test('a failure is told once nothing is on its way any more, and the next apply ends what it began', async () => {
  const timetable = await openTimetable()
  const { schedules } = timetable.store
  let [calls, running] = [0, 0]
  const apply: typeof schedules.apply = async (...given) => {
    calls += 1
    if (calls === 3) throw new Error('killed')
    running += 1
    const answer = await schedules.apply(...given)
    running -= 1
    return answer
  }
  const dying = { ...timetable.store, schedules: { ...schedules, apply } }
  await assert.rejects(putManyInForce({ ...timetable.hand, store: dying }, wanted(0), new Map()), /killed/)
  assert.equal(running, 0)
  await putManyInForce(timetable.hand, wanted(0), await standing(timetable))
  assert.equal((await standing(timetable)).size, 300)
})
