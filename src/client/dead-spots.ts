import { placeOf } from '../job/id.ts'
import type { DeadDoor, DeadJob, DeadSpot } from '../store/dead.ts'
import { errorOf, faultOf } from '../store/errors.ts'
import { MOST_JOBS } from '../store/portions.ts'
import type { Store } from '../store/store.ts'
import type { Matching } from './dead-views.ts'

/** Asks the store; what Redis answers amiss comes out as one of our errors. */
export type Asking = <Answer>(ask: (opened: Store) => Promise<Answer>) => Promise<Answer>

/** Opens the way to the store. */
export const asker =
  (store: () => Promise<Store>): Asking =>
  async (ask) => {
    try {
      return await ask(await store())
    } catch (error) {
      throw errorOf(faultOf(error))
    }
  }

/** Goes through the dead jobs that match, queue by queue; without payloads that lie apart. */
export async function eachDead(opened: Store, matching: Matching, see: (job: DeadJob) => void): Promise<void> {
  const known = await opened.space.queues()
  const now = await opened.inspector.time()
  const { olderThan = 0, newerThan = now } = matching
  for (const queue of known.filter((name) => matching.queue === undefined || name === matching.queue)) {
    const dead = await opened.dead(queue)
    for await (const page of dead.between(now - newerThan, now - olderThan)) {
      for (const job of page) if (matching.matches(job)) see(job)
    }
  }
}

/** Where those lie that match, the newest first: few bytes each, so that any number can be held. */
export async function spotsOf(asking: Asking, matching: Matching): Promise<readonly DeadSpot[]> {
  const spots: DeadSpot[] = []
  const see = ({ id, queue, page, slot, diedAt }: DeadJob): void => {
    spots.push({ id, queue, page, slot, diedAt })
  }
  await asking((opened) => eachDead(opened, matching, see))
  return spots.sort((one, other) => other.diedAt - one.diedAt)
}

/** The dead job of an id, whole; undefined when it is not dead (any more). */
export async function deadAt(opened: Store, id: unknown): Promise<DeadJob | undefined> {
  const { token, page, slot } = placeOf(id)
  const queue = await opened.space.queueOf(token)
  return queue === undefined ? undefined : (await opened.dead(queue)).get(page, slot)
}

/** Reads those that are still dead whole, portion by portion. */
export async function* portionsOf(asking: Asking, spots: readonly DeadSpot[]): AsyncGenerator<readonly DeadJob[]> {
  for (let from = 0; from < spots.length; from += MOST_JOBS) {
    const portion = spots.slice(from, from + MOST_JOBS)
    const found = await asking(async (opened) => {
      const doors = new Map<string, DeadDoor>()
      for (const { queue } of portion) if (!doors.has(queue)) doors.set(queue, await opened.dead(queue))
      return Promise.all(
        portion.map(async ({ queue, page, slot, diedAt }) => {
          const job = await doors.get(queue)?.get(page, slot)
          return job?.diedAt === diedAt ? job : undefined
        }),
      )
    })
    yield found.filter((job) => job !== undefined)
  }
}

/** Drops them, queue by queue; answers how many. */
export async function purgeSpots(opened: Store, spots: readonly DeadSpot[]): Promise<number> {
  let dropped = 0
  for (const queue of new Set(spots.map((spot) => spot.queue))) {
    const dead = await opened.dead(queue)
    dropped += await dead.purge(spots.filter((spot) => spot.queue === queue))
  }
  return dropped
}
