import assert from 'node:assert/strict'
import { test } from 'node:test'
import { queueKeys } from '../../src/store/keys.ts'
import { duration, instant } from '../../src/time/clock.ts'
import { DAY, HOUR, MINUTE } from '../../src/time/duration.ts'
import { withdraw } from '../../src/timetable/apply.ts'
import { backfill } from '../../src/timetable/backfill.ts'
import type { Why } from '../../src/timetable/causes.ts'
import { pause, resume } from '../../src/timetable/pause.ts'
import { runNow } from '../../src/timetable/run.ts'
import { skip } from '../../src/timetable/skip.ts'
import { why } from '../../src/timetable/why.ts'
import { each, openTimetable, START, type Timetable, TZ } from './timetable.ts'

const hours = (count: number) => instant(START + count * HOUR)
const HOURLY = { timing: { kind: 'cron', cron: ['0 * * * *'] } } as const

async function asked({ store }: Timetable, at: number): Promise<Why> {
  const answer = await why(store, 'nightly', instant(at))
  return answer.kind === 'explained' ? answer : assert.fail('expected a schedule of that name')
}

/** The sentences without what differs from run to run. */
const told = ({ lines }: Why): readonly string[] =>
  lines.map((line) => line.replace(/\b[0-9a-z]{25,35}\b/g, 'JOB').replace(/version [\w-]{8}/, 'version V'))

const ORIGIN =
  'By schedules/a.yml:3: 0 * * * * UTC (every hour on the hour, UTC); version V, generation 1, in force since 2026-01-01T00:00:00+00:00.'

test('why a tick ran: what planned it, who decided, when, and what became of its job', async () => {
  const timetable = await openTimetable()
  await timetable.apply(each(HOURLY))
  timetable.at(HOUR + 250)
  await timetable.fire()
  const answer = await asked(timetable, hours(1))
  assert.deepEqual(told(answer), [
    'nightly had a tick planned at 2026-01-01T01:00:00+00:00 UTC.',
    ORIGIN,
    'Decided on 2026-01-01T01:00:00.250Z by scheduler-1: fired, 250 ms late.',
    'Its job JOB is ready.',
  ])
  assert.deepEqual([answer.verdict, answer.before, answer.after], ['decided', hours(0), hours(2)])
  assert.equal(answer.definition?.source, 'schedules/a.yml:3')
  assert.deepEqual(await why(timetable.store, 'nothing', hours(1)), { kind: 'unknown' })
})

test('why a tick did not run: a pause, a call off, a calendar, a deadline, an earlier run', async () => {
  const timetable = await openTimetable()
  const { store } = timetable
  const dates = [{ name: 'holidays', dates: ['2026-01-02'], weekly: [] }]
  const policies = { overlap: 'skip', exclude: dates, deadline: duration(5 * MINUTE) } as const
  await timetable.apply(each({ ...HOURLY, policies }))
  await skip(store, 'nightly', { at: hours(3), by: 'ada', reason: 'no mails on Thursdays', now: START })
  for (const hour of [1, 2, 3]) {
    timetable.at(hour * HOUR)
    await timetable.fire()
  }
  await store.schedules.callOff(await timetable.homeOf('nightly'), { reign: timetable.hand.reign })
  timetable.at(4 * HOUR + 7 * MINUTE)
  await timetable.fire()
  await pause(store, 'nightly', { by: 'ada', reason: 'invoices are wrong', now: timetable.now() })
  timetable.at(5 * HOUR)
  await timetable.fire()
  timetable.at(DAY)
  await timetable.fire()
  const reasons = await Promise.all(
    [2, 3, 4, 5, 24].map(async (hour) => told(await asked(timetable, hours(hour))).slice(2)),
  )
  assert.deepEqual(
    reasons.map(([first]) => first),
    [
      'An earlier run had not ended, and overlap is skip.',
      'ada had called it off at 2026-01-01T00:00:00+00:00: no mails on Thursdays.',
      'Its deadline of 5 min had passed by 2 min.',
      'It was paused since 2026-01-01T04:07:00+00:00 by ada, until it is resumed: invoices are wrong.',
      'It is excluded by calendar holidays.',
    ],
  )
  assert.deepEqual(reasons[0]?.slice(1), [
    'Decided on 2026-01-01T02:00:00.000Z by scheduler-1: skipped: overlap.',
    'The run in the way, job JOB, is cancelled.',
  ])
})

test('why a tick was missed: how long nobody looked, by which policy, and which run stands for it', async () => {
  const timetable = await openTimetable()
  await timetable.apply(each({ ...HOURLY, policies: { missed: { kind: 'once', within: duration(3 * HOUR) } } }))
  timetable.at(6 * HOUR + 30 * MINUTE)
  await timetable.fire()
  const reasons = await Promise.all([1, 4, 6].map(async (hour) => told(await asked(timetable, hours(hour)))[2]))
  assert.deepEqual(reasons, [
    'It was missed: no scheduler looked until 5 h 30 min after it was due, and missed is once within 3 h.',
    'It was missed: no scheduler looked until 2 h 30 min after it was due, and missed is once within 3 h: the run of 2026-01-01T06:00:00+00:00 stands for it.',
    'It was missed: no scheduler looked until 30 min after it was due; missed is once within 3 h.',
  ])
  const range = { from: hours(1), to: hours(1), rate: 1, by: 'ada', tz: TZ }
  await backfill(timetable.store, 'nightly', range)
  const filled = await asked(timetable, hours(1))
  assert.deepEqual(
    filled.entries.map(({ fate }) => fate),
    ['missed', 'backfilled'],
  )
})

