import type { JobContract } from '../job/contract.ts'
import { loop, type Tick } from '../lifecycle/loop.ts'
import { type Service, service } from '../lifecycle/service.ts'
import { readScheduleTexts, schedulesIn } from '../schedule/files.ts'
import { type Duration, duration } from '../time/clock.ts'
import { HOUR, MINUTE } from '../time/duration.ts'
import { type AppliedFiles, type Applying, applyAndWatch } from '../timetable/files.ts'
import type { Base } from './base.ts'
import { keepCanary } from './canary.ts'
import { catalogueFor } from './catalogue.ts'
import { TZ_DATA } from './version.ts'

/** Files with faults are looked at again after this long: a worker may have published the job that was not known. */
const AGAIN = duration(10_000)
/** Files are looked at again after this long anyway, and Redis is: one that was wiped gets its schedules back. */
const EACH = duration(MINUTE)
/** All is read and compared anew after this long, even where nothing seems to have changed. */
const ANEW = HOUR
/** Looking takes at most a fiftieth of the time. */
const SHARE = 50

/**
 * A scheduler that puts the schedule files in force when it starts, and again when they or what is in force have changed.
 * `told` hears which generation they are.
 */
export function applying(
  base: Base,
  jobs: readonly JobContract[],
  moving: Service,
  told: (generation: string) => void,
): Service {
  const look = looking(base, jobs, told)
  const tick = async (): Promise<Duration> => {
    // By a clock that has just leapt every process of a newer generation looks long gone.
    await base.presence.watchClock()
    return base.presence.clockHeld() ? AGAIN : look()
  }
  const onError = (error: unknown): void => base.emit({ kind: 'error', doing: 'reading the schedule files', error })
  return service({
    name: 'the scheduler',
    start: () => moving.start(),
    run: async (signal) => {
      const applied = loop({ tick, clock: base.clock, signal, onError })
      await Promise.race([applied, moving.ended])
      await moving.stop()
      await applied
    },
    stop: () => moving.stop(),
  })
}

/** What the last apply was made from, when that was, and how long to rest after a look that finds nothing new. */
type Last = Pick<Applying, 'holds'> & { readonly mark: string; readonly at: number; readonly rest: Duration }

/** What a look needs of the process. */
export type LookParts = Pick<Base, 'id' | 'store' | 'config' | 'clock' | 'emit'>

/**
 * One look at the schedule files, again and again; answers how long to rest. They are parsed and applied when their texts, the
 * jobs that are published or what is in force have changed since the last time; a look that finds nothing new is quick.
 */
export function looking(base: LookParts, jobs: readonly JobContract[], told: (generation: string) => void): Tick {
  const { id, store, config, clock } = base
  const { environment, generation: given = null, schedules: folder, timeZone: defaultZone } = config
  const say = saying(base)
  let last: Last | undefined
  return async () => {
    const startedAt = clock.monotonic()
    const restFor = (least: Duration): Duration => duration(Math.max(least, SHARE * (clock.monotonic() - startedAt)))
    await keepCanary(base)
    const catalogue = await catalogueFor(jobs, store)
    const texts = await readScheduleTexts(folder)
    const mark = texts.mark === null ? null : `${texts.mark} ${catalogue.mark}`
    if (last?.mark === mark && startedAt - last.at < ANEW && (await last.holds())) return restFor(last.rest)
    last = undefined
    const files = schedulesIn(texts, { defaultZone, catalogue })
    const isTold = config.origins['schedules'] !== 'default'
    const parts = { store, by: id, tz: TZ_DATA, files, environment, told: isTold, given }
    const { done, holds } = await applyAndWatch(parts)
    if (done.generation !== '') told(done.generation)
    say(done)
    const rest = done.faults.length > 0 || done.refused !== null ? AGAIN : EACH
    if (mark === null || !(await holds())) return restFor(rest)
    last = { holds, mark, at: startedAt, rest }
    return rest
  }
}

/** Says what came of an apply, each thing once until it changes. */
function saying({ emit }: Pick<Base, 'emit'>): (done: AppliedFiles) => void {
  const said = new Map<string, string>()
  const isNews = (what: string, text: string): boolean => {
    const before = said.get(what) ?? ''
    said.set(what, text)
    return text !== '' && text !== before
  }
  return ({ generation, refused, tookOver, withheld, faults }) => {
    if (isNews('faults', faults.join('\n'))) emit({ kind: 'schedules.faulty', faults })
    if (isNews('refused', refused ?? '')) emit({ kind: 'schedules.refused', reason: refused ?? '' })
    if (isNews('withheld', withheld.join('\n'))) emit({ kind: 'schedules.withheld', names: withheld })
    if (tookOver !== null) emit({ kind: 'schedules.tookOver', generation, from: tookOver })
  }
}
