import assert from 'node:assert/strict'
import { test } from 'node:test'
import { duration, instant } from '../../src/time/clock.ts'
import { MINUTE } from '../../src/time/duration.ts'
import { withdraw } from '../../src/timetable/apply.ts'
import { backfill } from '../../src/timetable/backfill.ts'
import { type HistoryEntry, history } from '../../src/timetable/history.ts'
import { runNow } from '../../src/timetable/run.ts'
import { act, randomDefinition } from './play.ts'
import { randomFrom } from './random.ts'
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
  await timetable.store.schedules.callOff(await timetable.homeOf('nightly'), { reign: timetable.hand.reign })
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
    [['cancelled', 0]],
  )
  const [fired, overlap] = [all.find(({ fate }) => fate === 'fired'), all.find(({ fate }) => fate === 'overlap')]
  assert.deepEqual([overlap?.jobs, overlap?.blockedBy?.id], [[], fired?.jobs[0]?.id])
  await timetable.store.schedules.callOff(await timetable.homeOf('nightly'), { reign: timetable.hand.reign })
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

test('no entry is left out, and none comes twice, when the oldest are dropped between two pages', async () => {
  for (const newestFirst of [true, false]) {
    for (const keep of [1, 2, 3, 5, 8]) {
      const timetable = await openTimetable()
      const { store } = timetable
      await timetable.apply(each())
      for (let minute = 1; minute <= 5; minute++) {
        timetable.at(minute * MINUTE)
        await timetable.fire()
        for (const _ of [1, 2]) await runNow(store, 'nightly', { by: 'ada', tz: TZ })
      }
      const home = await timetable.homeOf('nightly')
      const told = await timetable.ledger()
      const seen: string[] = []
      let after: string | null = null
      for (let dropped = false; ; dropped = true) {
        const page: Awaited<ReturnType<typeof history>> = await history(store, 'nightly', {
          after,
          count: 4,
          newestFirst,
        })
        assert.ok(page)
        seen.push(
          ...page.entries.map(
            ({ fate, first, last, count, jobs }) => `${fate} ${first} ${last} ${count} ${jobs[0]?.id}`,
          ),
        )
        after = page.next
        if (after === null) break
        if (!dropped) await store.schedules.fold(home, { keep, oldest: 0, tail: 100 })
      }
      assert.equal(new Set(seen).size, seen.length, `${newestFirst} ${keep}: ${seen.join('\n')}`)
      const left = newestFirst ? Math.max(4, keep) : Math.min(told.length, 4 + keep)
      assert.equal(seen.length, left, `newest first: ${newestFirst}, ${keep} kept`)
    }
  }
})

test('the entry of a run by hand names the one who asked for it, and a call that is sent again gets its own job', async () => {
  const timetable = await openTimetable()
  const { store } = timetable
  await timetable.apply(each({ timing: { kind: 'manual' } }))
  const runs = await Promise.all(
    ['ada', 'bob', 'eve'].map((by) => runNow(store, 'nightly', { by, tz: TZ, token: `call-${by}` })),
  )
  assert.deepEqual(
    (await pages(timetable, 10, false))
      .slice(1)
      .map(({ scheduler }) => scheduler)
      .sort(),
    ['ada', 'bob', 'eve'],
  )
  const again = await Promise.all(
    ['ada', 'bob', 'eve'].map((by) => runNow(store, 'nightly', { by, tz: TZ, token: `call-${by}` })),
  )
  assert.deepEqual(again, runs)
  assert.equal((await timetable.stands()).made, 3)
})

test('an earlier job in the way is looked for in the queue that the schedule fed then', async () => {
  const timetable = await openTimetable()
  await timetable.apply(each({ policies: { overlap: 'skip' } }))
  timetable.at(MINUTE)
  await timetable.fire()
  await timetable.store.schedules.fold(await timetable.homeOf('nightly'), { keep: 1, oldest: 0, tail: 0 })
  timetable.at(2 * MINUTE)
  await timetable.fire()
  const last = (await pages(timetable, 10, true))[0]
  assert.deepEqual([last?.fate, last?.blockedBy?.state], ['overlap', 'ready'])
})

test('who decided is told also after what no entry told any more was forgotten', async () => {
  const timetable = await openTimetable()
  await timetable.apply(each())
  for (let minute = 1; minute <= 4; minute++) {
    timetable.at(minute * MINUTE)
    await timetable.fire('mail', timetable.store, 's2')
    await timetable.store.schedules.fold(await timetable.homeOf('nightly'), { keep: 1_000, oldest: 0, tail: 0 })
  }
  timetable.at(5 * MINUTE)
  await timetable.fire('mail', timetable.store, 's2')
  const last = (await pages(timetable, 10, true))[0]
  assert.deepEqual([last?.scheduler, last?.queue, last?.generation], ['s2', 'mail', '1'])
})

test('whatever was done to a schedule, pages of any size tell each of its entries once', async () => {
  for (let seed = 2001; seed <= 2030; seed++) {
    const random = randomFrom(seed)
    const timetable = await openTimetable()
    await timetable.apply(randomDefinition(random))
    for (let step = 0; step < 30; step++) await act(timetable, random, { drops: seed % 3 === 0 })
    const whole = (await pages(timetable, 10_000, false)).map(brief)
    for (const count of [1, 3, 7]) {
      assert.deepEqual((await pages(timetable, count, false)).map(brief), whole, `seed ${seed}, ${count} a page`)
      const backwards = (await pages(timetable, count, true)).map(brief)
      assert.deepEqual(backwards, whole.toReversed(), `seed ${seed}, ${count} a page, newest first`)
    }
  }
})
