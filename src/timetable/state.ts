import type { ScheduleDefinition } from '../schedule/definition.ts'
import type { Store } from '../store/store.ts'
import type { Home, StoredPause, StoredSchedule, StoredSkip } from '../store/stored-schedule.ts'
import { instant } from '../time/clock.ts'
import { type Compiled, compile } from './rules.ts'

/**
 * How a schedule in force stands: it ticks, is paused, begins later, has no tick left, has made all jobs that it may, waits for
 * a person, or has a definition that this release cannot read.
 */
export type ScheduleState =
  | { readonly kind: 'on' | 'ended' | 'limit-reached' | 'manual' | 'unreadable' }
  | { readonly kind: 'waits'; readonly until: number }
  | { readonly kind: 'paused'; readonly pause: StoredPause }

/** The state of a schedule at an instant of Redis' clock. */
export function stateOf(
  stands: Pick<StoredSchedule, 'nextAt' | 'counted' | 'pauses'>,
  definition: Pick<ScheduleDefinition, 'timing' | 'policies'> | undefined,
  now: number,
): ScheduleState {
  if (definition === undefined) return { kind: 'unreadable' }
  const { limit, starts } = definition.policies
  if (definition.timing.kind === 'manual') return { kind: 'manual' }
  if (limit !== undefined && stands.counted >= limit) return { kind: 'limit-reached' }
  if (stands.nextAt === null) return { kind: 'ended' }
  const pause = pauseAt(stands, now)
  if (pause !== undefined) return { kind: 'paused', pause }
  return starts !== undefined && starts > now ? { kind: 'waits', until: starts } : { kind: 'on' }
}

/** The pause that an instant lies in, the newest of several. */
export const pauseAt = ({ pauses }: Pick<StoredSchedule, 'pauses'>, at: number): StoredPause | undefined =>
  pauses.findLast(({ since, until }) => since <= at && (until === null || until > at))

/** Why a tick will not run, as far as that is known before it is due. */
export type Hindrance = 'excluded' | 'called-off' | 'paused'

/** Why the next tick of a schedule will not run; null when nothing is known to keep it from that, or when there is none. */
export function hindranceOf(stands: StoredSchedule, compiled: Compiled | undefined): Hindrance | null {
  const { nextAt, dueAt, skips } = stands
  if (nextAt === null) return null
  if (compiled?.rule.excludes?.(instant(nextAt))) return 'excluded'
  if (skips.includes(nextAt)) return 'called-off'
  return pauseAt(stands, dueAt ?? nextAt) === undefined ? null : 'paused'
}

/** Who called a tick off, and why; undefined where that was not noted. */
export const callerOff = ({ calledOff }: Pick<StoredSchedule, 'calledOff'>, at: number): StoredSkip | undefined =>
  calledOff.findLast((each) => each.at.includes(at))

/** The definition of a schedule and what it comes to; undefined for one that a newer release wrote in words that this one lacks. */
export function readable({ id, version, definition }: StoredSchedule): Compiled | undefined {
  try {
    return compile(id, version, definition)
  } catch {
    return undefined
  }
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
