import { excerpt } from '../errors.ts'
import { contractOf, type JobContract } from '../job/contract.ts'
import type { Json } from '../job/json.ts'
import { scheduleName } from '../job/names.ts'
import { writePayload } from '../job/payload.ts'
import type { ScheduleDeclaration, Schedules } from '../job/schedules-client.ts'
import type { ScheduleDefinition } from '../schedule/definition.ts'
import { readValue } from '../schedule/read-value.ts'
import { errorOf, faultOf } from '../store/errors.ts'
import type { Store } from '../store/store.ts'
import { type Clock, type Instant, instant } from '../time/clock.ts'
import { InvalidTimeError } from '../time/invalid-time.ts'
import { parseIso } from '../time/wall-clock.ts'
import { readInForce } from '../timetable/amend.ts'
import { backfill } from '../timetable/backfill.ts'
import { declare, remove } from '../timetable/declare.ts'
import { history, isCursor } from '../timetable/history.ts'
import { pause, RATE, resume } from '../timetable/pause.ts'
import { runNow } from '../timetable/run.ts'
import { skip } from '../timetable/skip.ts'
import type { Calls } from './calls.ts'
import { InvalidScheduleError, ScheduleInFileError } from './errors.ts'
import { refuseHeld, refuseOthers } from './rights.ts'
import { historyView, scheduleView, tickViews } from './schedule-views.ts'

/** What the schedules of a client are made of. */
export type SchedulesParts = {
  readonly store: () => Promise<Store>
  readonly clock: Clock
  /** The version of the time-zone data here. */
  readonly tz: string
  /** Who is named where a call names nobody. */
  readonly by: string
  /** The environment of the client; undefined where nobody asks after it. */
  readonly environment: string | undefined
  readonly counted: Calls['counted']
}

const SHOWN_TICKS = 5
const SHOWN_ENTRIES = 50

/** The schedules of a client: what programs may say of them at run time. */
export function openSchedules({ store, clock, tz, by, environment, counted }: SchedulesParts): Schedules {
  const calling: Calling = (call) =>
    counted(async (...given) => {
      try {
        return await call(await store(), ...given)
      } catch (error) {
        throw errorOf(faultOf(error))
      }
    })
  // What is said of a schedule counts from now.
  const allowed = async (opened: Store): Promise<void> => {
    await refuseHeld(opened, clock)
    await refuseOthers(opened, environment)
  }
  const asked: Asked = { tz, by, allowed }
  return { ...declaring(calling, asked), ...steering(calling, asked), ...looking(calling) }
}

/** Who asks, with which time-zone data; `allowed` rejects one who may not change schedules now. */
type Asked = Pick<SchedulesParts, 'tz' | 'by'> & { readonly allowed: (store: Store) => Promise<void> }

/** A call of a user's with the store before it; what Redis answers amiss comes out as one of our errors. */
type Calling = <Given extends readonly unknown[], Answer>(
  call: (store: Store, ...given: Given) => Promise<Answer>,
) => (...given: Given) => Promise<Answer>

const named = (name: unknown): string => scheduleName(name)

const LONGEST = 500

/** Texts that people will read: one line, not empty, at most 500 characters; InvalidScheduleError for anything else. */
function texts(name: string, said: Readonly<Record<string, unknown>>): void {
  const isText = (text: unknown): boolean =>
    typeof text === 'string' && text.trim() !== '' && text.length <= LONGEST && !/\p{Cc}/u.test(text)
  const faults = Object.entries(said).flatMap(([what, text]) =>
    isText(text) ? [] : [`${what}: expected one line of 1 to ${LONGEST} characters, got ${excerpt(text)}`],
  )
  if (faults.length > 0) throw new InvalidScheduleError(name, faults)
}

/** InvalidScheduleError unless it is one of those words. */
function oneOf(name: string, what: string, given: unknown, words: readonly string[]): void {
  if (words.some((word) => word === given)) return
  throw new InvalidScheduleError(name, [`${what}: expected ${words.join(', ')}, got ${excerpt(given)}`])
}

const MOST = 10_000

