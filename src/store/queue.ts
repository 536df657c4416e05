import { idAt, type JobId } from '../job/id.ts'
import { decodeRecord, type JobRecord, RECORD_VERSION } from '../job/record.ts'
import type { Connection } from './connection.ts'
import { LayoutNewerError } from './errors.ts'
import { type QueueKeys, queueKeys } from './keys.ts'
import { part, type Reply, word } from './reply.ts'
import { run } from './script.ts'
import { scripts } from './scripts.ts'

/** Where a job is. */
export type PlaceName = 'scheduled' | 'ready' | 'held' | 'active' | 'dead' | 'ended'

/** How a job ended. */
export type EndName = 'completed' | 'cancelled' | 'expired' | 'discarded'

/** A job as the store knows it; instants in milliseconds of Redis' clock. */
export type StoredJob = {
  readonly id: JobId
  readonly queue: string
  readonly page: string
  readonly slot: number
  readonly place: PlaceName
  readonly end: EndName | undefined
  /** It runs, and ends as cancelled when its handler does. */
  readonly cancelling?: true
  readonly claim: number
  readonly dueAt: number
  readonly createdAt: number
  readonly record: JobRecord
}

/** What a lookup finds: a job, one that a newer release wrote, or nothing. */
export type Found =
  | { readonly kind: 'job'; readonly job: StoredJob }
  | { readonly kind: 'newer' }
  | { readonly kind: 'none' }

/** What stands in the index of own ids: where the job lies, and a hash of its payload. */
export type OwnEntry = { readonly page: string; readonly slot: number; readonly hash: string }

/** The arrows of one queue that a client or a person draws, and its lookups. A job that a newer release wrote is not moved: LayoutNewerError. */
export type QueueDoor = {
  readonly queue: string
  readonly token: string
  readonly keys: QueueKeys
  get(page: string, slot: number): Promise<Found>
  /** How long it is remembered counts from `expected`, when Redis' clock says something else by over a minute. */
  cancel(page: string, slot: number, expected?: number | null): Promise<Cancelled>
  /** `at` is '+' and a delay in milliseconds, or '@' and an instant; no delay counts from a time that is over a minute from `expected`. */
  reschedule(page: string, slot: number, at: string, expected?: number | null): Promise<Moved>
  /** Gives a dead job another life with the record given, and a payload that lies apart; with `claim` only if it died in that one. */
  revive(
    page: string,
    slot: number,
    record: string,
    more?: { readonly claim?: number; readonly apart?: string },
  ): Promise<'revived' | 'unknown'>
  own(name: string, id: string): Promise<OwnEntry | undefined>
}

/** What a cancel answers: one that runs ends when its handler does. */
export type Cancelled = 'cancelled' | 'cancelling' | 'ended' | 'unknown'

/** What a reschedule answers; `dueAt` when it moved. */
export type Moved =
  | { readonly kind: 'moved'; readonly dueAt: number }
  | { readonly kind: 'running' | 'dead' | 'ended' | 'unknown' | 'leapt' }

/** What every part of the store is made of. */
export type StoreParts = {
  readonly connection: Connection
  readonly prefix: string
  /** The instant handed to scripts; empty for Redis' own time. */
  readonly now: () => string
  /** How long a lease may be, in milliseconds; an hour unless said. One that ends later was given by a clock that had leapt. */
  readonly longestLease?: number
}

const PLACES: Readonly<Record<string, { readonly place: PlaceName; readonly end?: EndName }>> = {
  s: { place: 'scheduled' },
  r: { place: 'ready' },
  h: { place: 'held' },
  a: { place: 'active' },
  D: { place: 'dead' },
  c: { place: 'ended', end: 'completed' },
  k: { place: 'ended', end: 'cancelled' },
  e: { place: 'ended', end: 'expired' },
  d: { place: 'ended', end: 'discarded' },
}

/** Opens the door to one queue. */
export function openQueue(parts: StoreParts, queue: string, token: string): QueueDoor {
  const { connection, now } = parts
  const keys = queueKeys(parts.prefix, queue)
  return {
    queue,
    token,
    keys,
    get: async (page, slot) =>
      found(await run(connection, scripts.get, keys, { args: { name: page, slot } }), { queue, token, page, slot }),
    cancel: async (page, slot, expected = null) => {
      const args = { now: now(), queue, name: page, slot, expected: expected ?? '' }
      const reply = await run(connection, scripts.cancel, keys, { args })
      return known(reply) as Cancelled
    },
    reschedule: async (page, slot, at, expected = null) => {
      const args = { now: now(), queue, name: page, slot, at, expected: expected ?? '', was: '' }
      const reply = await run(connection, scripts.reschedule, keys, { args })
      const kind = known(reply) as Moved['kind']
      return kind === 'moved' ? { kind, dueAt: Number(part(reply, 1)) } : { kind }
    },
    revive: async (page, slot, record, { claim = '', apart = '' }: { claim?: number | ''; apart?: string } = {}) => {
      const args = { now: now(), queue, name: page, slot, record, claim, apart }
      const reply = await run(connection, scripts.revive, keys, { args })
      return word(reply) as 'revived' | 'unknown'
    },
    own: async (name, id) => {
      const entry = await connection.command('HGET', keys.own, `${name} ${id}`)
      return typeof entry === 'string' ? ownEntry(entry) : undefined
    },
  }
}

/** The word of an answer, unless it says that a newer release wrote the record: then throws LayoutNewerError. */
export function known(reply: Reply): string {
  if (word(reply) !== 'newer') return word(reply)
  throw new LayoutNewerError(String(part(reply, 1)), RECORD_VERSION, 'record version')
}

/** Reads an entry of the index of own ids. */
export function ownEntry(text: string): OwnEntry {
  const [page = '', slot = '', hash = ''] = text.split(' ')
  return { page, slot: Number(slot), hash }
}

/** Reads what `get` answers of the job at a place. */
export function found(
  reply: Reply,
  at: { readonly queue: string; readonly token: string; readonly page: string; readonly slot: number },
): Found {
  const [state, claim, dueAt, createdAt, text, noted] = reply as [string?, number?, number?, number?, string?, number?]
  if (state === undefined || text === undefined) return { kind: 'none' }
  const record = decodeRecord(text)
  const where = PLACES[state]
  if (record === null || where === undefined) return { kind: 'newer' }
  const job: StoredJob = {
    ...at,
    id: idAt(at.token, at.page, at.slot),
    place: where.place,
    end: where.end,
    ...(noted === 1 ? { cancelling: true } : {}),
    claim: claim ?? 0,
    dueAt: dueAt ?? 0,
    createdAt: createdAt ?? 0,
    record,
  }
  return { kind: 'job', job }
}
