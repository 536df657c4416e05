import { CANARY } from '../job/names.ts'
import type { SeenProcess } from './registry.ts'
import type { Store } from './store.ts'
import type { StoredSchedule } from './stored-schedule.ts'

/** The first of users' schedules in force by name, and how many names were not looked at. */
export type FirstSchedules = { readonly schedules: readonly StoredSchedule[]; readonly beyond: number }

/** Reads at most `limit` schedules, however many there are; retired ones whose names are kept do not count. */
export async function firstSchedules({ schedules }: Store, limit: number): Promise<FirstSchedules> {
  const homes = [...(await schedules.homes())].filter(([name]) => name !== CANARY).sort(([a], [b]) => (a < b ? -1 : 1))
  const found: StoredSchedule[] = []
  let at = 0
  while (at < homes.length && found.length < limit) {
    const some = homes.slice(at, at + limit - found.length)
    const read = await Promise.all(some.map(([, home]) => schedules.read(home)))
    for (const [index, stored] of read.entries())
      if (stored !== undefined && stored.version !== '' && stored.name === some[index]?.[0]) found.push(stored)
    at += some.length
  }
  return { schedules: found, beyond: homes.length - at }
}

/** The versions of time-zone data that are in use: of living processes, and of those that computed the next ticks that stand. */
export type ZoneData = { readonly processes: readonly string[]; readonly schedules: readonly string[] }

/** Gathers these versions; more than one in both together is a mismatch. */
export const zoneDataOf = (
  living: readonly Pick<SeenProcess, 'tz'>[],
  schedules: readonly Pick<StoredSchedule, 'tz'>[],
): ZoneData => ({ processes: versionsOf(living), schedules: versionsOf(schedules) })

/** What differs, in words; undefined when nothing does. */
export function zoneMismatch({ processes, schedules }: ZoneData): string | undefined {
  if (new Set([...processes, ...schedules]).size < 2) return undefined
  const stored = schedules.length === 0 ? '' : `; next ticks were computed with ${schedules.join(', ')}`
  return `time-zone data differ: living processes have ${processes.join(', ') || 'none'}${stored}`
}

const versionsOf = (some: readonly { readonly tz: string }[]): readonly string[] =>
  [...new Set(some.map(({ tz }) => tz).filter((tz) => tz !== ''))].sort()