/** How many of something: a whole number from 1 to 10,000; InvalidScheduleError for anything else. */
function countOf(name: string, count: unknown): number {
  if (typeof count === 'number' && Number.isInteger(count) && count >= 1 && count <= MOST) return count
  throw new InvalidScheduleError(name, [`count: expected a whole number from 1 to ${MOST}, got ${excerpt(count)}`])
}

const declaring = (
  calling: Calling,
  { tz, by, allowed }: Asked,
): Pick<Schedules, 'upsert' | 'remove' | 'backfill'> => ({
  upsert: calling(async (opened, name, declaration) => {
    const definition = await definitionFrom(named(name), declaration)
    await allowed(opened)
    const done = await declare({ store: opened, by, tz }, definition)
    if (done.kind === 'in-file') throw new ScheduleInFileError(name, done.source)
    return { outcome: done.kind, nextAt: done.nextAt === null ? null : new Date(done.nextAt) }
  }),
  remove: calling(async (opened, name, { pending = 'cancel' } = {}) => {
    oneOf(named(name), 'pending', pending, ['cancel', 'keep'])
    await allowed(opened)
    const done = await remove({ store: opened, by, tz }, named(name), pending)
    if (done.kind === 'in-file') throw new ScheduleInFileError(name, done.source)
    return done.kind
  }),
  backfill: calling(async (opened, name, { from, to, by: who = by, rate = RATE, ...how }) => {
    texts(named(name), { by: who })
    const range = { from: instantOf(from, 'from'), to: instantOf(to, 'to') }
    if (how.dryRun !== true) await allowed(opened)
    const done = await backfill(opened, named(name), { ...range, ...how, rate, by: who, tz })
    if (done.kind === 'unknown') return { outcome: 'unknown' }
    if (done.kind === 'refused') throw new InvalidTimeError(refusal(done))
    return { outcome: done.kind, ticks: done.ticks.map((each) => new Date(each)), more: done.more }
  }),
})

const steering = (
  calling: Calling,
  { tz, by, allowed }: Asked,
): Pick<Schedules, 'pause' | 'resume' | 'run' | 'skip'> => ({
  pause: calling(async (opened, name, { reason, until, by: who = by }) => {
    texts(named(name), { reason, by: who })
    const now = instant(await opened.inspector.time())
    const end = until === undefined ? null : instantOf(until, 'until')
    await allowed(opened)
    return (await pause(opened, named(name), { until: end, by: who, reason, now })).kind
  }),
  resume: calling(async (opened, name, { missed = 'skip', rate = RATE, by: who = by } = {}) => {
    texts(named(name), { by: who })
    oneOf(name, 'missed', missed, ['skip', 'once', 'all'])
    const now = instant(await opened.inspector.time())
    await allowed(opened)
    const done = await resume(opened, named(name), { missed, rate, by: who, now, tz })
    const { ticks, more } = (done.kind === 'resumed' ? done.filled : null) ?? { ticks: [], more: false }
    return { outcome: done.kind, made: ticks.length, more }
  }),
  run: calling(async (opened, name, { payload, job, by: who = by } = {}) => {
    texts(named(name), { by: who })
    const check = job === undefined ? {} : { check: checkedBy(contractOf(job)) }
    const given = payload === undefined ? {} : { payload: payload as Json }
    const done = await runNow(opened, named(name), { ...given, ...check, by: who, tz })
    if (done.kind === 'invalid') throw new InvalidScheduleError(name, done.faults)
    return done.kind === 'made' ? { outcome: 'made', id: done.id } : { outcome: 'unknown' }
  }),
  skip: calling(async (opened, name, { at, count = 1, reason, by: who = by } = {}) => {
    texts(named(name), reason === undefined ? { by: who } : { reason, by: who })
    const now = instant(await opened.inspector.time())
    const which = at === undefined ? { count: countOf(name, count) } : { at: instantOf(at, 'at') }
    await allowed(opened)
    const done = await skip(opened, name, { ...which, by: who, ...(reason === undefined ? {} : { reason }), now })
    if (done.kind === 'too-many') throw new InvalidScheduleError(name, [`count: expected at most ${done.most}`])
    return { outcome: done.kind, ticks: done.kind === 'skipped' ? done.at.map((each) => new Date(each)) : [] }
  }),
})

