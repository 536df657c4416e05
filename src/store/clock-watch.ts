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
export type ClockVerdict = {
  readonly apart: number
  readonly held: boolean
  /** How far apart a person took them to be right; 0 when nobody did. */
  readonly accepted: number
}

/** The same, and by how many milliseconds this host's clock is ahead. */
export type ClockReading = ClockVerdict & { readonly own: number }

/** Redis' clock is held when it is farther than this from the median of the hosts', in milliseconds. */
export const FARTHEST_CLOCK = 60_000

/**
 * Measures how far this host's clock is ahead of Redis' and compares Redis' with the median of what the living processes
 * measured; of the nodes of a cluster the one that is farthest off counts. A measurement during which this process stood
 * still says nothing and counts as no difference. `self` is the id under which this process is listed itself, so that its
 * own clock counts once; that of one who is not listed counts only where nobody is.
 */
export async function readClock(store: Store, clock: Clock, self = ''): Promise<ClockReading> {
  const before = clock.now()
  const times = await store.inspector.times()
  const after = clock.now()
  const own = farthest(times.map(({ time }) => (time < before ? before - time : time > after ? after - time : 0)))
  const living = await store.registry.living(times[0]?.time ?? before)
  const others = living.flatMap(({ id, clockAhead }) => (id === self ? [] : [clockAhead]))
  return { own, ...(await judgeClock(store, self === '' && others.length > 0 ? others : [own, ...others])) }
}

/** Judges Redis' clock by how many milliseconds hosts' clocks are ahead of it. */
export async function judgeClock(store: Store, aheads: readonly number[]): Promise<ClockVerdict> {
  const apart = median(aheads)
  const accepted = Number((await store.connection.command('GET', spaceKeys(store.prefix).clock)) ?? 0)
  return { apart, held: !areNear(apart, 0) && !areNear(apart, accepted), accepted }
}

/** What time it is by a clock that may have leapt: what it should say, where that is known and it does not. */
export const unlessLeapt = (time: number, expected: number | null): number =>
  expected === null || areNear(time, expected) ? time : expected

const areNear = (one: number, other: number): boolean => Math.abs(one - other) <= FARTHEST_CLOCK

/** Takes Redis' clock for right as it is now, however far it is from the hosts'; answers how far that is. */
export async function acceptClock(store: Store, clock: Clock): Promise<number> {
  const { apart } = await readClock(store, clock)
  await thoughFull(store.connection, 'SET', spaceKeys(store.prefix).clock, apart)
  return apart
}

/** Forgets that a person took Redis' clock for right: it agrees with the hosts' again, and the next difference is another one. */
export const forgetAccepted = async (store: Store): Promise<void> => {
  await store.connection.command('DEL', spaceKeys(store.prefix).clock)
}

/** Sees when Redis' clock leaps: from one look to the next it runs as the monotonic clock of this host does, or it was set. */
export type LeapWatch = {
  /** From here on a leap is one. */
  mark(): Promise<void>
  /**
   * Whether it has leapt by more than is allowed since it was marked, or another node of a cluster is in use; a process
   * that stood still meanwhile may say so without need.
   */
  leapt(): Promise<boolean>
  /** What Redis' clock says if it has not leapt; of several clocks the one that is ahead. Null before it was marked. */
  expected(): number | null
  /** What it says at most then. */
  latest(): number | null
}

/** A measurement that took longer, in milliseconds, is made again, twice at most. */
const TIGHT = 1_000

/** Opens a watch for leaps of Redis' clock. */
export function openLeapWatch(store: Store, clock: Clock): LeapWatch {
  /** By how much each server's clock is ahead of the monotonic one of this host. */
  let ahead: ReadonlyMap<string, number> = new Map()
  const measure = async (): Promise<ReadonlyMap<string, number>> => {
    for (let more = 2; ; more--) {
      const before = clock.monotonic()
      const times = await store.inspector.times()
      const after = clock.monotonic()
      // A process that was frozen meanwhile has measured its own rest.
      if (more > 0 && after - before > TIGHT) continue
      return new Map(times.map(({ server, time }) => [server, time - after]))
    }
  }
  const expected = (): number | null => (ahead.size === 0 ? null : Math.max(...ahead.values()) + clock.monotonic())
  return {
    mark: async () => {
      ahead = await measure()
    },
    leapt: async () => {
      if (ahead.size === 0) return false
      return [...(await measure())].some(
        ([server, now]) => !areNear(now, ahead.get(server) ?? Number.POSITIVE_INFINITY),
      )
    },
    expected,
    latest: () => {
      const now = expected()
      return now === null ? null : now + FARTHEST_CLOCK
    },
  }
}

/** The value that is farthest from nothing; 0 of none. */
const farthest = (values: readonly number[]): number =>
  values.reduce((far, value) => (Math.abs(value) > Math.abs(far) ? value : far), 0)

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2
}
