import assert from 'node:assert/strict'
import { test } from 'node:test'
import { duration, instant } from '../../src/time/clock.ts'
import { MINUTE } from '../../src/time/duration.ts'
import { withdraw } from '../../src/timetable/apply.ts'
import { backfill } from '../../src/timetable/backfill.ts'
import { type HistoryEntry, history } from '../../src/timetable/history.ts'
import { runNow } from '../../src/timetable/run.ts'
import { each, openTimetable, START, type Timetable, TZ } from './timetable.ts'

async function pages(timetable: Timetable, count: number, newestFirst: boolean, between = async () => undefined) {
  const all: HistoryEntry[] = []
  for (let after: string | null = null; ; ) {
    const page = await history(timetable.store, 'nightly', { after, count, newestFirst })
    assert.ok(page)
    assert.ok(page.entries.length <= count)
    all.push(...page.entries)
    after = page.next
    if (after === null) return all
    await between()
  }
}

const brief = ({ words, first, last, count }: HistoryEntry): string =>
  [words, (first - START) / 1_000, (last - START) / 1_000, count].join(' ')

/** An outage in one queue, a tick and a run by hand in the next, and the end. */
async function eventful(): Promise<Timetable> {
  const timetable = await openTimetable()
  await timetable.apply(each({ policies: { missed: { kind: 'once', within: duration(5 * MINUTE) } } }))
  timetable.at(10 * MINUTE + 30_000)
  await timetable.fire('mail', timetable.store, 's1')
  await timetable.apply(each({ queue: 'post', policies: { overlap: 'skip' } }))
  for (const minute of [11, 12]) {
    timetable.at(minute * MINUTE)
    await timetable.fire('post', timetable.store, 's2')
  }
  await runNow(timetable.store, 'nightly', { by: 'ada', tz: TZ })
  const range = { from: instant(START + MINUTE), to: instant(START + MINUTE), rate: 1 }
  await backfill(timetable.store, 'nightly', { ...range, by: 'ada', tz: TZ })
  timetable.at(13 * MINUTE)
  await withdraw({ ...timetable.hand, generation: '2' }, 'nightly', 'keep')
  return timetable
}

const TOLD = [
  'applied 0 0 1',
  'skipped: missed-policy 60 300 5',
  'coalesced into 2026-01-01T00:10:00.000Z 360 540 4',
  'late 600 600 1',
  'withdrawn 630 630 1',
  'applied 630 630 1',
  'fired 660 660 1',
  'skipped: overlap 720 720 1',
  'by hand 720 720 1',
  'backfilled 60 60 1',
  'superseded by generation 2 780 780 1',
  'withdrawn 780 780 1',
]

test('a history tells what became of each tick, over all queues, from both ends and in pages of any size', async () => {
  const timetable = await eventful()
  for (const count of [1, 2, 5, 100]) {
    assert.deepEqual((await pages(timetable, count, false)).map(brief), TOLD)
    assert.deepEqual((await pages(timetable, count, true)).map(brief), TOLD.toReversed())
  }
  assert.equal(await history(timetable.store, 'nothing', { count: 1, newestFirst: true }), undefined)
})

test('an entry tells who decided, when, under what, and what became of its job', async () => {
  const timetable = await eventful()
  const all = await pages(timetable, 100, false)
  const late = all.find(({ fate }) => fate === 'late')
  assert.ok(late)
  assert.deepEqual(
    [late.at, late.lateness, late.scheduler, late.generation, late.tz, late.queue],
    [START + 10 * MINUTE + 30_000, 30_000, 's1', '1', TZ, 'mail'],
  )
  assert.deepEqual(
    late.jobs.map(({ state, attempts }) => [state, attempts]),
    [['ready', 0]],
  )
  const [fired, overlap] = [all.find(({ fate }) => fate === 'fired'), all.find(({ fate }) => fate === 'overlap')]
  assert.deepEqual([overlap?.jobs, overlap?.blockedBy?.id], [[], fired?.jobs[0]?.id])
  await timetable.store.schedules.callOff(await timetable.homeOf('nightly'))
  const after = (await pages(timetable, 100, false)).find(({ fate }) => fate === 'fired')
  assert.equal(after?.jobs[0]?.state, 'cancelled')
})

test('no entry is left out when the ledger is folded between two pages', async () => {
  for (const newestFirst of [true, false]) {
    const timetable = await openTimetable()
    await timetable.apply(each())
    for (let minute = 1; minute <= 30; minute++) {
      timetable.at(minute * MINUTE)
      await timetable.fire()
    }
    let tail = 28
    const seen = await pages(timetable, 3, newestFirst, async () => {
      tail -= 5
      const bounds = { keep: 1_000, oldest: 0, tail: Math.max(0, tail) }
      await timetable.store.schedules.fold(await timetable.homeOf('nightly'), bounds)
      return undefined
    })
    const minutes = new Set(
      seen.flatMap(({ first, count }) => Array.from({ length: count }, (_, index) => first + index * MINUTE)),
    )
    assert.equal(minutes.size, 31, `newest first: ${newestFirst}`)
  }
})
