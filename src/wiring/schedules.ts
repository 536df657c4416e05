import type { JobContract } from '../job/contract.ts'
import { loop } from '../lifecycle/loop.ts'
import { type Service, service } from '../lifecycle/service.ts'
import { applySchedules } from '../scheduler/apply.ts'
import { type Duration, duration } from '../time/clock.ts'
import type { Base } from './base.ts'
import { catalogueFor } from './catalogue.ts'

/** Files with faults are read again after this long: a worker may have published the job that was not known. */
const AGAIN = duration(10_000)
/** They are read again after this long anyway: a Redis that was wiped gets its schedules back. */
const MINUTE = duration(60_000)

/** A scheduler that puts the schedule files in force when it starts, and again while they have faults. */
export function applying(base: Base, jobs: readonly JobContract[], moving: Service): Service {
  let said = ''
  const apply = async (): Promise<Duration> => {
    const { store, config } = base
    const { environment, schedules: folder, timeZone: defaultZone } = config
    const told = config.origins['schedules'] !== 'default'
    const catalogue = await catalogueFor(jobs, store)
    const { faults } = await applySchedules({ store, folder, told, environment, defaultZone, catalogue })
    if (faults.length > 0 && said !== faults.join('\n')) base.emit({ kind: 'schedules.faulty', faults })
    said = faults.join('\n')
    return faults.length > 0 ? AGAIN : MINUTE
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
