import { excerpt } from '../errors.ts'
import { newClient } from '../job/id.ts'
import { nextPlanned, previousPlanned, type Rule } from '../schedule/rule.ts'
import type { Draw, DrawStep } from '../store/firing.ts'
import type { Store } from '../store/store.ts'
import { type Instant, instant } from '../time/clock.ts'
import { InvalidTimeError } from '../time/invalid-time.ts'
import type { Unknown } from './amend.ts'
import { contextOf, recordOf } from './draw.ts'
import { openTicks, type Wanted } from './open-ticks.ts'
import { type Records, recordsOf } from './records.ts'
import { type Compiled, compile } from './rules.ts'

/** Which ticks shall be made afterwards, by whom, and how fast. */
export type BackfillRequest = {
  readonly from: Instant
  /** Included. */
  readonly to: Instant
  /** Only says what would be made. */
  readonly dryRun?: boolean
  /** Jobs a second. */
  readonly rate: number
  /** Also where no record says what ran, and more than 10,000: up to 100,000. */
  readonly force?: boolean
  readonly by: string
  /** The version of the time-zone data here. */
  readonly tz: string
}

/** The planned instants for which jobs were made, and whether ticks of the range are left. */
export type Filled = { readonly ticks: readonly Instant[]; readonly more: boolean }

/** What came of a backfill; refused when the range leaves what is known. */
export type BackfillAnswer =
  | ({ readonly kind: 'filled' | 'would-fill' } & Filled)
  | { readonly kind: 'refused'; readonly why: 'future'; readonly now: Instant }
  | { readonly kind: 'refused'; readonly why: 'before-ledger'; readonly knownFrom: Instant }
  | Unknown

/** So many ticks are made in one call, and so many when it is forced. */
export const MOST_FILLED = 10_000
export const MOST_FORCED = 100_000
/** So many jobs are made in one step. */
const PORTION = 100
const TRIES = 200

/**
 * Makes the ticks of the present definition in a range that no record shows as run; skipped ones are made too, excluded ones
 * are not. They never count towards the limit. Two who do it at once double nothing; it may be stopped and repeated. Throws
 * InvalidTimeError for a range or a rate that is none.
 */
export async function backfill(store: Store, name: string, request: BackfillRequest): Promise<BackfillAnswer> {
  const { from, to, rate, dryRun = false, force = false } = request
  checkRate(rate)
  if (from > to) {
    const [first, last] = [from, to].map((at) => new Date(at).toISOString())
    throw new InvalidTimeError(`from: expected an instant up to the end of the range (${last}), got ${first}`)
  }
  if (from < 0) throw new InvalidTimeError(`from: expected an instant since 1970, got ${new Date(from).toISOString()}`)
  const found = await foundBy(store, name)
  if (found === undefined) return { kind: 'unknown' }
  const now = instant(await store.inspector.time())
  if (to > now) return { kind: 'refused', why: 'future', now }
  const first = nextPlanned(found.compiled.rule, instant(from - 1))
  const known = knownFrom(found.records)
  if (!force && first !== null && first <= to && first < known)
    return { kind: 'refused', why: 'before-ledger', knownFrom: known }
  const wanted = { from, to, paused: false, most: force ? MOST_FORCED : MOST_FILLED }
  if (dryRun) return { kind: 'would-fill', ...openTicks(found.records, found.compiled.rule, wanted) }
  const filled = await fill(store, name, { ...request, wanted, each: true })
  return filled === undefined ? { kind: 'unknown' } : { kind: 'filled', ...filled }
}

/** The lowest rate, in jobs a second: slower than one in three hours is a schedule of its own. */
const LEAST_RATE = 0.0001

/** Throws InvalidTimeError unless it is a number of jobs a second. */
export function checkRate(rate: number, what = 'rate', said: unknown = rate): void {
  if (Number.isFinite(rate) && rate >= LEAST_RATE) return
  throw new InvalidTimeError(
    `${what}: expected a number of jobs a second from ${LEAST_RATE} on, such as 10 or 0.5, got ${excerpt(said)}`,
  )
}

/** What was paused is made afterwards: each tick, or one job for the newest that stands for all. */
export async function fillPaused(
  store: Store,
  name: string,
  request: Pick<BackfillRequest, 'rate' | 'by' | 'tz'> & {
    readonly since: Instant
    readonly until: Instant
    readonly each: boolean
  },
): Promise<Filled> {
  const wanted = { from: request.since, to: request.until, paused: true, most: MOST_FILLED }
  return (await fill(store, name, { ...request, wanted })) ?? { ticks: [], more: false }
}

type Found = { readonly records: Records; readonly compiled: Compiled }

async function foundBy(store: Store, name: string): Promise<Found | undefined> {
  const records = await recordsOf(store, name)
  if (records === undefined || records.stands.version === '') return undefined
  const { id, version, definition } = records.stands
  return { records, compiled: compile(id, version, definition) }
}

