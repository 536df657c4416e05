import type { JobContract } from '../job/contract.ts'
import { loop } from '../lifecycle/loop.ts'
import { type Service, service } from '../lifecycle/service.ts'
import { readScheduleFiles } from '../schedule/files.ts'
import { type Duration, duration } from '../time/clock.ts'
import { type AppliedFiles, applyFiles } from '../timetable/files.ts'
import type { Base } from './base.ts'
import { keepCanary } from './canary.ts'
import { catalogueFor } from './catalogue.ts'
import { TZ_DATA } from './version.ts'

/** Files with faults are read again after this long: a worker may have published the job that was not known. */
const AGAIN = duration(10_000)
/** They are read again after this long anyway: a Redis that was wiped gets its schedules back. */
const MINUTE = duration(60_000)
/** But reading them takes at most a hundredth of the time: ten thousand schedules are read each few minutes. */
const SHARE = 100

/**
 * A scheduler that puts the schedule files in force when it starts, and again while they have faults. `told` hears which
 * generation they are.
 */
export function applying(
  base: Base,
  jobs: readonly JobContract[],
  moving: Service,
  told: (generation: string) => void,
): Service {
  const say = saying(base)
  const apply = async (): Promise<Duration> => {
    if (base.presence.clockHeld()) return AGAIN
    const { id, store, config, clock } = base
    const startedAt = clock.monotonic()
    await keepCanary(base)
    const { environment, generation: given = null, schedules: folder, timeZone: defaultZone } = config
    const catalogue = await catalogueFor(jobs, store)
    const files = await readScheduleFiles(folder, { defaultZone, ...(catalogue ? { catalogue } : {}) })
    const isTold = config.origins['schedules'] !== 'default'
    const done = await applyFiles({ store, by: id, tz: TZ_DATA, files, environment, told: isTold, given })
    if (done.generation !== '') told(done.generation)
    say(done)
    if (done.faults.length > 0 || done.refused !== null) return AGAIN
    return duration(Math.max(MINUTE, SHARE * (clock.monotonic() - startedAt)))
  }
  const onError = (error: unknown): void => base.emit({ kind: 'error', doing: 'reading the schedule files', error })
  return service({
    name: 'the scheduler',
    start: () => moving.start(),
    run: async (signal) => {
      const applied = loop({ tick: apply, clock: base.clock, signal, onError })
      await Promise.race([applied, moving.ended])
      await moving.stop()
      await applied
    },
    stop: () => moving.stop(),
  })
}

/** Says what came of an apply, each thing once until it changes. */
function saying({ emit }: Base): (done: AppliedFiles) => void {
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
