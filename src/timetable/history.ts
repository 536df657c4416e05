import { type JobId, jobId, pageOf, tokenOf } from '../job/id.ts'
import type { LedgerFate } from '../schedule/ledger.ts'
import type { EndName, PlaceName } from '../store/queue.ts'
import type { Store } from '../store/store.ts'
import { type Duration, duration, type Instant } from '../time/clock.ts'
import { type Records, type Row, recordsOf } from './records.ts'

/** What became of a job: how it ended, where it is, or `forgotten` when it is kept no longer. */
export type JobSeen = {
  readonly id: JobId
  readonly state: EndName | PlaceName | 'forgotten'
  /** How often it was begun; null when it is kept no longer. */
  readonly attempts: number | null
}

/** What a ledger tells of neighbouring ticks of one fate, for people. */
export type HistoryEntry = {
  readonly fate: LedgerFate
  /** The fate as people say it: 'fired', 'skipped: overlap', 'superseded by generation 7'. */
  readonly words: string
  /** Planned instants. */
  readonly first: Instant
  readonly last: Instant
  readonly count: number
  /** When it was decided on; null in a run of several. */
  readonly at: Instant | null
  /** How long after it was due; of several, the worst. */
  readonly lateness: Duration
  /** The planned instant of the run that stands for it. */
  readonly into: Instant | null
  /** Its job; of several the first and the last. */
  readonly jobs: readonly JobSeen[]
  /** The earlier job that was in the way. */
  readonly blockedBy: JobSeen | null
  /** The process that decided; null in a run of several. */
  readonly scheduler: string | null
  readonly generation: string
  readonly version: string
  readonly tz: string
  readonly queue: string
}

/** Which page of a history is asked for; `after` is the cursor of the page before. */
export type HistoryRequest = { readonly after?: string | null; readonly count: number; readonly newestFirst: boolean }

/** A page, and the cursor of the next; null after the last one. */
export type HistoryPage = {
  readonly entries: readonly HistoryEntry[]
  readonly next: string | null
  /** Entries up to here have been dropped; null when none has. */
  readonly droppedUntil: Instant | null
}

/**
 * A page of what became of the ticks of a schedule, of the queues that it fed before too; undefined when there is none of that
 * name. Ledgers are folded meanwhile: then an entry may come a second time as part of a run, but none is left out.
 */
export async function history(store: Store, name: string, request: HistoryRequest): Promise<HistoryPage | undefined> {
  const { after = null, count, newestFirst } = request
  const records = await recordsOf(store, name)
  if (records === undefined) return undefined
  const placed = placesOf(records)
  const from = after === null ? null : spotIn(after)
  const rest = newestFirst
    ? placed.filter(({ begin }) => from === null || before(begin, from)).reverse()
    : placed.filter(({ end }) => from === null || before(from, end))
  const page = rest.slice(0, count)
  const last = page.at(-1)
  const more = last !== undefined && rest.length > page.length
  return {
    entries: await Promise.all(page.map(({ row }) => entryFor(store, records, row))),
    next: more ? textOf(newestFirst ? last.begin : last.end) : null,
    droppedUntil: records.droppedUntil,
  }
}

/**
 * A spot in a ledger that stays where it is when neighbours are folded and the oldest are dropped: how many jobs the schedule had
 * made, the newest tick that was decided on, and how many entries came since without either.
 */
type Spot = { readonly made: number; readonly tick: number; readonly beyond: number }

type Placed = { readonly row: Row; readonly begin: Spot; readonly end: Spot }

const MADE: readonly LedgerFate[] = ['fired', 'late', 'backfilled', 'by-hand']
const BESIDE: readonly LedgerFate[] = ['by-hand', 'backfilled']

function placesOf(records: Records): readonly Placed[] {
  let spot = beginOf(records)
  return records.rows.map((row) => {
    const begin = spot
    const { fate, last, job, count } = row.entry
    const made = MADE.includes(fate) ? (job ?? begin.made) + count : begin.made
    const tick = BESIDE.includes(fate) ? begin.tick : Math.max(begin.tick, last)
    const moves = made > begin.made || tick > begin.tick
    spot = { made, tick, beyond: moves ? 0 : begin.beyond + 1 }
    return { row, begin, end: spot }
  })
}

