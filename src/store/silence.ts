import { CANARY } from '../job/names.ts'
import { type CanaryRecord, readCanary } from './canary.ts'
import { judgeClock } from './clock-watch.ts'
import type { SeenProcess } from './registry.ts'
import type { Store } from './store.ts'
import { firstDue, nextTicks } from './ticks.ts'

/** What has been due for longest and was not moved: a tick, of a schedule by its id, or a job. */
export type Overdue = {
  readonly kind: 'tick' | 'job'
  readonly queue: string
  readonly since: number
  readonly id: string
}

/** Whether the schedulers do their work, seen from what they leave undone: a frozen one says that it lives. Lengths in milliseconds. */
export type Silence = {
  readonly now: number
  readonly overdue: Overdue | null
  /** For how long the first undecided tick of any schedule has been due; 0 when none is. */
  readonly tickOverdue: number
  /** For how long nothing was moved that is due; 0 while that is within a minute. */
  readonly silent: number
  readonly canary: CanaryRecord | null
  /** For how long no tick went the whole way though schedulers and workers live; 0 while that is within three minutes. */
  readonly stuck: number
  /** By how much the hosts' clocks are ahead of Redis', when that is so much that time stands still; else 0. */
  readonly clockApart: number
}

/** What is due may be undecided for so long before anybody speaks of silence. */
export const SILENT_AFTER = 60_000
/** The canary comes once a minute; two may be lost. */
const STUCK_AFTER = 180_000

/** Looks at what is due in every queue and at the canary; a few short reads a queue. */
export async function readSilence(store: Store, living: readonly SeenProcess[]): Promise<Silence> {
  const [canary, queues] = await Promise.all([readCanary(store), store.space.allQueues()])
  const due = (await Promise.all(queues.map((queue) => oldestOf(store, queue)))).flat()
  // Asked last: what was due before is overdue by no more than this says.
  const now = await store.inspector.time()
  const oldest = (some: readonly Overdue[]): Overdue | undefined =>
    some.filter(({ since }) => since < now).sort((a, b) => a.since - b.since)[0]
  const overdue = oldest(due)
  const tick = oldest(due.filter(({ kind }) => kind === 'tick'))
  const silent = overdue === undefined || isAtRest(due, now, living) ? 0 : over(now - overdue.since, SILENT_AFTER)
  const { held, apart } = await judgeClock(
    store,
    living.map(({ clockAhead }) => clockAhead),
  )
  const roles = living.flatMap((each) => each.roles)
  const served = roles.includes('scheduler') && roles.includes('worker')
  return {
    now,
    overdue: overdue ?? null,
    tickOverdue: tick === undefined ? 0 : now - tick.since,
    silent,
    canary,
    stuck: canary !== null && served && silent === 0 ? over(now - canary.completedAt, STUCK_AFTER) : 0,
    clockApart: held ? apart : 0,
  }
}

const over = (length: number, patience: number): number => (length > patience ? length : 0)

/** A program that nobody runs, and in which nothing but the canary is due, is not silent: it rests. */
const isAtRest = (due: readonly Overdue[], now: number, living: readonly SeenProcess[]): boolean =>
  living.length === 0 && due.every(({ queue, since }) => queue === CANARY || since >= now - SILENT_AFTER)

async function oldestOf(store: Store, queue: string): Promise<readonly Overdue[]> {
  const [[tick], job] = await Promise.all([nextTicks(store, queue, 1), firstDue(store, queue)])
  return [
    ...(tick === undefined ? [] : [{ kind: 'tick', queue, since: tick.dueAt, id: tick.id } as const]),
    ...(job === null ? [] : [{ kind: 'job', queue, since: job, id: '' } as const]),
  ]
}
