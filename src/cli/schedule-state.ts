import type { ScheduleDefinition } from '../schedule/definition.ts'
import type { Store } from '../store/store.ts'
import type { Home, StoredPause, StoredSchedule } from '../store/stored-schedule.ts'

/** How a schedule in force stands: it ticks, is paused, has no tick left, has made all jobs that it may, or waits for a person. */
export type ScheduleState =
  | { readonly kind: 'on' | 'ended' | 'limit-reached' | 'manual' }
  | { readonly kind: 'paused'; readonly pause: StoredPause }

/** The state of a schedule at an instant of Redis' clock. */
export function stateOf(
  { nextAt, counted, pauses }: StoredSchedule,
  { timing, policies }: ScheduleDefinition,
  now: number,
): ScheduleState {
  if (timing.kind === 'manual') return { kind: 'manual' }
  if (policies.limit !== undefined && counted >= policies.limit) return { kind: 'limit-reached' }
  if (nextAt === null) return { kind: 'ended' }
  const pause = pauses.find(({ since, until }) => since <= now && (until === null || until > now))
  return pause === undefined ? { kind: 'on' } : { kind: 'paused', pause }
}

/** The last run that a tick made: its planned instant, and by how many milliseconds it was made after it was due. */
export type LastRun = { readonly plannedAt: number; readonly latenessMs: number }

/** So many of the newest entries of a ledger are looked at. */
const NEWEST = 20

/** The last run of a schedule as its ledger tells it; of several that are folded, the worst lateness. Null when none is near. */
export async function lastRunOf({ schedules }: Store, home: Home): Promise<LastRun | null> {
  const { entries } = await schedules.ledger(home, -NEWEST, -1)
  const last = entries.filter(({ fate }) => fate === 'fired' || fate === 'late').at(-1)
  return last === undefined ? null : { plannedAt: last.last, latenessMs: last.lateness }
}