test('why nothing ran: no tick there, its neighbours, and clocks that were changed', async () => {
  const timetable = await openTimetable()
  await timetable.apply(each({ timing: { kind: 'cron', cron: ['30 1 * * *'] }, tz: 'Europe/London' }))
  timetable.at(86 * DAY)
  const [gap, shifted] = [Date.UTC(2026, 2, 29, 0, 30), Date.UTC(2026, 2, 29, 1)]
  const empty = await asked(timetable, gap)
  assert.equal(empty.verdict, 'not-planned')
  assert.deepEqual(told(empty).slice(2), [
    'The tick before it is planned at 2026-03-28T01:30:00+00:00, the tick after it at 2026-03-29T02:00:00+01:00.',
    '01:30 does not exist on 2026-03-29 in Europe/London (clocks go from 01:00 to 02:00): taken as 02:00.',
    'The clocks of Europe/London went from 01:00 to 02:00 there.',
  ])
  assert.equal((await asked(timetable, shifted)).verdict, 'to-come')
})

test('why nothing has run yet: it is overdue, or to come and will not run', async () => {
  const timetable = await openTimetable()
  await timetable.apply(each(HOURLY))
  timetable.at(HOUR + MINUTE)
  const overdue = await asked(timetable, hours(1))
  assert.deepEqual(
    [overdue.verdict, overdue.lines[2]],
    [
      'overdue',
      'It is due and has not been decided on yet: no scheduler has looked since (it is 2026-01-01T01:01:00+00:00 now).',
    ],
  )
  await skip(timetable.store, 'nightly', { at: hours(3), by: 'ada', now: timetable.now() })
  const coming = await asked(timetable, hours(3))
  assert.deepEqual(
    [coming.verdict, coming.lines.at(-1)],
    ['to-come', 'ada has called it off at 2026-01-01T01:01:00+00:00.'],
  )
})

test('why nothing was planned: the end, the limit, a manual schedule, none in force, or none known any more', async () => {
  const timetable = await openTimetable()
  const { store, hand } = timetable
  await timetable.apply(each({ ...HOURLY, policies: { limit: 1 } }))
  timetable.at(HOUR)
  await timetable.fire()
  const limited = await asked(timetable, hours(2))
  assert.ok(limited.lines.includes('Its limit of 1 job had been reached.'))
  assert.deepEqual([limited.verdict, limited.before, limited.after], ['not-planned', hours(1), null])
  const earlier = await asked(timetable, hours(1) - MINUTE)
  assert.deepEqual([earlier.lines.some((line) => line.includes('limit')), earlier.after], [false, hours(1)])
  await timetable.apply(each({ ...HOURLY, policies: { ends: hours(3) } }))
  timetable.at(4 * HOUR)
  await timetable.fire()
  assert.ok((await asked(timetable, hours(4))).lines.includes('It ended at 2026-01-01T03:00:00+00:00.'))
  await timetable.apply(each({ timing: { kind: 'manual' } }))
  const now = timetable.at(5 * HOUR)
  await runNow(store, 'nightly', { by: 'ada', tz: TZ })
  assert.deepEqual(
    (await asked(timetable, now)).lines[0],
    'A person had nightly run at 2026-01-01T05:00:00+00:00 UTC; no tick was planned there.',
  )
  assert.ok((await asked(timetable, now + 1)).lines.includes('It runs only when a person asks for it.'))
  await withdraw(hand, 'nightly', 'keep')
  const gone = await asked(timetable, hours(6))
  assert.deepEqual(
    [gone.verdict, gone.lines.at(-1)],
    ['not-in-force', 'It was taken out of force at 2026-01-01T05:00:00.000Z (generation 1).'],
  )
  await store.schedules.fold(await timetable.homeOf('nightly'), { keep: 1, oldest: 0, tail: 0 })
  assert.equal((await asked(timetable, hours(1))).verdict, 'forgotten')
})

test('a definition whose text has gone is not taken for another one', async () => {
  const timetable = await openTimetable()
  await timetable.apply(each(HOURLY))
  timetable.at(HOUR)
  await timetable.fire()
  const { id, queue, version } = await timetable.stands()
  await timetable.apply(each({ ...HOURLY, payload: 'other' }))
  await timetable.connection.command('HDEL', `${queueKeys(timetable.prefix, queue).names}${id}`, `=${version}`)
  const answer = await asked(timetable, hours(1))
  assert.deepEqual([answer.verdict, answer.definition], ['decided', null])
  assert.deepEqual(told(answer)[1], 'Decided on 2026-01-01T01:00:00.000Z by scheduler-1: fired.')
})

test('why a pause was over: who ended it', async () => {
  const timetable = await openTimetable()
  const { store } = timetable
  await timetable.apply(each(HOURLY))
  await pause(store, 'nightly', { by: 'ada', reason: 'invoices are wrong', now: START })
  timetable.at(HOUR)
  await timetable.fire()
  const now = timetable.at(HOUR + MINUTE)
  await resume(store, 'nightly', { by: 'bob', now, tz: TZ })
  assert.ok(
    (await asked(timetable, hours(1))).lines.includes(
      'It was paused since 2026-01-01T00:00:00+00:00 by ada, until 2026-01-01T01:01:00+00:00, when bob ended it: invoices are wrong.',
    ),
  )
})

test('why a run has not begun: it waits for the end of an earlier one, or for a worker that knows its name', async () => {
  const timetable = await openTimetable()
  await timetable.apply(each({ ...HOURLY, policies: { overlap: 'queue-one' } }))
  for (const hour of [1, 2]) {
    timetable.at(hour * HOUR)
    await timetable.fire()
  }
  const [, , , job, why] = told(await asked(timetable, hours(2)))
  assert.deepEqual([job, why], ['Its job JOB is held.', 'Job JOB waits for the end of an earlier run.'])
})
