import type { CancelAnswer, JobView, RescheduleAnswer } from '../job/client.ts'
import type { JobContract } from '../job/contract.ts'
import { placeOf } from '../job/id.ts'
import { ownId } from '../job/names.ts'
import { encodeRecord } from '../job/record.ts'
import { errorOf, faultOf } from '../store/errors.ts'
import type { QueueDoor } from '../store/queue.ts'
import type { Store } from '../store/store.ts'
import type { When } from '../time/due.ts'
import { viewOf } from './view.ts'
import { dueOf, type RedisTime } from './when.ts'

/** Where a named job lies, and through which door it is reached; `remembered` says that its own id stands. */
type Spot = { readonly door: QueueDoor; readonly page: string; readonly slot: number; readonly remembered: boolean }

/** What a caller names a job by: its id, or its type and an id of the caller's own. */
type Named = readonly [id: string] | readonly [job: JobContract, id: string]

/** The calls that name a job: get, cancel, reschedule. Each does the same bounded work however many jobs wait. */
export function lookups(store: () => Promise<Store>, time: RedisTime) {
  const at = async <Answer>(named: Named, none: Answer, look: (spot: Spot) => Promise<Answer>): Promise<Answer> => {
    try {
      const spot = await find(await store(), named)
      return spot === undefined ? none : await look(spot)
    } catch (error) {
      throw errorOf(faultOf(error))
    }
  }
  return {
    get: (...named: Named): Promise<JobView | undefined> =>
      at<JobView | undefined>(named, undefined, async ({ door, page, slot }) => {
        const found = await door.get(page, slot)
        return found.kind === 'job' ? viewOf(found.job) : undefined
      }),
    cancel: (...named: Named): Promise<CancelAnswer> =>
      at<CancelAnswer>(named, 'unknown', async ({ door, page, slot, remembered }) => {
        const answer = await door.cancel(page, slot)
        return answer === 'unknown' && remembered ? 'ended' : answer
      }),
    reschedule: async (...given: readonly [...Named, When]): Promise<RescheduleAnswer> => {
      const when = given.at(-1) as When
      const due = await dueOf(when, time)
      return at<RescheduleAnswer>(given.slice(0, -1) as unknown as Named, 'unknown', async (spot) => {
        const { kind } = await spot.door.reschedule(spot.page, spot.slot, due.at)
        return kind === 'unknown' && spot.remembered ? 'ended' : kind
      })
    },
  }
}

/** Gives a dead job another life: all its attempts again, its history kept. */
export async function revive(store: Store, id: string): Promise<'revived' | 'unknown'> {
  const spot = await find(store, [id])
  if (!spot) return 'unknown'
  const found = await spot.door.get(spot.page, spot.slot)
  if (found.kind !== 'job' || found.job.place !== 'dead') return 'unknown'
  const { reason: _reason, ...extension } = found.job.record.extension
  const { head } = encodeRecord({ ...found.job.record, failures: 0, interruptions: found.job.claim, extension })
  return spot.door.revive(spot.page, spot.slot, head)
}

async function find(store: Store, named: Named): Promise<Spot | undefined> {
  if (named.length === 1) {
    const { token, page, slot } = placeOf(named[0])
    const queue = await store.space.queueOf(token)
    return queue === undefined ? undefined : { door: await store.queue(queue), page, slot, remembered: false }
  }
  const [job, id] = named
  for (const queue of [job.queue, ...job.formerQueues]) {
    const door = await store.queue(queue)
    const entry = await door.own(job.name, ownId(id))
    if (entry) return { door, page: entry.page, slot: entry.slot, remembered: true }
  }
  return undefined
}
