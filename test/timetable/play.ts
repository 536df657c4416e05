import type { ScheduleDefinition } from '../../src/schedule/definition.ts'
import type { MissedPolicy, OverlapPolicy } from '../../src/schedule/policies.ts'
import type { Store } from '../../src/store/store.ts'
import { duration, instant } from '../../src/time/clock.ts'
import { HOUR, MINUTE, SECOND } from '../../src/time/duration.ts'
import { putInForce, withdraw } from '../../src/timetable/apply.ts'
import { backfill } from '../../src/timetable/backfill.ts'
import { pause, resume } from '../../src/timetable/pause.ts'
import { runNow } from '../../src/timetable/run.ts'
import { skip } from '../../src/timetable/skip.ts'
import type { Random } from './random.ts'
import { each, START, type Timetable, TZ } from './timetable.ts'

const CRON = ['* * * * *', '*/7 * * * *', '0 * * * *', '30 2 * * *', '15,45 9-17 * * 1-5']
const MISSED: readonly MissedPolicy[] = [
  { kind: 'skip' },
  { kind: 'once' },
  { kind: 'once', within: duration(10 * MINUTE) },
  { kind: 'all', max: 5 },
  { kind: 'all', max: 150, within: duration(3 * HOUR) },
]
const OVERLAPS: readonly OverlapPolicy[] = ['allow', 'allow', 'allow', 'skip', 'queue-one', 'cancel-previous']
const LUNCH = [{ name: 'lunch', dates: [], weekly: [{ days: ['thu', 'fri'], from: '11:30', to: '13:00' }] }] as const

/** A definition with random policies. */
export const randomDefinition = (random: Random): ScheduleDefinition =>
  each({
    queue: random.of(['mail', 'mail', 'post']),
    tz: random.of(['UTC', 'Europe/London']),
    timing: random.oneIn(3)
      ? { kind: 'every', every: duration(random.of([20, 45, 600]) * SECOND), offset: duration(0) }
      : { kind: 'cron', cron: [random.of(CRON)] },
    policies: {
      missed: random.of(MISSED),
      overlap: random.of(OVERLAPS),
      ...(random.oneIn(4) ? { spread: duration(random.of([15, 90]) * SECOND) } : {}),
      ...(random.oneIn(4) ? { deadline: duration(3 * MINUTE) } : {}),
      ...(random.oneIn(5) ? { limit: 1 + random.upTo(40) } : {}),
      ...(random.oneIn(4) ? { exclude: LUNCH } : {}),
      ...(random.oneIn(6) ? { ends: instant(START + random.upTo(60) * HOUR) } : {}),
    },
  })

/** A process that dies in the middle of what it sends, or before it hears what came of it. */
function dying(store: Store, random: Random): Store {
  const { fire, apply, retire, rehome } = store.schedules
  let left = random.upTo(6)
  const orDie = async <Answer>(call: () => Promise<Answer>): Promise<Answer> => {
    if (left === 0 && random.oneIn(2)) throw new Error('killed')
    const answer = await call()
    if (left-- <= 0) throw new Error('killed')
    return answer
  }
  const schedules: Store['schedules'] = {
    ...store.schedules,
    fire: (queue, by, draws) =>
      orDie(() => fire(queue, by, left === 0 ? draws.slice(0, random.upTo(draws.length + 1)) : draws)),
    apply: (...given) => orDie(() => apply(...given)),
    retire: (...given) => orDie(() => retire(...given)),
    rehome: (...given) => orDie(() => rehome(...given)),
  }
  return { ...store, schedules }
}

/** What a play may do at one moment; `drops` are folds that drop what is old. */
export type Cast = { readonly drops: boolean }

/** Does one random thing to the schedule `nightly`. */
export async function act(timetable: Timetable, random: Random, { drops }: Cast): Promise<void> {
  const { store, hand } = timetable
  // Nobody moves a schedule twice in one millisecond.
  const [by, now] = ['ada', timetable.at(timetable.now() - START + 1)]
  switch (
    random.of(['fire', 'fire', 'fire', 'die', 'wait', 'wait', 'apply', 'person', 'person', 'fold', 'withdraw', 'end'])
  ) {
    case 'fire':
      await Promise.all(['s1', 's2', 's3'].slice(random.upTo(3)).map((by) => fireAll(timetable, store, by)))
      return
    case 'die':
      if (random.oneIn(2)) await fireAll(timetable, dying(store, random), 'dead').catch(() => undefined)
      else
        await putInForce({ ...hand, store: dying(store, random) }, randomDefinition(random), 'file').catch(
          () => undefined,
        )
      return
    case 'wait':
      timetable.at(now - START + random.of([SECOND, 25 * SECOND, MINUTE, 20 * MINUTE, 3 * HOUR]) + random.upTo(SECOND))
      return
    case 'apply':
      await timetable.apply(randomDefinition(random))
      return
    case 'withdraw':
      if (random.oneIn(3)) await withdraw(hand, 'nightly', random.of(['cancel', 'keep']))
      return
    case 'end':
      await store.schedules.callOff(await timetable.homeOf('nightly'), { reign: timetable.hand.reign })
      return
    case 'fold': {
      const home = await timetable.homeOf('nightly')
      const oldest = drops ? now - 6 * HOUR : 0
      for (const queue of ['mail', 'post']) {
        if ((await store.schedules.read({ ...home, queue })) === undefined) continue
        const left = await store.schedules.fold({ ...home, queue }, { keep: 1_000, oldest, tail: random.upTo(9) })
        if (left < 0 && queue === home.queue) {
          await store.schedules.rehome('nightly', home, null)
          await timetable.apply(randomDefinition(random))
        }
      }
      return
    }
    case 'person':
      return person(timetable, random, by)
  }
}

async function fireAll(timetable: Timetable, on: Store, by: string): Promise<void> {
  for (const queue of ['mail', 'post']) await timetable.fire(queue, on, by)
}

async function person(timetable: Timetable, random: Random, by: string): Promise<void> {
  const { store } = timetable
  const now = timetable.now()
  const missed = random.of(['skip', 'once', 'all'] as const)
  const back = random.upTo(4 * HOUR)
  const range = { from: instant(now - back), to: instant(now - random.upTo(back + 1)) }
  switch (random.of(['pause', 'resume', 'skip', 'run', 'backfill'])) {
    case 'pause':
      await pause(store, 'nightly', { by, reason: 'because', now, until: random.of([null, instant(now + HOUR)]) })
      return
    case 'resume':
      await resume(store, 'nightly', { by, now, tz: TZ, missed })
      return
    case 'skip':
      await skip(store, 'nightly', { count: 1 + random.upTo(3), by: 'ada', now })
      return
    case 'run':
      await runNow(store, 'nightly', { by, tz: TZ })
      return
    case 'backfill': {
      const two = random.oneIn(3) ? [by, 'bob'] : [by]
      await Promise.all(two.map((by) => backfill(store, 'nightly', { ...range, by, tz: TZ, rate: 10 })))
      return
    }
  }
}
