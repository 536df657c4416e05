import type { CancelAnswer, JobView, RescheduleAnswer } from '../job/client.ts'
import { contractOf, type JobContract } from '../job/contract.ts'
import { type Place, placeOf } from '../job/id.ts'
import { ownId } from '../job/names.ts'
import { RedisUnavailableError, StoreError } from '../store/errors.ts'
import type { Found, QueueDoor } from '../store/queue.ts'
import type { Store } from '../store/store.ts'
import type { Clock } from '../time/clock.ts'
import { parseWhenOf } from '../time/parse-when.ts'
import type { Calls } from './calls.ts'
import { inTime } from './in-time.ts'
import { anotherLife } from './second-life.ts'
import { viewOf } from './view.ts'
import { dueOf, type RedisTime } from './when.ts'

/** Where a named job lies, and through which door it is reached; `remembered` says that its own id stands. */
export type Spot = {
  readonly door: QueueDoor
  readonly page: string
  readonly slot: number
  readonly remembered: boolean
}

/** What a caller names a job by: its id, or its type and an id of the caller's own. */
export type Name =
  | { readonly kind: 'id'; readonly place: Place }
  | { readonly kind: 'own'; readonly job: JobContract; readonly id: string }

type LookupParts = {
  readonly store: () => Promise<Store>
  readonly time: RedisTime
  readonly clock: Clock
  readonly timeout: number
}

type Look<Answer> = (spot: Spot) => Promise<Answer>

/** The calls that name a job: get, cancel, reschedule. Each does the same bounded work however many jobs wait. */
export function lookups({ store, time, clock, timeout }: LookupParts, counted: Calls['counted']) {
  const at = async <Answer>(name: Name, none: Answer, look: Look<Answer>): Promise<Answer> => {
    const spot = await find(await store(), name)
    return spot === undefined ? none : look(spot)
  }
  const untilNow = (): number => clock.monotonic() + timeout
  return {
    get: counted(async (...named: readonly unknown[]): Promise<JobView | undefined> => {
      const look: Look<Found | undefined> = ({ door, page, slot }) => door.get(page, slot)
      const answer = await inTime(at(nameOf(named), undefined, look), untilNow(), clock)
      if (answer?.kind === 'newer') throw new StoreError(NEWER)
      return answer?.kind === 'job' ? viewOf(answer.job) : undefined
    }),
    cancel: counted(async (...named: readonly unknown[]): Promise<CancelAnswer> => {
      const look: Look<CancelAnswer> = async ({ door, page, slot, remembered }) => {
        const answer = await door.cancel(page, slot, time.expected())
        return answer === 'unknown' && remembered ? 'ended' : answer
      }
      return inTime(at(nameOf(named), 'unknown', look), untilNow(), clock, 'unknown')
    }),
    reschedule: counted(async (...given: readonly unknown[]): Promise<RescheduleAnswer> => {
      const name = nameOf(given.slice(0, -1))
      const when = parseWhenOf(given.at(-1))
      const until = untilNow()
      const due = await inTime(Promise.resolve(dueOf(when, time)), until, clock)
      const look: Look<RescheduleAnswer> = async (spot) => {
        const kind = await moved(time, spot, due.at)
        return kind === 'unknown' && spot.remembered ? 'ended' : kind
      }
      return inTime(at(name, 'unknown', look), until, clock, 'unknown')
    }),
  }
}

/** So often a clock that leaps is looked at for one call. */
const MOST_LOOKS = 3

/** Reschedules one job; while the clock leaps it is looked at again. */
export async function moved(
  time: RedisTime,
  { door, page, slot }: Omit<Spot, 'remembered'>,
  due: string,
): Promise<RescheduleAnswer> {
  for (let looks = 0; looks < MOST_LOOKS; looks++) {
    const { kind } = await door.reschedule(page, slot, due, time.expected())
    if (kind !== 'leapt') return kind
    const held = await time.lookAgain()
    if (held) throw held
  }
  throw new RedisUnavailableError('its clock leaps')
}

const NEWER = 'expected a record that this release can read, found one of a newer release: upgrade this process'

/** Reads what a job is named by: its id, or its type and an own id. */
export function nameOf(named: readonly unknown[]): Name {
  if (named.length < 2) return { kind: 'id', place: placeOf(named[0]) }
  return { kind: 'own', job: contractOf(named[0]), id: ownId(named[1], 'id') }
}

/** Gives a dead job another life: all its attempts again, its history kept. */
export async function revive(store: Store, id: string): Promise<'revived' | 'unknown'> {
  const spot = await find(store, { kind: 'id', place: placeOf(id) })
  if (!spot) return 'unknown'
  const found = await spot.door.get(spot.page, spot.slot)
  if (found.kind !== 'job' || found.job.place !== 'dead') return 'unknown'
  return anotherLife(spot.door, found.job)
}

/** Finds where a named job lies; undefined where nothing stands under that name. */
export async function find(store: Store, name: Name): Promise<Spot | undefined> {
  if (name.kind === 'id') {
    const { token, page, slot } = name.place
    const queue = await store.space.queueOf(token)
    return queue === undefined ? undefined : { door: await store.queue(queue), page, slot, remembered: false }
  }
  const { job, id } = name
  for (const queue of [job.queue, ...job.formerQueues]) {
    const door = await store.queue(queue)
    const entry = await door.own(job.name, id)
    if (entry) return { door, page: entry.page, slot: entry.slot, remembered: true }
  }
  return undefined
}
