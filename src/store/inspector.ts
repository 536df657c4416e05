import { idAt, tokenOf } from '../job/id.ts'
import { decodeRecord } from '../job/record.ts'
import { queueKeys } from './keys.ts'
import type { StoreParts } from './queue.ts'
import { part, type Reply } from './reply.ts'
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
    readonly cancelled: number
    readonly lost: number
    readonly fired: number
  }
}

/** A job in a listing, without its payload. Instants in milliseconds. */
export type ListedJob = { readonly id: string; readonly name: string; readonly queue: string; readonly at: number }

/** Jobs that wait for a worker that knows their name. */
export type HeldName = { readonly queue: string; readonly name: string; readonly count: number; readonly since: number }

/** What is at the heads of a queue: the jobs due next, and since when the oldest ready one has been due. */
export type QueueHead = {
  readonly now: number
  readonly next: readonly ListedJob[]
  readonly oldestReadyAt: number | null
}

/** Reads only: counts, heads and pages by cursor; never a scan of everything. */
export type Inspector = {
  /** Redis' time in milliseconds. */
  time(): Promise<number>
  counts(queue: string): Promise<QueueCounts>
  /** The jobs due next, at most 100. */
  head(queue: string, count: number): Promise<QueueHead>
  held(queue: string): Promise<readonly HeldName[]>
  /** Dead jobs, newest first, from `offset`. */
  dead(queue: string, offset: number, count: number): Promise<readonly ListedJob[]>
  /** How many milliseconds ago the scheduler that keeps this queue looked last; null when none ever did. */
  keptFor(queue: string): Promise<{ readonly scheduler: string; readonly until: number } | null>
}

/** Opens the reading side of a namespace. */
export function openInspector(parts: StoreParts): Inspector {
  const { connection, prefix } = parts
  return {
    time: () => time(parts),
    counts: async (queue) =>
      countsOf(queue, texts(await connection.command('HGETALL', queueKeys(prefix, queue).counts))),
    head: (queue, count) => head(parts, queue, count),
    held: (queue) => held(parts, queue),
    dead: (queue, offset, count) => dead(parts, queue, offset, count),
    keptFor: async (queue) => {
      const { keeper } = queueKeys(prefix, queue)
      const reply = await connection.command('HMGET', keeper, 'scheduler', 'until')
      const [scheduler, until] = [part(reply, 0), part(reply, 1)]
      return scheduler === null || until === null ? null : { scheduler: String(scheduler), until: Number(until) }
    },
  }
}

async function time({ connection, now }: StoreParts): Promise<number> {
  const given = now()
  if (given !== '') return Number(given)
  const [seconds = '0', micros = '0'] = texts(await connection.command('TIME'))
  return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000)
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
      cancelled: of('cancelled'),
      lost: of('lost'),
      fired: of('fired'),
    },
  }
}
