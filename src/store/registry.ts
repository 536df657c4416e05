import { spaceKeys } from './keys.ts'
import type { StoreParts } from './queue.ts'
import { texts } from './space.ts'
import { thoughFull } from './though-full.ts'

/** What a process says of itself; everybody can read it, so it holds no secret. */
export type ProcessCard = {
  readonly id: string
  readonly roles: readonly string[]
  readonly host: string
  readonly pid: number
  readonly version: string
  readonly environment: string
  readonly startedAt: number
  readonly queues: readonly string[]
  /** The job names that it can run. */
  readonly names: readonly string[]
  /** Job types that it knows, with their queues: for schedulers that cannot load job modules. */
  readonly catalogue: Readonly<Record<string, string>>
  readonly tz: string
  /** By how many milliseconds this host's clock was ahead of Redis' when it was last measured. */
  readonly clockAhead: number
  readonly running: number
  /** The generation of the schedule files that it has; empty when it has none. */
  readonly generation?: string
}

/** A card, and when it was seen last by Redis' clock. */
export type SeenProcess = ProcessCard & { readonly seenAt: number }

/** Which processes live. */
export type Registry = {
  /** Says that a process lives; to be repeated every 10 s. */
  announce(card: ProcessCard, now: number): Promise<void>
  /** Takes a process off the list; the generation of files that it had is remembered for ten minutes. */
  leave(id: string, had?: { readonly generation: string; readonly now: number }): Promise<void>
  /** The processes seen within the last minute, or within `age` milliseconds of ten minutes at most; older ones are dropped. */
  living(now: number, age?: number): Promise<readonly SeenProcess[]>
  /** The generations of schedule files that processes had which lived within `age` milliseconds, ten minutes at most. */
  generations(now: number, age: number): Promise<readonly string[]>
}

/** A process that was not seen for this long is taken for dead, in milliseconds. */
export const ALIVE = 60_000

/** Opens the list of processes of a namespace. */
export function openRegistry({ connection, prefix }: StoreParts): Registry {
  const keys = spaceKeys(prefix)
  const drop = async (ids: readonly string[]): Promise<void> => {
    if (ids.length === 0) return
    await connection.command('HDEL', keys.processes, ...ids)
    await connection.command('ZREM', keys.seen, ...ids)
  }
  const living: Registry['living'] = async (now, age = ALIVE) => {
    await drop(texts(await connection.command('ZRANGE', keys.seen, 0, now - 10 * ALIVE, 'BYSCORE', 'LIMIT', 0, 100)))
    const pairs = texts(await connection.command('ZRANGE', keys.seen, now - age, now + ALIVE, 'BYSCORE', 'WITHSCORES'))
    const ids = pairs.filter((_, index) => index % 2 === 0)
    if (ids.length === 0) return []
    const cards = await connection.command('HMGET', keys.processes, ...ids)
    return (Array.isArray(cards) ? cards : []).flatMap((card, index) =>
      typeof card === 'string' ? [{ ...(JSON.parse(card) as ProcessCard), seenAt: Number(pairs[2 * index + 1]) }] : [],
    )
  }
  return {
    announce: async (card, now) => {
      await thoughFull(connection, 'HSET', keys.processes, card.id, JSON.stringify(card))
      await thoughFull(connection, 'ZADD', keys.seen, now, card.id)
    },
    leave: async (id, { generation, now } = { generation: '', now: 0 }) => {
      if (generation !== '') await thoughFull(connection, 'ZADD', keys.left, 'GT', now, generation)
      await drop([id])
    },
    living,
    generations: async (now, age) => {
      await connection.command('ZREMRANGEBYSCORE', keys.left, '-inf', now - 10 * ALIVE)
      const left = texts(await connection.command('ZRANGE', keys.left, now - age, '+inf', 'BYSCORE'))
      const had = (await living(now, age)).map(({ generation = '' }) => generation)
      return [...new Set([...had, ...left])].filter((generation) => generation !== '')
    },
  }
}
