import { idAt, jobId, pageOf, tokenOf } from '../job/id.ts'
import { priorityIn } from '../job/priority.ts'
import { decodeRecord } from '../job/record.ts'
import { queueKeys } from './keys.ts'
import type { StoreParts } from './queue.ts'
import { redisTime } from './redis-time.ts'
import { part, type Reply, word } from './reply.ts'
import { run } from './script.ts'
import { scripts } from './scripts.ts'
import { texts } from './space.ts'

/** How many jobs are in each place of a queue, and totals since it was made. */
export type QueueCounts = {
  readonly queue: string
  readonly scheduled: number
  readonly ready: number
  readonly held: number
  readonly active: number
  readonly dead: number
  readonly ended: number
  readonly totals: {
    readonly completed: number
    readonly retried: number
    readonly snoozed: number
    readonly discarded: number
    readonly cancelled: number
    readonly lost: number
    readonly fired: number
  }
}

/** A job in a listing, without its payload. Instants in milliseconds. */
export type ListedJob = { readonly id: string; readonly name: string; readonly queue: string; readonly at: number }

/** A lane of ready; the one of plain jobs has no name. What was cancelled or moved since it became ready may be counted still. */
export type ReadyLane = { readonly lane: string; readonly priority: number; readonly jobs: number }

/** Jobs that wait for a worker that knows their name. */
export type HeldName = { readonly queue: string; readonly name: string; readonly count: number; readonly since: number }

/** A run of a schedule that waits behind an earlier one. Since when, in milliseconds, is when it was due. */
export type HeldRun = { readonly queue: string; readonly schedule: string; readonly id: string; readonly since: number }

/** What is at the heads of a queue: the jobs due next, and since when the oldest ready one has been due. */
export type QueueHead = {
  readonly now: number
  readonly next: readonly ListedJob[]
  readonly oldestReadyAt: number | null
}

/** What time it is at a server, in milliseconds. */
export type ServerTime = { readonly server: string; readonly time: number }

/** Reads only: counts, heads and pages by cursor; never a scan of everything. */
export type Inspector = {
  /** Redis' time in milliseconds. */
  time(): Promise<number>
  /** The same of each server in use: the nodes of a cluster have clocks of their own. */
  times(): Promise<readonly ServerTime[]>
  counts(queue: string): Promise<QueueCounts>
  /** The jobs due next, at most 100. */
  head(queue: string, count: number): Promise<QueueHead>
  /** The lanes of ready, the most urgent first, each with how many of its jobs are ready at most: of the first 1,000 runs. */
  lanes(queue: string): Promise<readonly ReadyLane[]>
  held(queue: string): Promise<readonly HeldName[]>
  /** Runs of schedules that are held behind earlier ones, at most about 100. */
  behind(queue: string): Promise<readonly HeldRun[]>
  /** Dead jobs, newest first, from `offset`. */
  dead(queue: string, offset: number, count: number): Promise<readonly ListedJob[]>
  /** How many milliseconds ago the scheduler that keeps this queue looked last; null when none ever did. */
  keptFor(queue: string): Promise<{ readonly scheduler: string; readonly until: number } | null>
}

/** Opens the reading side of a namespace. */
export function openInspector(parts: StoreParts): Inspector {
  const { connection, prefix } = parts
  return {
    time: () => redisTime(parts),
    times: () => times(parts),
    counts: async (queue) =>
      countsOf(queue, texts(await connection.command('HGETALL', queueKeys(prefix, queue).counts))),
    head: (queue, count) => head(parts, queue, count),
    lanes: (queue) => lanes(parts, queue),
    held: (queue) => held(parts, queue),
    behind: (queue) => behind(parts, queue),
    dead: (queue, offset, count) => dead(parts, queue, offset, count),
    keptFor: async (queue) => {
      const { keeper } = queueKeys(prefix, queue)
      const reply = await connection.command('HMGET', keeper, 'scheduler', 'until')
      const [scheduler, until] = [part(reply, 0), part(reply, 1)]
      return scheduler === null || until === null ? null : { scheduler: String(scheduler), until: Number(until) }
    },
  }
}

async function times({ connection, now }: StoreParts): Promise<readonly ServerTime[]> {
  const given = now()
  if (given !== '') return [{ server: '', time: Number(given) }]
  return [...(await connection.times())].map(([server, time]) => ({ server, time }))
}

