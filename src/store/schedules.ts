import { type JobId, jobId, newClient, tokenOf } from '../job/id.ts'
import { queueKeys, spaceKeys } from './keys.ts'
import type { StoreParts } from './queue.ts'
import { part, word } from './reply.ts'
import { run } from './script.ts'
import { scripts } from './scripts.ts'
import { texts } from './space.ts'
import { thoughFull } from './though-full.ts'

/** A schedule as it is in force. Instants in milliseconds; `definition` is the text that was applied. */
export type StoredSchedule = {
  readonly id: string
  readonly name: string
  readonly queue: string
  readonly version: string
  readonly definition: string
  readonly nextAt: number | null
  readonly lastPlannedAt: number | null
  readonly lastFiredAt: number | null
  /** How many jobs it has made. */
  readonly made: number
}

/** What `fire` did: made the job, or found that another had, or that it is not time yet. */
export type Fired = { readonly kind: 'fired'; readonly id: JobId | null } | { readonly kind: 'moved' | 'early' }

/** A tick on its way. `record` is empty when it makes no job; `next` null when none follows. */
export type Firing = {
  readonly cursor: number
  readonly version: string
  readonly dueAt: number
  readonly next: number | null
  readonly record: string
  /** The payload, when the record says that it lies apart. */
  readonly apart?: string
  /** What the ledger shall say. */
  readonly entry: string
}

/** The schedules of a namespace: what is in force, its cursors, and the arrow that fires a tick. */
export type Schedules = {
  /** Puts a definition in force; a schedule that feeds another queue than before is withdrawn there first. */
  apply(schedule: Applied): Promise<'applied' | 'unchanged'>
  withdraw(name: string): Promise<void>
  list(): Promise<readonly StoredSchedule[]>
  /** The schedules of a queue whose next tick is due at `now`, and the instant of the next one. */
  due(queue: string, now: number): Promise<{ readonly due: readonly StoredSchedule[]; readonly nextAt: number | null }>
  fire(queue: string, id: string, firing: Firing): Promise<Fired>
  /** The newest entries of a schedule's ledger, oldest first. */
  ledger(queue: string, id: string, count: number): Promise<readonly string[]>
}

/** A definition to be put in force. */
export type Applied = {
  readonly name: string
  readonly queue: string
  readonly version: string
  readonly definition: string
  readonly next: number | null
}

const MOST_DUE = 100

/** Opens the schedules of a namespace. */
export function openSchedules(parts: StoreParts): Schedules {
  return {
    apply: (applied) => apply(parts, applied),
    withdraw: async (name) => {
      const home = await homeOf(parts, name)
      if (home) await withdraw(parts, home)
    },
    list: () => list(parts),
    due: (queue, now) => due(parts, queue, now),
    fire: (queue, id, firing) => fire(parts, queue, id, firing),
    ledger: async (queue, id, count) => {
      const { ledgers } = queueKeys(parts.prefix, queue)
      return texts(await parts.connection.command('LRANGE', `${ledgers}${id}`, -count, -1))
    },
  }
}

/** The id of a schedule, which it keeps for ever, and the queue it feeds. */
type Home = { readonly id: string; readonly queue: string }

const homeIn = (text: string): Home => {
  const cut = text.indexOf(' ')
  return { id: text.slice(0, cut), queue: text.slice(cut + 1) }
}

async function homeOf({ connection, prefix }: StoreParts, name: string): Promise<Home | undefined> {
  const text = await connection.command('HGET', spaceKeys(prefix).schedules, name)
  return typeof text === 'string' ? homeIn(text) : undefined
}

async function apply(parts: StoreParts, applied: Applied): Promise<'applied' | 'unchanged'> {
  const { name, queue, version, definition, next } = applied
  const { connection, prefix } = parts
  const { schedules } = spaceKeys(prefix)
  await thoughFull(connection, 'HSETNX', schedules, name, `${newClient()} ${queue}`)
  const home = (await homeOf(parts, name)) ?? { id: newClient(), queue }
  if (home.queue !== queue) {
    await withdraw(parts, home)
    await thoughFull(connection, 'HSET', schedules, name, `${home.id} ${queue}`)
  }
  const args = { queue, id: home.id, version, name, definition, next: next ?? '' }
  return word(await run(connection, scripts.apply, queueKeys(prefix, queue), { args })) as 'applied' | 'unchanged'
}

async function withdraw({ connection, prefix }: StoreParts, { id, queue }: Home): Promise<void> {
  await run(connection, scripts.withdraw, queueKeys(prefix, queue), { args: { id } })
}

async function list(parts: StoreParts): Promise<readonly StoredSchedule[]> {
  const homes = texts(await parts.connection.command('HVALS', spaceKeys(parts.prefix).schedules)).map(homeIn)
  const found = await Promise.all(homes.map(({ id, queue }) => schedule(parts, queue, id)))
  return found.filter((each) => each !== undefined).sort(byName)
}

async function due(parts: StoreParts, queue: string, now: number): ReturnType<Schedules['due']> {
  const { ticks } = queueKeys(parts.prefix, queue)
  const head = texts(await parts.connection.command('ZRANGE', ticks, 0, MOST_DUE, 'WITHSCORES'))
  const ids = head.filter((_, index) => index % 2 === 0)
  const instants = head.filter((_, index) => index % 2 === 1).map(Number)
  const found = await Promise.all(
    ids.filter((_, index) => (instants[index] ?? 0) <= now).map((id) => schedule(parts, queue, id)),
  )
  return { due: found.filter((each) => each !== undefined), nextAt: instants.find((at) => at > now) ?? null }
}

async function fire(parts: StoreParts, queue: string, id: string, firing: Firing): Promise<Fired> {
  const { dueAt, next, apart = '', ...rest } = firing
  const args = { ...rest, now: parts.now(), queue, id, next: next ?? '', due: dueAt, apart }
  const reply = await run(parts.connection, scripts.fire, queueKeys(parts.prefix, queue), { args })
  const kind = word(reply) as Fired['kind']
  if (kind !== 'fired') return { kind }
  const number = part(reply, 1)
  return { kind, id: number === '' ? null : jobId(tokenOf(queue), id, Number(number)) }
}

const FIELDS = ['name', 'version', 'definition', 'made', 'lastPlannedAt', 'lastFiredAt']

const byName = (a: StoredSchedule, b: StoredSchedule): number => (a.name < b.name ? -1 : 1)

async function schedule(
  { connection, prefix }: StoreParts,
  queue: string,
  id: string,
): Promise<StoredSchedule | undefined> {
  const keys = queueKeys(prefix, queue)
  const [reply, nextAt] = await Promise.all([
    connection.command('HMGET', `${keys.schedules}${id}`, ...FIELDS),
    connection.command('ZSCORE', keys.ticks, id),
  ])
  const [name, version, definition, made, planned, fired] = Array.isArray(reply) ? reply : []
  if (typeof name !== 'string' || typeof version !== 'string' || typeof definition !== 'string') return undefined
  const known = { id, name, queue, version, definition, made: Number(made ?? 0) }
  return { ...known, nextAt: number(nextAt), lastPlannedAt: number(planned), lastFiredAt: number(fired) }
}

const number = (value: unknown): number | null => (value === null || value === undefined ? null : Number(value))