/** From here on the ledger says what ran; one whose beginning has gone unnoted, as when people deleted it, says nothing of before. */
export function knownFrom({ stands, rows, droppedUntil }: Records): Instant {
  if (droppedUntil !== null) return instant(droppedUntil + 1)
  const begin = rows.find(({ entry }) => entry.fate === 'applied') ?? rows[0]
  return instant(
    begin === undefined ? Math.max(stands.since, stands.lastFiredAt ?? 0, stands.nextAt ?? 0) : begin.entry.first + 1,
  )
}

type Filling = Pick<BackfillRequest, 'rate' | 'by' | 'tz'> & { readonly wanted: Wanted; readonly each: boolean }

/** Portion by portion; when others have changed something it goes on from what the ledger then says. */
async function fill(store: Store, name: string, { wanted, each, rate, by, tz }: Filling): Promise<Filled | undefined> {
  const made: Instant[] = []
  for (let left = TRIES; left > 0; left--) {
    const found = await foundBy(store, name)
    if (found === undefined) return undefined
    const rest = wanted.most - made.length
    const open = openTicks(found.records, found.compiled.rule, { ...wanted, most: rest })
    const newest = open.ticks.at(-1)
    if (newest === undefined) return { ticks: made, more: open.more }
    const all = { at: newest, first: open.ticks[0] ?? newest, standsFor: open.ticks.length }
    const jobs = each ? open.ticks.map((at) => ({ at, first: at, standsFor: 1 })) : [all]
    const spaced = jobs.map((job, index) => ({ ...job, in: Math.floor(((made.length + index) * 1_000) / rate) }))
    const done = await drawAll(store, found, drawsOf(found, spaced, tz), by)
    made.push(...done)
    if (done.length < jobs.length) continue
    return { ticks: made, more: open.more }
  }
  throw new Error(`schedule ${name} changed ${TRIES} times while its ticks were made`)
}

/** A job to be made; `first` is the earliest tick that it stands for, `in` how long it waits in milliseconds. */
type Job = { readonly at: Instant; readonly first: Instant; readonly standsFor: number; readonly in: number }

/** In portions, until one finds that the schedule has changed; answers the ticks that were made. */
async function drawAll(store: Store, { records }: Found, draws: readonly Draw[], by: string): Promise<Instant[]> {
  const made: Instant[] = []
  for (let first = 0; first < draws.length; ) {
    let [end, steps] = [first, 0]
    for (; end < draws.length && (end === first || steps + lengthOf(draws[end]) <= PORTION); end++)
      steps += lengthOf(draws[end])
    const some = draws.slice(first, end)
    const answers = await store.schedules.fire(records.home.queue, by, some)
    for (const [index, { steps }] of some.entries()) {
      if (answers[index]?.kind !== 'fired') return made
      for (const step of steps) if (step.kind === 'job') made.push(instant(step.plannedAt))
    }
    first = end
  }
  return made
}

const lengthOf = (draw: Draw | undefined): number => draw?.steps.length ?? 0

/**
 * Each draw is a person's call of its own, made from what the one before leaves. Neighbours in a ledger are folded into one
 * run when they were made in the same context, and a run shall hold every tick from its first to its last: so where ticks
 * lie between, the context has a mark more, or one less.
 */
function drawsOf({ records, compiled }: Found, jobs: readonly Job[], tz: string): readonly Draw[] {
  const { stands, home, rows } = records
  const { rule } = compiled
  const plain = contextOf({ ...stands, queue: home.queue }, tz)
  const before = rows.findLast(({ context }) => context.queue === home.queue)
  let last = before?.entry.fate === 'backfilled' ? before.entry.last : null
  let context = before?.text === plain ? plain : `${plain} +`
  return runsOf(rule, jobs).map((run, index) => {
    const first = run[0]?.at ?? null
    const joins = last !== null && nextPlanned(rule, last) === first
    if (!joins) context = context === plain ? `${plain} +` : plain
    last = run.at(-1)?.at ?? last
    return {
      id: home.id,
      from: { kind: 'call', token: newClient() },
      rev: String(Number(stands.rev) + index),
      next: null,
      ripeAt: null,
      overlap: 'allow',
      limit: null,
      context,
      steps: run.map((job) => stepOf(compiled, job)),
    }
  })
}

/** Jobs in runs of neighbouring ticks, none longer than a portion. */
function runsOf(rule: Rule, jobs: readonly Job[]): readonly (readonly Job[])[] {
  const runs: Job[][] = []
  for (const job of jobs) {
    const run = runs.at(-1)
    const last = run?.at(-1)
    if (run && last && run.length < PORTION && nextPlanned(rule, last.at) === job.at) run.push(job)
    else runs.push([job])
  }
  return runs
}

function stepOf({ definition, rule }: Compiled, { at, first, standsFor, in: wait }: Job): DrawStep {
  const mark = { schedule: definition.name, plannedAt: at, standsFor, previousAt: previousPlanned(rule, first) }
  const job = recordOf(definition, mark)
  return { kind: 'job', fate: 'backfilled', plannedAt: at, standsFor, due: { in: wait }, deadline: null, ...job }
}
