import { type Clock, type Duration, duration } from '../time/clock.ts'
import { FARTHEST_CLOCK, forgetAccepted, openLeapWatch, readClock } from './clock-watch.ts'
import type { ProcessCard } from './registry.ts'
import type { Store } from './store.ts'
import { type Unserved, unserved } from './unserved.ts'

/** What a living process learns each time it says that it lives. */
export type PresenceNews =
  | { readonly kind: 'clock'; readonly held: boolean; readonly apart: number }
  | { readonly kind: 'environment'; readonly environment: string; readonly from: string }
  | { readonly kind: 'unserved'; readonly unserved: readonly Unserved[] }

/** Keeps a process in the list of the living, watches Redis' clock and layout, and sees once a minute what nobody serves. */
export type Presence = {
  /** One round; answers how long to rest. */
  tick(): Promise<Duration>
  /** Takes the namespace for this process's environment, or throws EnvironmentOwnedError; `tick` does so too where jobs are moved. */
  hold(): Promise<void>
  /** Whether Redis' clock is so far from the hosts' that time stands still. */
  clockHeld(): boolean
  /** Looks whether Redis' clock has leapt, and compares it with the hosts' if so; to be called before anything is moved by time. */
  watchClock(): Promise<void>
  /** What Redis' clock says at most unless it has leapt; null while that is not known. */
  latest(): number | null
  /** What it should say: carried on from when it was right last. Null while that is not known. */
  expected(): number | null
  leave(): Promise<void>
}

export type PresenceParts = {
  readonly store: Store
  readonly clock: Clock
  /** What the process says of itself at this moment. */
  readonly card: () => ProcessCard
  /** Whether the process moves jobs: then the namespace has to be its environment's, else `tick` throws EnvironmentOwnedError. */
  readonly moves?: boolean
  readonly tell: (news: PresenceNews) => void
}

const EVERY = duration(10_000)
const MINUTE = 60_000

/** What a process knows of Redis' clock. */
type ClockWatch = Pick<Presence, 'clockHeld' | 'watchClock' | 'latest' | 'expected'> & {
  /** By how many milliseconds this host's clock is ahead of Redis'. */
  ahead(): number
  /** Compares it with the hosts' clocks if there is reason to, or `anyway`. */
  compare(anyway: boolean): Promise<void>
  end(): void
}

function openClockWatch({ store, clock, card, tell }: PresenceParts): ClockWatch {
  let held = false
  let doubted = false
  let ahead = 0
  /** By how much a clock that is right is ahead of the monotonic one. */
  let right: number | undefined
  const leaps = openLeapWatch(store, clock)
  const measure = async (): Promise<void> => {
    await leaps.mark()
    const reading = await readClock(store, clock, card().id)
    ahead = reading.own
    doubted = false
    const marked = (leaps.expected() ?? 0) - clock.monotonic()
    // One that was wrong from the first may be the hosts' too: the later of both is never early.
    right = reading.held ? (right ?? marked + Math.max(0, reading.apart)) : marked
    if (reading.accepted !== 0 && Math.abs(reading.apart) <= FARTHEST_CLOCK) await forgetAccepted(store)
    if (reading.held !== held) tell({ kind: 'clock', held: reading.held, apart: reading.apart })
    held = reading.held
  }
  const doubt = async (): Promise<void> => {
    doubted = true
    await measure()
  }
  // Another server may be behind the same address now, a day ahead: nothing is moved by its time before it is compared.
  const end = store.connection.onReady(() => void doubt().catch(() => undefined))
  return {
    ahead: () => ahead,
    latest: leaps.latest,
    expected: () => (right === undefined ? null : right + clock.monotonic()),
    clockHeld: () => held || doubted,
    compare: async (anyway) => {
      if (anyway || held) await measure()
      else if (doubted || (await leaps.leapt())) await doubt()
    },
    watchClock: async () => {
      if (!held && (doubted || (await leaps.leapt()))) await doubt()
    },
    end,
  }
}

/** Opens the presence of a process. */
export function openPresence(parts: PresenceParts): Presence {
  const { store, clock, card, moves = false, tell } = parts
  const watch = openClockWatch(parts)
  let lookedAt = Number.NEGATIVE_INFINITY
  const holdAt = async (now: number): Promise<void> => {
    const { environment } = card()
    const from = await store.environments.hold(environment, now)
    if (from !== null) tell({ kind: 'environment', environment, from })
  }
  return {
    tick: async () => {
      await store.space.greet()
      const minute = clock.monotonic() - lookedAt >= MINUTE
      const first = lookedAt === Number.NEGATIVE_INFINITY
      await watch.compare(minute)
      const now = await store.inspector.time()
      await store.registry.announce({ ...card(), clockAhead: watch.ahead() }, now)
      // Announced first: of two environments that begin at once, the second sees that the first lives.
      if (moves) await holdAt(now)
      if (minute) {
        lookedAt = clock.monotonic()
        if (!first) tell({ kind: 'unserved', unserved: await unserved(store) })
      }
      return EVERY
    },
    hold: async () => holdAt(await store.inspector.time()),
    clockHeld: watch.clockHeld,
    watchClock: watch.watchClock,
    latest: watch.latest,
    expected: watch.expected,
    leave: async () => {
      watch.end()
      const { id, generation = '' } = card()
      await store.registry.leave(id, { generation, now: generation === '' ? 0 : await store.inspector.time() })
    },
  }
}
