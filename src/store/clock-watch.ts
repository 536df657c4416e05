import { MorrowError } from '../errors.ts'
import type { Clock } from '../time/clock.ts'
import { spaceKeys } from './keys.ts'
import type { Store } from './store.ts'
import { thoughFull } from './though-full.ts'

/** Redis' clock is far from the clocks of the hosts, so nothing relative to it is taken. */
export class ClockHeldError extends MorrowError {
  override readonly name = 'ClockHeldError'
  constructor(apartMs: number) {
    super(
      'MORROW_CLOCK_HELD',
      `expected Redis' clock within 60 s of the hosts' clocks, found it ${Math.round(apartMs / 1000)} s apart: set the clock right, or run \`morrow clock accept\` if Redis is right; { at: … } is taken meanwhile`,
    )
  }
}

/** By how many milliseconds the hosts' clocks are ahead of Redis', and whether that is so much that time stands still. */
export type ClockReading = { readonly own: number; readonly apart: number; readonly held: boolean }

/** Redis' clock is held when it is farther than this from the median of the hosts', in milliseconds. */
export const FARTHEST_CLOCK = 60_000

/**
 * Measures how far this host's clock is ahead of Redis' and compares Redis' with the median of what the living processes
 * measured. A measurement during which this process stood still says nothing and counts as no difference. `self` is
 * the id under which this process is listed itself, so that its own clock counts once.
 */
export async function readClock(store: Store, clock: Clock, self = ''): Promise<ClockReading> {
  const before = clock.now()
  const redis = await store.inspector.time()
  const after = clock.now()
  const own = redis < before ? before - redis : redis > after ? after - redis : 0
  const others = (await store.registry.living(redis)).filter(({ id }) => id !== self)
  const apart = median([own, ...others.map(({ clockAhead }) => clockAhead)])
  const accepted = Number((await store.connection.command('GET', spaceKeys(store.prefix).clock)) ?? 0)
  return { own, apart, held: Math.abs(apart - accepted) > FARTHEST_CLOCK }
}

/** Takes Redis' clock for right as it is now, however far it is from the hosts'; answers how far that is. */
export async function acceptClock(store: Store, clock: Clock): Promise<number> {
  const { apart } = await readClock(store, clock)
  await thoughFull(store.connection, 'SET', spaceKeys(store.prefix).clock, apart)
  return apart
}

/** Sees when Redis' clock leaps: from one look to the next it runs as the monotonic clock of this host does, or it was set. */
export type LeapWatch = {
  /** From here on a leap is one. */
  mark(): Promise<void>
  /** Whether it has leapt by more than is allowed since it was marked; a process that stood still between may say so without need. */
  leapt(): Promise<boolean>
  /** What Redis' clock says at most if it has not leapt; null before it was marked. */
  latest(): number | null
}

/** Opens a watch for leaps of Redis' clock. */
export function openLeapWatch(store: Store, clock: Clock): LeapWatch {
  let behind: number | undefined
  const measure = async (): Promise<number> => (await store.inspector.time()) - clock.monotonic()
  return {
    mark: async () => {
      behind = await measure()
    },
    leapt: async () => behind !== undefined && Math.abs((await measure()) - behind) > FARTHEST_CLOCK,
    latest: () => (behind === undefined ? null : behind + clock.monotonic() + FARTHEST_CLOCK),
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2
}