/** Before the first entry that is left. */
function beginOf({ rows, stands, droppedUntil }: Records): Spot {
  const job = rows.find(({ entry }) => MADE.includes(entry.fate))?.entry.job ?? stands.made
  const tick = rows.find(({ entry }) => !BESIDE.includes(entry.fate))?.entry.last ?? Infinity
  return { made: job, tick: Math.min(droppedUntil ?? 0, tick), beyond: 0 }
}

const before = (one: Spot, other: Spot): boolean =>
  one.made - other.made < 0 ||
  (one.made === other.made && (one.tick < other.tick || (one.tick === other.tick && one.beyond < other.beyond)))

const textOf = ({ made, tick, beyond }: Spot): string => `${made}.${tick}.${beyond}`

/** Whether a text may be the cursor of a page. */
export const isCursor = (text: unknown): boolean => typeof text === 'string' && /^\d+\.\d+\.\d+$/.test(text)

function spotIn(text: string): Spot {
  const [made = 0, tick = 0, beyond = 0] = text.split('.').map(Number)
  return { made, tick, beyond }
}

/** An entry with its jobs looked up. */
export async function entryFor(store: Store, records: Records, row: Row): Promise<HistoryEntry> {
  const { entry, context, by } = row
  const { fate, first, last, count, at, lateness, into, job } = entry
  const numbers = job === null || fate === 'overlap' ? [] : count > 1 ? [job, job + count - 1] : [job]
  const jobs = await Promise.all(numbers.map((number) => look(store, context.queue, records.home.id, number)))
  const blockedBy = fate === 'overlap' && job !== null ? await earlier(store, records, context.queue, job) : null
  const told = { fate, words: wordsOf(row), first, last, count, at, into, jobs, blockedBy, scheduler: by }
  return { ...told, lateness: fate === 'by-hand' ? duration(0) : lateness, ...context }
}

/** An earlier job of a schedule, in the queue that it fed then; where no entry tells which that was, where it is found. */
async function earlier(store: Store, { rows, home, stands }: Records, queue: string, number: number): Promise<JobSeen> {
  const maker = rows.find(
    ({ entry: { fate, job, count } }) => MADE.includes(fate) && job !== null && job <= number && number < job + count,
  )
  const queues = maker === undefined ? [...new Set([queue, ...stands.former])] : [maker.context.queue]
  const seen = await Promise.all(queues.map((each) => look(store, each, home.id, number)))
  return seen.find(({ state }) => state !== 'forgotten') ?? seen[0] ?? (await look(store, queue, home.id, number))
}

/** Looks where the n-th job of a schedule is. */
async function look(store: Store, queue: string, schedule: string, number: number): Promise<JobSeen> {
  const id = jobId(tokenOf(queue), schedule, number)
  const { page, slot } = pageOf(schedule, number)
  const found = await (await store.queue(queue)).get(page, slot)
  if (found.kind !== 'job') return { id, state: 'forgotten', attempts: null }
  const { end, place, claim, record } = found.job
  return { id, state: end ?? place, attempts: Math.max(0, claim - record.interruptions) }
}

/** A fate as people say it. */
function wordsOf({ entry: { fate, into }, context: { generation } }: Row): string {
  switch (fate) {
    case 'fired':
    case 'late':
    case 'backfilled':
    case 'applied':
    case 'withdrawn':
      return fate
    case 'coalesced':
      return `coalesced into ${into === null ? '?' : new Date(into).toISOString()}`
    case 'overlap':
    case 'paused':
    case 'deadline':
    case 'excluded':
    case 'called-off':
      return `skipped: ${fate}`
    case 'missed':
      return 'skipped: missed-policy'
    case 'superseded':
      return `superseded by generation ${generation}`
    case 'by-hand':
      return 'by hand'
    case 'limit':
      return 'limit reached'
  }
}
