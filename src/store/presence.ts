import { type Clock, type Duration, duration } from '../time/clock.ts'
import { readClock } from './clock-watch.ts'
import type { ProcessCard } from './registry.ts'
import type { Store } from './store.ts'
import { type Unserved, unserved } from './unserved.ts'

/** What a living process learns each time it says that it lives. */
export type PresenceNews =
  | { readonly kind: 'clock'; readonly held: boolean; readonly apart: number }
  | { readonly kind: 'unserved'; readonly unserved: readonly Unserved[] }

/** Keeps a process in the list of the living, watches Redis' clock and layout, and sees once a minute what nobody serves. */
export type Presence = {
  /** One round; answers how long to rest. */
  tick(): Promise<Duration>
  /** Whether Redis' clock is so far from the hosts' that time stands still. */
  clockHeld(): boolean
  leave(): Promise<void>
}

export type PresenceParts = {
  readonly store: Store
  readonly clock: Clock
  /** What the process says of itself at this moment. */
  readonly card: () => ProcessCard
  readonly tell: (news: PresenceNews) => void
}

const EVERY = duration(10_000)
const MINUTE = 60_000

/** Opens the presence of a process. */
export function openPresence({ store, clock, card, tell }: PresenceParts): Presence {
  let held = false
  let doubted = false
  let ahead = 0
  let lookedAt = Number.NEGATIVE_INFINITY
  const measure = async (): Promise<void> => {
    const reading = await readClock(store, clock, card().id)
    ahead = reading.own
    doubted = false
    if (reading.held !== held) tell({ kind: 'clock', held: reading.held, apart: reading.apart })
    held = reading.held
  }
  // Another server may be behind the same address now, a day ahead: nothing is moved by its time before it is compared.
  const unwatch = store.connection.onReady(() => {
    doubted = true
    measure().catch(() => undefined)
  })
  return {
    tick: async () => {
      await store.space.greet()
      const minute = clock.monotonic() - lookedAt >= MINUTE
      const first = lookedAt === Number.NEGATIVE_INFINITY
      if (minute || held || doubted) await measure()
      const now = await store.inspector.time()
      await store.registry.announce({ ...card(), clockAhead: ahead }, now)
      if (minute) {
        lookedAt = clock.monotonic()
        if (!first) tell({ kind: 'unserved', unserved: await unserved(store) })
      }
      return EVERY
    },
    clockHeld: () => held || doubted,
    leave: () => {
      unwatch()
      return store.registry.leave(card().id)
    },
  }
}
