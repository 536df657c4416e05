import { timingText } from '../schedule/definition.ts'
import { describe } from '../schedule/describe.ts'
import type { LedgerEntry, LedgerFate } from '../schedule/ledger.ts'
import { firstSchedules } from '../store/first-schedules.ts'
import type { Store } from '../store/store.ts'
import type { StoredSchedule } from '../store/stored-schedule.ts'
import { callerOff, type Hindrance, hindranceOf, readable, type ScheduleState, stateOf } from '../timetable/state.ts'

/** What became of neighbouring ticks of one fate, or of one. Instants and lengths in milliseconds. */
export type FateMark = {
  readonly fate: LedgerFate
  readonly first: number
  readonly last: number
  readonly count: number
  /** How long after it was due, of several the worst. */
  readonly lateness: number
}

/** A schedule as it is shown. Instants in milliseconds of Redis' clock. */
export type ScheduleRow = {
  readonly name: string
  readonly description: string | undefined
  readonly job: string
  readonly queue: string
  /** The expression, or the interval. */
  readonly when: string
  /** The same as a sentence; empty where this release cannot read the definition. */
  readonly sentence: string
  readonly zone: string
  readonly state: ScheduleState
  /** When the next tick is planned, and when that is due. */
  readonly nextAt: number | null
  readonly dueAt: number | null
  /** Why the next tick will not run, as far as that is known. */
  readonly hindrance: Hindrance | null
  /** Who called it off, and why. */
  readonly calledOff: { readonly by: string; readonly reason: string } | undefined
  /** What became of its newest ticks, the oldest first. */
  readonly fates: readonly FateMark[]
  /** The 99th percentile of lateness that it plans for. */
  readonly budget: number | null
  readonly made: number
}

/** The schedules that are shown, the first by name, and how many names there are beyond. */
export type ScheduleRows = {
  readonly rows: readonly ScheduleRow[]
  readonly beyond: number
  /** The versions of time-zone data that their next ticks were computed with. */
  readonly stored: readonly Pick<StoredSchedule, 'tz'>[]
}

const MOST_SCHEDULES = 200
/** So many entries of each ledger are shown. */
const MOST_FATES = 20
/** What a ledger tells beside ticks. */
const NO_TICKS: readonly LedgerFate[] = ['applied', 'withdrawn', 'limit']

/** Reads the schedules in force with what became of their newest ticks: at most 200, however many there are. */
export async function readScheduleRows(store: Store, now: number): Promise<ScheduleRows> {
  const { schedules, beyond } = await firstSchedules(store, MOST_SCHEDULES)
  const rows = await Promise.all(schedules.map(async (each) => rowOf(each, await fatesOf(store, each), now)))
  return { rows, beyond, stored: schedules }
}

/** A ledger that cannot be read costs its schedule the marks, and nobody the page. */
async function fatesOf({ schedules }: Store, home: StoredSchedule): Promise<readonly FateMark[]> {
  const { entries } = await schedules.ledger(home, -MOST_FATES, -1).catch(() => ({ entries: [] as LedgerEntry[] }))
  return entries
    .filter(({ fate }) => !NO_TICKS.includes(fate))
    .map(({ fate, first, last, count, lateness }) => ({ fate, first, last, count, lateness }))
}

function rowOf(stored: StoredSchedule, fates: readonly FateMark[], now: number): ScheduleRow {
  const { name, queue, nextAt, dueAt, made } = stored
  const compiled = readable(stored)
  const known = {
    name,
    queue,
    nextAt,
    dueAt,
    made,
    fates,
    hindrance: hindranceOf(stored, compiled),
    calledOff: callerOff(stored, nextAt ?? 0),
  }
  const state = stateOf(stored, compiled?.definition, now)
  if (compiled === undefined)
    return { ...known, state, job: '', description: undefined, zone: 'UTC', when: '', sentence: '', budget: null }
  const { definition, rule } = compiled
  const { job, description, tz: zone, timing, policies } = definition
  return {
    ...known,
    state,
    job,
    description,
    zone,
    when: timing.kind === 'cron' ? timing.cron.join(', ') : timingText(definition),
    sentence: describe(rule.timing),
    budget: policies.lateness?.p99 ?? null,
  }
}
