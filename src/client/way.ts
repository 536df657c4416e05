import type { Emit } from '../job/events.ts'
import { errorOf, faultOf } from '../store/errors.ts'
import type { Line } from '../store/line.ts'
import type { QueueDoor } from '../store/queue.ts'
import type { Store } from '../store/store.ts'
import { type Clock, duration } from '../time/clock.ts'
import type { RedisTime } from './when.ts'

/** What ways are made of. */
export type WayParts = {
  readonly store: () => Promise<Store>
  readonly clock: Clock
  readonly timeout: number
  readonly emit: Emit
  readonly time: RedisTime
}

/** An open line into a queue, and the door to the same queue. */
export type Way = { readonly line: Line; readonly door: QueueDoor }

/** The ways that a client has opened, one for each queue. */
export type Ways = {
  readonly ready: ReadonlyMap<string, Way>
  /** Opens the way to a queue once; rejects with one of our errors, and the next call tries anew. */
  to(queue: string): Promise<Way>
  /** Waits for the calls under way. */
  close(): Promise<void>
}

/** Begins without a way. */
export function openWays(parts: WayParts): Ways {
  const opening = new Map<string, Promise<Way>>()
  const ready = new Map<string, Way>()
  return {
    ready,
    to: (queue) => {
      const known = opening.get(queue)
      if (known) return known
      const way = openWay(parts, queue)
      opening.set(queue, way)
      way.then(
        (open) => ready.set(queue, open),
        () => opening.delete(queue),
      )
      return way
    },
    close: async () => {
      await Promise.all([...ready.values()].map(({ line }) => line.settled()))
      for (const { line } of ready.values()) line.close()
    },
  }
}

async function openWay({ store, clock, timeout, emit, time }: WayParts, queue: string): Promise<Way> {
  try {
    const opened = await store()
    const onRolledBack = (lost: number): void => emit({ kind: 'store.rolledBack', queue, lost })
    return {
      door: await opened.queue(queue),
      line: await opened.line(queue, {
        clock,
        timeout: duration(timeout),
        expected: time.expected,
        lookAtClock: time.lookAgain,
        onRolledBack,
      }),
    }
  } catch (error) {
    throw errorOf(faultOf(error))
  }
}
