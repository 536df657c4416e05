import { type Duration, duration } from '../time/clock.ts'
import { HOUR } from '../time/duration.ts'
import { queueKeys } from './keys.ts'
import { MOST_JOBS } from './portions.ts'
import type { StoreParts } from './queue.ts'
import { part, word } from './reply.ts'
import { run } from './script.ts'
import { scripts } from './scripts.ts'

/** What a turn of promote did, and how long until the next job is due. */
export type Promoted = {
  readonly moved: number
  /** Null when no job waits. */
  readonly nextIn: Duration | null
  /** Whether another scheduler looks at the due instant itself, so that this one may look a little later. */
  readonly spared: boolean
}

/** What a turn of reclaim did, and how long until the next lease ends. */
export type Reclaimed = { readonly back: number; readonly died: number; readonly nextIn: Duration | null }

/** How much of what is over a queue keeps. */
export type Kept = {
  readonly ended: { readonly count: number; readonly age: Duration }
  readonly dead: { readonly count: number; readonly age: Duration }
  readonly ownIds: Duration
}

/** What is kept unless it is said otherwise. */
export const KEPT: Kept = {
  ended: { count: 1_000, age: duration(3_600_000) },
  dead: { count: 10_000, age: duration(180 * 86_400_000) },
  ownIds: duration(86_400_000),
}

/** The arrows of one queue that a scheduler draws. Any number of schedulers may draw them at once. */
export type Keeper = {
  readonly queue: string
  /** By a clock that says more than `latest` nothing is moved: it has leapt. */
  promote(scheduler: string, latest?: number | null): Promise<Promoted>
  reclaim(crashes: number, latest?: number | null): Promise<Reclaimed>
  /** Buries what nobody has known for so long; answers how many. */
  giveUp(patience: Duration, latest?: number | null): Promise<number>
  /** Drops one portion of what is kept no longer; answers whether there is more. */
  prune(kept: Kept, latest?: number | null): Promise<boolean>
  /** Keeps the queue no longer, if this scheduler does: another one keeps it from then on, and is never late for it. */
  yield(scheduler: string): Promise<void>
}

/** Every sleeper looks by itself after this long, whatever hints it got. */
export const LOOK = duration(5_000)

/** A page more may come on top. */
const PROMOTED_JOBS = MOST_JOBS - 63
const FORGET_CLIENTS = 86_400_000

/** Opens the scheduler's side of a queue. */
export function openKeeper(parts: StoreParts, queue: string): Keeper {
  const { connection, prefix, now, longestLease = HOUR } = parts
  const keys = queueKeys(prefix, queue)
  return {
    queue,
    promote: async (scheduler, latest = null) => {
      const args = { now: now(), queue, scheduler, limit: PROMOTED_JOBS, look: LOOK, latest: latest ?? '' }
      const reply = await run(connection, scripts.promote, keys, { args })
      return { moved: Number(part(reply, 0)), nextIn: rest(part(reply, 1)), spared: part(reply, 2) === 1 }
    },
    reclaim: async (crashes, latest = null) => {
      const reply = await run(connection, scripts.reclaim, keys, {
        args: { now: now(), queue, limit: MOST_JOBS, crashes, latest: latest ?? '', longest: longestLease },
      })
      return { back: Number(part(reply, 0)), died: Number(part(reply, 1)), nextIn: rest(part(reply, 2)) }
    },
    giveUp: async (patience, latest = null) => {
      const args = { now: now(), patience, limit: MOST_JOBS, latest: latest ?? '' }
      return Number(word(await run(connection, scripts.giveUp, keys, { args })))
    },
    prune: async ({ ended, dead, ownIds }, latest = null) => {
      const args = () => ({ now: now(), limit: MOST_JOBS, latest: latest ?? '' })
      const pruned = await run(connection, scripts.prune, keys, {
        args: { ...args(), keep: ended.count, age: ended.age },
      })
      const purged = await run(connection, scripts.purge, keys, {
        args: { ...args(), keep: dead.count, age: dead.age },
      })
      const forgot = await run(connection, scripts.forget, keys, {
        args: { ...args(), age: ownIds, turn: FORGET_CLIENTS },
      })
      if (part(pruned, 2) === 1) await run(connection, scripts.sweep, keys, { args: args() })
      return [pruned, purged, forgot].some((reply) => Number(part(reply, 0)) >= MOST_JOBS)
    },
    yield: async (scheduler) => {
      await run(connection, scripts.yield, keys, { args: { queue, scheduler } })
    },
  }
}

const rest = (value: unknown): Duration | null => (value === '' ? null : duration(Number(value)))
