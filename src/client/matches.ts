import { excerpt } from '../errors.ts'
import { InvalidJobError } from '../job/errors.ts'
import type { SelectedJob } from '../job/selection-client.ts'
import type { QueueDoor } from '../store/queue.ts'
import type { ReadJob, Selection } from '../store/selection.ts'
import type { Store } from '../store/store.ts'
import type { Clock } from '../time/clock.ts'
import type { Calls } from './calls.ts'
import { type Criteria, WAITING } from './criteria.ts'
import { inTime } from './in-time.ts'
import { type Place, placeAfter, placeFrom } from './positions.ts'
import type { RedisTime } from './when.ts'

/** What calls on many jobs are made of. */
export type JobsParts = {
  readonly store: () => Promise<Store>
  readonly time: RedisTime
  readonly clock: Clock
  /** How long each portion may take, in milliseconds. */
  readonly timeout: number
  readonly payloadLimit: number
  readonly counted: Calls['counted']
}

/** The most jobs of one look. */
export const MOST = 250

/** A job that matches, and the doors through which it is steered. */
export type Match = ReadJob & { readonly door: QueueDoor; readonly selection: Selection }

/** One look: what matched, and where the next goes on. */
export type Looked = { readonly matches: readonly Match[]; readonly next: Place | null }

/** Looks at the next portion from a place on; undefined for the beginning. */
export type Looker = (from: Place | null | undefined, limit: number) => Promise<Looked>

/** The queues that are meant and there, in their order. */
export const queuesOf = async ({ store }: JobsParts, { queues }: Criteria): Promise<readonly string[]> => {
  const known = await (await store()).space.queues()
  return queues === undefined ? known : queues.filter((queue) => known.includes(queue))
}

/** Looks for jobs that match, at one portion in one queue at a time. */
export function looker(parts: JobsParts, criteria: Criteria): Looker {
  const { clock, timeout } = parts
  const { wanted, where } = criteria
  const ask = async (from: Place | null | undefined, limit: number): Promise<Looked> => {
    const queues = await queuesOf(parts, criteria)
    const place = placeFrom(queues, from ?? undefined)
    if (place === null) return { matches: [], next: null }
    const store = await parts.store()
    const [door, selection] = [await store.queue(place.queue), await store.selection(place.queue)]
    const { jobs, next } = await selection.look(wanted, place.at, limit)
    return { matches: jobs.map((read) => ({ ...read, door, selection })), next: placeAfter(queues, place, next) }
  }
  return async (from, limit) => {
    const { matches, next } = await inTime(ask(from, limit), clock.monotonic() + timeout, clock)
    // Outside of what Redis is waited for: what a predicate throws is no fault of its.
    return { matches: where === undefined ? matches : matches.filter((read) => where(payloadOf(read))), next }
  }
}

/** The payload of a job as it is stored; a text that is no JSON, as another hand may have left it, as that text. */
export function payloadOf({ job: { record } }: ReadJob): unknown {
  if (record.payload === '') return undefined
  try {
    return JSON.parse(record.payload) as unknown
  } catch {
    return record.payload
  }
}

/** A job as lists and samples show it. */
export const shown = (read: ReadJob): SelectedJob => {
  const { id, record, queue, place, dueAt, createdAt, claim } = read.job
  const instants = { dueAt: new Date(dueAt), createdAt: new Date(createdAt) }
  return { id, name: record.name, queue, place, ...instants, claims: claim, payload: payloadOf(read) }
}

/** Says of each job whether it comes for the first time: Redis may show a page twice while one walks through them. */
export function firstTimes(): (match: ReadJob) => boolean {
  const seen = new Map<string, bigint>()
  return ({ job: { queue, page, slot } }) => {
    const before = seen.get(`${queue} ${page}`) ?? 0n
    const mask = before | (1n << BigInt(slot))
    seen.set(`${queue} ${page}`, mask)
    return mask !== before
  }
}

/** Refuses what only jobs that wait can be asked for; of those that run a cancel tells the handlers. */
export function refuseStarted({ wanted }: Criteria, verb: string): void {
  const allowed = verb === 'cancel' ? [...WAITING, 'active'] : WAITING
  if (wanted.places.every((place) => allowed.includes(place))) return
  const places = excerpt(wanted.places.join(', '))
  throw new InvalidJobError('a selection of jobs', [
    `place: ${verb} is for jobs that are ${allowed.join(', ')}, got ${places}`,
  ])
}
