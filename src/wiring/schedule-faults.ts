import type { Config } from '../config.ts'
import type { JobContract } from '../job/contract.ts'
import { formatFault } from '../schedule/fault.ts'
import { readScheduleTexts, schedulesIn } from '../schedule/files.ts'
import type { Store } from '../store/store.ts'
import { catalogueFor } from './catalogue.ts'

/**
 * Tells what is wrong with the schedule files; that there are none is a fault only where somebody said where they are. They are
 * read each time, and parsed when they or the jobs that are known have changed.
 */
export function seeingFaults(
  { schedules, timeZone: defaultZone, origins }: Config,
  jobs: readonly JobContract[],
): (store: Store) => Promise<readonly string[]> {
  let seen: { readonly mark: string; readonly faults: readonly string[] } | undefined
  return async (store) => {
    const catalogue = await catalogueFor(jobs, store)
    const texts = await readScheduleTexts(schedules)
    const mark = texts.mark === null ? undefined : `${texts.mark} ${catalogue.mark}`
    if (seen !== undefined && seen.mark === mark) return seen.faults
    const isKnown = [...(catalogue.names?.() ?? [])].length > 0
    const { faults, unreadable } = schedulesIn(texts, { defaultZone, ...(isKnown ? { catalogue } : {}) })
    const told = origins['schedules'] !== 'default'
    const missing = unreadable.flatMap((each) => (told && each.kind === 'folder' ? [each.reason] : []))
    const all = [...faults.map(formatFault), ...missing]
    seen = mark === undefined ? undefined : { mark, faults: all }
    return all
  }
}
