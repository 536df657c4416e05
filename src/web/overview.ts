import { placeOf } from '../job/id.ts'
import { type CanaryRecord, readCanary } from '../store/canary.ts'
import { zoneDataOf, zoneMismatch } from '../store/first-schedules.ts'
import type { HeldName, HeldRun, ListedJob, QueueCounts, QueueHead } from '../store/inspector.ts'
import type { QueuePause } from '../store/pauses.ts'
import type { SeenProcess } from '../store/registry.ts'
import type { Store } from '../store/store.ts'
import type { StoredSchedule } from '../store/stored-schedule.ts'
import { nextTicks } from '../store/ticks.ts'
import { type Unserved, unserved } from '../store/unserved.ts'
import { type Hindrance, hindranceOf, readable } from '../timetable/state.ts'
import { readScheduleRows, type ScheduleRows } from './schedule-rows.ts'

/** A queue as it is shown. Instants in milliseconds of Redis' clock. */
export type QueueRow = QueueCounts & {
  readonly oldestReadyAt: number | null
  readonly waiting: readonly HeldName[]
  readonly behind: readonly HeldRun[]
  /** Why no worker takes jobs there now. */
  readonly pauses: readonly QueuePause[]
}

/** Something that will happen: a job that becomes due, or a tick that a schedule plans. */
export type Coming =
  | { readonly kind: 'job'; readonly at: number; readonly name: string; readonly queue: string; readonly id: string }
  | {
      readonly kind: 'tick'
      readonly at: number
      readonly name: string
      readonly queue: string
      readonly job: string
      readonly zone: string
      /** Why it will not run, as far as that is known. */
      readonly hindrance: Hindrance | null
    }

/** A dead job without its payload, and without the text of its error, in which a payload may stand. */
export type DeadRow = ListedJob & { readonly error: string; readonly reason: string }

/** All that the page shows: nothing in it is a payload or a secret. */
export type Overview = {
  readonly prefix: string
  readonly now: number
  readonly queues: readonly QueueRow[]
  readonly coming: readonly Coming[]
  readonly schedules: ScheduleRows
  readonly processes: readonly SeenProcess[]
  readonly unserved: readonly Unserved[]
  readonly dead: readonly DeadRow[]
  /** The newest tick that went the whole way; null before the first. */
  readonly canary: CanaryRecord | null
  /** How the versions of time-zone data in use differ, in words. */
  readonly zoneMismatch: string | undefined
}

/** How many coming things, and how many dead jobs, are shown. */
const SHOWN = 10

/** Reads what the page shows, in a number of short calls that grows with the number of queues and schedules only. */
export async function readOverview(store: Store): Promise<Overview> {
  const now = await store.inspector.time()
  const names = await store.space.queues()
  const [queues, heads, schedules, ticks, processes, missing, dead, canary] = await Promise.all([
    Promise.all(names.map((name) => readQueue(store, name))),
    Promise.all(names.map((name) => store.inspector.head(name, SHOWN))),
    readScheduleRows(store, now),
    readTicks(store, names),
    store.registry.living(now),
    unserved(store),
    Promise.all(names.map((name) => store.inspector.dead(name, 0, SHOWN))),
    readCanary(store),
  ])
  return {
    prefix: store.prefix,
    now,
    queues: queues.map((queue, index) => ({ ...queue, oldestReadyAt: heads[index]?.oldestReadyAt ?? null })),
    coming: comingOf(heads, ticks),
    schedules,
    processes: [...processes].sort(byRole),
    unserved: missing,
    dead: await Promise.all(newest(dead.flat()).map((job) => deadRow(store, job))),
    canary,
    zoneMismatch: zoneMismatch(zoneDataOf(processes, schedules.stored)),
  }
}

async function readQueue(
  { inspector, pauses: standing }: Store,
  name: string,
): Promise<Omit<QueueRow, 'oldestReadyAt'>> {
  const [counts, pauses] = await Promise.all([inspector.counts(name), standing.of(name)])
  if (counts.held === 0) return { ...counts, pauses, waiting: [], behind: [] }
  const [waiting, behind] = await Promise.all([inspector.held(name), inspector.behind(name)])
  return { ...counts, pauses, waiting, behind }
}

/** The ticks of all queues that are due next; only these schedules are read, however many there are. */
async function readTicks(store: Store, queues: readonly string[]): Promise<readonly Coming[]> {
  const heads = (await Promise.all(queues.map((queue) => nextTicks(store, queue, SHOWN)))).flat()
  const first = heads.sort((a, b) => a.dueAt - b.dueAt).slice(0, SHOWN)
  return Promise.all(
    first.map(async ({ dueAt: at, ...home }) => {
      const stored = await store.schedules.read(home)
      return { kind: 'tick', at, queue: home.queue, name: stored?.name ?? home.id, ...tickDetails(stored) } as const
    }),
  )
}

function tickDetails(stored: StoredSchedule | undefined) {
  const compiled = stored && readable(stored)
  const { job = '', tz: zone = 'UTC' } = compiled?.definition ?? {}
  return { job, zone, hindrance: stored === undefined ? null : hindranceOf(stored, compiled) }
}

function comingOf(heads: readonly QueueHead[], ticks: readonly Coming[]): readonly Coming[] {
  const jobs = heads.flatMap(({ next }) => next.map((job): Coming => ({ kind: 'job', ...job })))
  return [...jobs, ...ticks].sort((a, b) => a.at - b.at).slice(0, SHOWN)
}

const ROLES = ['web', 'worker', 'scheduler']
const byRole = (a: SeenProcess, b: SeenProcess): number =>
  ROLES.indexOf(a.roles[0] ?? '') - ROLES.indexOf(b.roles[0] ?? '') || a.startedAt - b.startedAt

const newest = (jobs: readonly ListedJob[]): readonly ListedJob[] =>
  [...jobs].sort((a, b) => b.at - a.at).slice(0, SHOWN)

/** The name of a dead job's last error; a job that is gone meanwhile, or a queue that cannot be asked, has none. */
async function deadRow(store: Store, job: ListedJob): Promise<DeadRow> {
  const { page, slot } = placeOf(job.id)
  const found = await store.queue(job.queue).then(
    (door) => door.get(page, slot),
    () => undefined,
  )
  const extension = found?.kind === 'job' ? found.job.record.extension : {}
  return { ...job, error: extension.errors?.at(-1)?.name ?? '', reason: extension.reason ?? '' }
}
