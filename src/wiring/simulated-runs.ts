import { pageOf, placeOf } from '../job/id.ts'
import type { Store } from '../store/store.ts'
import type { Instant } from '../time/clock.ts'
import type { JobStep } from './simulated-steps.ts'
import type { Subject } from './simulated-subjects.ts'

/** How many jobs came to which end, and how many have not ended. */
export type JobCounts = {
  readonly made: number
  readonly ended: number
  readonly expired: number
  readonly cancelled: number
  readonly running: number
  readonly waiting: number
}

/** What becomes of the jobs of a simulation. */
export type Runs = {
  made(subject: Subject, job: number): void
  started(id: string): void
  ended(id: string): void
  expired(id: string): void
  /** It was cancelled while it ran. */
  cancelled(id: string): void
  /** Looks what became of the jobs that wait and may be held or cancelled. */
  look(): Promise<void>
  counts(): JobCounts
}

type Run = { readonly subject: Subject; readonly job: number; state: 'waiting' | 'held' | 'running' }

type Book = {
  readonly byId: ReadonlyMap<string, Subject>
  readonly open: Map<string, Run>
  readonly counts: { made: number; ended: number; expired: number; cancelled: number }
  readonly say: (run: Run, what: JobStep['what']) => void
}

/** Opens the book of all jobs; each change is told as a step. */
export function openRuns(
  store: Store,
  subjects: readonly Subject[],
  tell: (step: JobStep) => void,
  now: () => Instant,
): Runs {
  const book: Book = {
    byId: new Map(subjects.map((subject) => [subject.home.id, subject])),
    open: new Map(),
    counts: { made: 0, ended: 0, expired: 0, cancelled: 0 },
    say: ({ subject, job }, what) => tell({ kind: 'job', at: now(), schedule: subject.definition.name, job, what }),
  }
  const { open, counts } = book
  return {
    made: (subject, job) => {
      counts.made += 1
      open.set(keyOf(subject, job), { subject, job, state: 'waiting' })
    },
    started: (id) => start(book, runOf(book, id)),
    ended: (id) => close(book, runOf(book, id), 'ended'),
    expired: (id) => close(book, runOf(book, id), 'expired'),
    cancelled: (id) => close(book, runOf(book, id), 'cancelled'),
    look: async () => {
      for (const run of [...open.values()].filter(isUnsure)) note(book, run, await placeIn(store, run))
    },
    counts: () => {
      const running = [...open.values()].filter(({ state }) => state === 'running').length
      return { ...counts, running, waiting: open.size - running }
    },
  }
}

function runOf({ byId, open }: Book, id: string): Run | undefined {
  const { client, sequence: job } = placeOf(id)
  const subject = byId.get(client)
  return subject && open.get(keyOf(subject, job))
}

function start({ say }: Book, run: Run | undefined): void {
  if (run === undefined) return
  if (run.state === 'held') say(run, 'released')
  run.state = 'running'
  say(run, 'started')
}

function close({ open, counts, say }: Book, run: Run | undefined, what: 'ended' | 'expired' | 'cancelled'): void {
  if (run === undefined) return
  open.delete(keyOf(run.subject, run.job))
  counts[what] += 1
  say(run, what)
}

function note(book: Book, run: Run, place: 'held' | 'ended' | 'waiting'): void {
  if (place === 'ended') close(book, run, 'cancelled')
  else if ((place === 'held') !== (run.state === 'held')) {
    run.state = place
    book.say(run, place === 'held' ? 'held' : 'released')
  }
}

const keyOf = ({ home }: Subject, job: number): string => `${home.id} ${job}`

/** Only these may be held behind an earlier run, or called off by a later one. */
const isUnsure = ({ state, subject }: Run): boolean => {
  const { overlap } = subject.definition.policies
  return state !== 'running' && (overlap === 'queue-one' || overlap === 'cancel-previous')
}

/** What was dropped already had ended. */
async function placeIn(store: Store, { subject: { home }, job }: Run): Promise<'held' | 'ended' | 'waiting'> {
  const { page, slot } = pageOf(home.id, job)
  const found = await (await store.queue(home.queue)).get(page, slot)
  if (found.kind !== 'job') return 'ended'
  const { place } = found.job
  return place === 'held' || place === 'ended' ? place : 'waiting'
}