const looking = (calling: Calling): Pick<Schedules, 'list' | 'get' | 'next' | 'history'> => ({
  list: calling(async (opened) => {
    const now = await opened.inspector.time()
    return (await opened.schedules.list()).map((stands) => scheduleView(stands, now))
  }),
  get: calling(async (opened, name) => {
    const found = await readInForce(opened, named(name))
    return found === undefined ? undefined : scheduleView(found.stands, await opened.inspector.time())
  }),
  next: calling(async (opened, name, { count = SHOWN_TICKS, from } = {}) => {
    const found = await readInForce(opened, named(name))
    if (found === undefined) return []
    const after = from === undefined ? instant(await opened.inspector.time()) : instantOf(from, 'from')
    return tickViews(found.compiled.rule, found.compiled.definition.tz, after, countOf(name, count))
  }),
  history: calling(async (opened, name, { count = SHOWN_ENTRIES, after = null } = {}) => {
    if (after !== null && !isCursor(after))
      throw new InvalidScheduleError(name, [`after: expected the next of a page before, got ${excerpt(after)}`])
    const page = await history(opened, named(name), { count: countOf(name, count), after, newestFirst: true })
    return { entries: page?.entries.map(historyView) ?? [], next: page?.next ?? null }
  }),
})

/** Reads a declaration by the rules of schedule files; InvalidScheduleError has every fault. */
async function definitionFrom(name: string, declaration: ScheduleDeclaration): Promise<ScheduleDefinition> {
  const { job, ...rest } = declaration
  const contract = typeof job === 'string' ? undefined : contractOf(job)
  const catalogue = contract === undefined ? {} : { catalogue: knowing(contract) }
  const read = readValue(name, { ...rest, job: contract?.name ?? job }, 'api', catalogue)
  if (read.kind === 'faulty') throw new InvalidScheduleError(name, read.faults)
  if (read.definition.queue === undefined)
    throw new InvalidScheduleError(name, ['queue: expected a queue beside the name of a job; or give the job type'])
  if (contract !== undefined) await writePayload(contract, declaration.payload)
  return read.definition
}

const knowing = (contract: JobContract) => ({
  knows: (job: string) => job === contract.name,
  queueOf: (job: string) => (job === contract.name ? contract.queue : undefined),
  checkPayload: () => [],
})

/** What is wrong with a payload by the schema of a job type. */
const checkedBy =
  (contract: JobContract) =>
  async (job: string, payload: Json | undefined): Promise<readonly string[]> => {
    if (job !== contract.name) return [`job: expected ${job}, got ${excerpt(contract.name)}`]
    try {
      await writePayload(contract, payload)
      return []
    } catch (error) {
      return [error instanceof Error ? error.message : String(error)]
    }
  }

type Refused =
  | { readonly why: 'future'; readonly now: Instant }
  | { readonly why: 'before-ledger'; readonly knownFrom: Instant }

function refusal(refused: Refused): string {
  switch (refused.why) {
    case 'future':
      return `to: expected an instant up to now (${iso(refused.now)}); what is to come ticks by itself`
    case 'before-ledger':
      return `from: expected an instant since ${iso(refused.knownFrom)}, from when on it is known what ran; force: true goes further back, and may run again what has run`
  }
}

const iso = (at: Instant): string => new Date(at).toISOString()

/** An instant from a Date or an ISO text with an offset; InvalidTimeError for anything else. */
function instantOf(given: unknown, what: string): Instant {
  const at = given instanceof Date ? given.getTime() : typeof given === 'string' ? absolute(given) : Number.NaN
  if (Number.isFinite(at)) return instant(at)
  throw new InvalidTimeError(`${what}: expected a Date or an ISO time with its offset, got ${excerpt(given)}`)
}

function absolute(text: string): number {
  const parsed = parseIso(text)
  return parsed?.kind === 'instant' ? parsed.at : Number.NaN
}
