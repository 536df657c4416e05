import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openLedgers } from '../../src/scheduler/ledgers.ts'
import { HOUR } from '../../src/time/duration.ts'
import { each, openTimetable, START } from '../timetable/timetable.ts'

test('all ledgers are folded once an hour, some at a time, and one that grows in between as it grows', async () => {
  const { store, hand, apply, homeOf } = await openTimetable()
  const many = Array.from({ length: 520 }, (_, n) => `nightly-${n}`)
  await Promise.all(many.map((name) => apply(each({ name }))))
  const folded: string[] = []
  const fold: typeof store.schedules.fold = (home, bounds) => {
    folded.push(home.id)
    return store.schedules.fold(home, bounds)
  }
  const refused = (doing: string): never => assert.fail(`${doing} by ${hand.by}`)
  const ledgers = openLedgers({ ...store, schedules: { ...store.schedules, fold } }, refused)
  const counts: number[] = []
  const tidy = async (now: number): Promise<number> => {
    await ledgers.tidy(now)
    return counts.push(folded.length)
  }
  for (const now of [START, START, START, START + HOUR - 1]) await tidy(now)
  assert.deepEqual(counts, [500, 520, 520, 520])
  assert.equal(new Set(folded).size, 520)
  ledgers.told((await homeOf('nightly-7')).id, 32)
  await tidy(START + HOUR - 1)
  assert.equal(folded.at(-1), (await homeOf('nightly-7')).id)
  for (const now of [START + HOUR, START + HOUR]) await tidy(now)
  assert.deepEqual(counts.slice(4), [521, 1_021, 1_041])
})
