import { placeOf } from '../job/id.ts'
import { type ScheduleDefinition, timingText } from '../schedule/definition.ts'
import type { HeldName, ListedJob, QueueCounts, QueueHead } from '../store/inspector.ts'
import type { SeenProcess } from '../store/registry.ts'
import type { Store } from '../store/store.ts'
import type { StoredSchedule } from '../store/stored-schedule.ts'
import { type Unserved, unserved } from '../store/unserved.ts'
import { cronWords } from './words.ts'

/** A queue as it is shown. Instants in milliseconds of Redis' clock. */
export type QueueRow = QueueCounts & { readonly oldestReadyAt: number | null; readonly waiting: readonly HeldName[] }

/** A schedule as it is shown. */
export type ScheduleRow = {
  readonly name: string
  readonly description: string | undefined
  readonly job: string
  readonly queue: string
  /** The expression, or the interval. */
  readonly when: string
  /** The same in words, where it is plain enough. */
  readonly words: string | undefined
  readonly zone: string
  readonly nextAt: number | null
  readonly lastFiredAt: number | null
  readonly made: number
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
    }

/** A dead job without its payload, and without the text of its error, in which a payload may stand. */
export type DeadRow = ListedJob & { readonly error: string; readonly reason: string }

/** All that the page shows: nothing in it is a payload or a secret. */
export type Overview = {
  readonly prefix: string
  readonly now: number
  readonly queues: readonly QueueRow[]
  readonly coming: readonly Coming[]
  readonly schedules: readonly ScheduleRow[]
  readonly processes: readonly SeenProcess[]
  readonly unserved: readonly Unserved[]
  readonly dead: readonly DeadRow[]
}

/** How many coming things, and how many dead jobs, are shown. */
const SHOWN = 10

/** Reads what the page shows, in a number of short calls that grows with the number of queues and schedules only. */
export async function readOverview(store: Store): Promise<Overview> {
  const now = await store.inspector.time()
  const names = await store.space.queues()
  const [queues, heads, stored, processes, missing, dead] = await Promise.all([
    Promise.all(names.map((name) => readQueue(store, name))),
    Promise.all(names.map((name) => store.inspector.head(name, SHOWN))),
    store.schedules.list(),
    store.registry.living(now),
    unserved(store),
    Promise.all(names.map((name) => store.inspector.dead(name, 0, SHOWN))),
  ])
  const schedules = stored.map(scheduleRow)
  return {
    prefix: store.prefix,
    now,
    queues: queues.map((queue, index) => ({ ...queue, oldestReadyAt: heads[index]?.oldestReadyAt ?? null })),
    coming: comingOf(heads, schedules),
    schedules,
    processes: [...processes].sort(byRole),
    unserved: missing,
    dead: await Promise.all(newest(dead.flat()).map((job) => deadRow(store, job))),
  }
}

async function readQueue({ inspector }: Store, name: string): Promise<Omit<QueueRow, 'oldestReadyAt'>> {
  const counts = await inspector.counts(name)
  return { ...counts, waiting: counts.held > 0 ? await inspector.held(name) : [] }
}

function comingOf(heads: readonly QueueHead[], schedules: readonly ScheduleRow[]): readonly Coming[] {
  const jobs = heads.flatMap(({ next }) => next.map((job): Coming => ({ kind: 'job', ...job })))
  const ticks = schedules.flatMap(({ nextAt, name, queue, job, zone }): readonly Coming[] =>
    nextAt === null ? [] : [{ kind: 'tick', at: nextAt, name, queue, job, zone }],
  )
  return [...jobs, ...ticks].sort((a, b) => a.at - b.at).slice(0, SHOWN)
}

/** A definition that a newer release wrote may lack what this one knows: it is shown by its name then. */
function scheduleRow({ definition: text, ...stored }: StoredSchedule): ScheduleRow {
  const { name, queue, nextAt, lastFiredAt, made } = stored
  const definition = parse(text)
  const cron = definition?.timing?.kind === 'cron' ? definition.timing.cron : []
  return {
    name,
    queue,
    nextAt,
    lastFiredAt,
    made,
    job: definition?.job ?? '',
    description: definition?.description,
    zone: definition?.tz ?? 'UTC',
    when:
      definition?.timing === undefined
        ? ''
        : cron.join(', ') || timingText({ tz: 'UTC', ...definition, timing: definition.timing }),
    words: cron.length === 1 ? cronWords(cron[0] ?? '') : undefined,
  }
}

function parse(text: string): Partial<ScheduleDefinition> | undefined {
  try {
    return JSON.parse(text) as Partial<ScheduleDefinition>
  } catch {
    return undefined
  }
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