async function head({ connection, prefix, now }: StoreParts, queue: string, count: number): Promise<QueueHead> {
  const args = { now: now(), limit: Math.min(count, 100) }
  const reply = await run(connection, scripts.peek, queueKeys(prefix, queue), { args })
  const rows = part(reply, 2)
  const oldest = part(reply, 1)
  return {
    now: Number(part(reply, 0)),
    oldestReadyAt: oldest === '' ? null : Number(oldest),
    next: (Array.isArray(rows) ? rows : []).map((row) =>
      listed(queue, String(part(row, 0)), Number(part(row, 1)), Number(part(row, 2)), String(part(row, 3))),
    ),
  }
}

async function lanes({ connection, prefix }: StoreParts, queue: string): Promise<readonly ReadyLane[]> {
  const keys = queueKeys(prefix, queue)
  const named = texts(await connection.command('ZRANGE', keys.lanes, 0, 63))
  const all = [...named.map((lane) => ({ lane, list: keys.lane + lane })), { lane: undefined, list: keys.ready }]
  const found = await Promise.all(
    all.map(async ({ lane, list }) => {
      const runs = texts(await connection.command('LRANGE', list, 0, 999))
      const jobs = runs.reduce((sum, run) => sum + Number(run.slice(run.lastIndexOf(' ') + 1)), 0)
      return { lane: lane ?? '', priority: priorityIn(lane), jobs }
    }),
  )
  return found.filter(({ jobs }) => jobs > 0).sort((a, b) => a.priority - b.priority)
}

async function held({ connection, prefix }: StoreParts, queue: string): Promise<readonly HeldName[]> {
  const keys = queueKeys(prefix, queue)
  const names = pairs(await connection.command('ZRANGE', keys.holds, 0, 99, 'WITHSCORES'))
  return Promise.all(
    names.map(async ([name, since]) => ({
      queue,
      name,
      count: Number(await connection.command('LLEN', `${keys.held}${name}`)),
      since,
    })),
  )
}

async function behind({ connection, prefix }: StoreParts, queue: string): Promise<readonly HeldRun[]> {
  const keys = queueKeys(prefix, queue)
  const waits = texts(part(await connection.command('HSCAN', keys.waits, 0, 'COUNT', 100), 1)).slice(0, 200)
  const runs = waits.flatMap((id, index) => (index % 2 === 0 ? [{ id, number: Number(waits[index + 1]) }] : []))
  const found = await Promise.all(
    runs.map(async ({ id, number }): Promise<HeldRun | undefined> => {
      const { page, slot } = pageOf(id, number)
      const [name, job] = await Promise.all([
        connection.command('HGET', `${keys.schedules}${id}`, 'name'),
        run(connection, scripts.get, keys, { args: { name: page, slot } }),
      ])
      if (word(job) !== 'h') return undefined
      const schedule = typeof name === 'string' && name !== '' ? name : id
      return { queue, schedule, id: jobId(tokenOf(queue), id, number), since: Number(part(job, 2)) }
    }),
  )
  return found.filter((each) => each !== undefined)
}

async function dead(
  { connection, prefix }: StoreParts,
  queue: string,
  offset: number,
  count: number,
): Promise<readonly ListedJob[]> {
  const keys = queueKeys(prefix, queue)
  const last = offset + Math.min(count, 200) - 1
  const members = pairs(await connection.command('ZRANGE', keys.dead, offset, last, 'REV', 'WITHSCORES'))
  return Promise.all(
    members.map(async ([member, at]) => {
      const [page = '', slot] = member.split(' ')
      const record = await connection.command('LINDEX', `${keys.pages}${page}`, Number(slot) + 1)
      return listed(queue, page, Number(slot), at, String(record ?? ''))
    }),
  )
}

const pairs = (reply: Reply): (readonly [member: string, score: number])[] => {
  const flat = texts(reply)
  return flat.flatMap((member, index) => (index % 2 === 0 ? [[member, Number(flat[index + 1])] as const] : []))
}

function listed(queue: string, page: string, slot: number, at: number, record: string): ListedJob {
  return { id: idAt(tokenOf(queue), page, slot), name: decodeRecord(record)?.name ?? '', queue, at }
}

function countsOf(queue: string, pairs: readonly string[]): QueueCounts {
  const counts = new Map<string, number>()
  for (let index = 0; index < pairs.length; index += 2) counts.set(pairs[index] ?? '', Number(pairs[index + 1]))
  const of = (name: string): number => counts.get(name) ?? 0
  return {
    queue,
    scheduled: of('scheduled'),
    ready: of('ready'),
    held: of('held'),
    active: of('active'),
    dead: of('dead'),
    ended: of('ended'),
    totals: {
      completed: of('completed'),
      retried: of('retried'),
      snoozed: of('snoozed'),
      discarded: of('discarded'),
      cancelled: of('cancelled'),
      lost: of('lost'),
      fired: of('fired'),
    },
  }
}
