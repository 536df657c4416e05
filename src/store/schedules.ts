import { CANARY } from '../job/names.ts'
import { type Draw, type Drawn, fire } from './firing.ts'
import { type Claimant, type Reign, reignOf } from './generations.ts'
import { type Homes, openHomes } from './homes.ts'
import { queueKeys } from './keys.ts'
import { foldLedger, forgetLedger, type LedgerBounds, type LedgerPage, readLedger } from './ledger.ts'
import type { StoreParts } from './queue.ts'
import { part, type Reply, word } from './reply.ts'
import { run } from './script.ts'
import { scripts } from './scripts.ts'
import { texts } from './space.ts'
import {
  type DueSchedules,
  dueIn,
  fieldsOf,
  type Home,
  type Notes,
  SCHEDULE_FIELDS,
  type StoredSchedule,
  storedOf,
} from './stored-schedule.ts'

/** A definition on its way into force. */
export type Applying = {
  readonly rev: string
  readonly reign: number
  readonly version: string
  readonly name: string
  readonly definition: string
  readonly origin: 'file' | 'api'
  /** The version of the time-zone data that the next tick was computed with. */
  readonly tz: string
  /** The instant from which it is in force. */
  readonly since: number
  /** The next tick of what stood before, as it was read. */
  readonly from: number | null
  readonly next: { readonly at: number; readonly dueAt: number } | null
  readonly generation: string
  readonly context: string
  readonly by: string
  /** What it brings along from the queue that it fed before. */
  readonly brings?: Readonly<Record<string, string | number>>
}

/** The end of a definition, and the ticks that were owed then. */
export type Retiring = {
  readonly rev: string
  readonly reign: number
  readonly since: number
  readonly context: string
  readonly by: string
  readonly from: number | null
  /** The queue that it goes on in; empty when it does not. */
  readonly heir: string
  readonly owed: { readonly first: number; readonly last: number; readonly count: number } | null
}

/** The schedules of a namespace: their homes, what is in force, and the arrow that fires their ticks. */
export type Schedules = Homes & {
  /** Asks that a set of schedule files be in force. */
  reign(claimant: Claimant): Promise<Reign>
  /** All of users' that are in force, by name; with `all` Morrow's own too. */
  list(all?: boolean): Promise<readonly StoredSchedule[]>
  read(home: Home): Promise<StoredSchedule | undefined>
  due(queue: string, limit: number): Promise<DueSchedules>
  /** The definitions in force, each with its version. */
  definitions(queue: string, ids: readonly string[]): Promise<readonly (Defined | undefined)[]>
  fire(queue: string, by: string, draws: readonly Draw[]): Promise<readonly Drawn[]>
  apply(home: Home, applying: Applying): Promise<'applied' | 'unchanged' | 'moved' | 'newer'>
  retire(home: Home, retiring: Retiring): Promise<'retired' | 'moved' | 'newer' | 'unknown'>
  /** Notes what people say of a schedule. */
  amend(home: Home, rev: string, notes: Notes): Promise<'amended' | 'moved' | 'unknown'>
  /** The schedules of a queue that have a run behind an earlier one. */
  waiting(queue: string): Promise<readonly string[]>
  /** Lets that run begin if the earlier one is over. */
  admit(home: Home): Promise<'released' | 'waits' | 'nothing'>
  /** Cancels the jobs of a schedule that wait. */
  callOff(home: Home): Promise<void>
  /** Entries of a ledger, oldest first; `from` and `to` count from its beginning, negative ones from its end. */
  ledger(home: Home, from: number, to: number): Promise<LedgerPage>
  /** Folds and bounds a ledger; answers how many entries are left, -1 when nothing is left of a schedule that was in force once. */
  fold(home: Home, bounds: LedgerBounds): Promise<number>
  /** Removes what is kept of a schedule of which nothing is left; false when it has come back meanwhile. */
  forget(home: Home): Promise<boolean>
}

/** The text of a definition, and the version that it has. */
export type Defined = { readonly version: string; readonly text: string }

/** Opens the schedules of a namespace. */
export function openSchedules(parts: StoreParts): Schedules {
  const { connection, prefix } = parts
  const homes = openHomes(parts)
  return {
    ...homes,
    ...openArrows(parts),
    reign: (claimant) => reignOf(connection, prefix, claimant),
    read: (home) => readOne(parts, home),
    list: async (everyone = false) => {
      const named = [...(await homes.homes())].filter(([name]) => everyone || name !== CANARY)
      return (await listOf(parts, named)).sort((a, b) => (a.name < b.name ? -1 : 1))
    },
    definitions: (queue, ids) => Promise.all(ids.map((id) => readDefinition(parts, { id, queue }))),
    waiting: async (queue) => texts(await connection.command('HKEYS', queueKeys(prefix, queue).waits)),
    callOff: (home) => callOff(parts, home),
    fold: (home, bounds) => foldLedger(parts, home, bounds),
    forget: (home) => forgetLedger(parts, home),
    ledger: (home, from, to) => readLedger(parts, home, from, to),
  }
}

/** What is one script each. */
type Arrows = Pick<Schedules, 'due' | 'fire' | 'apply' | 'retire' | 'amend' | 'admit'>

function openArrows(parts: StoreParts): Arrows {
  const { connection, prefix, now } = parts
  const keysOf = ({ queue }: Home) => queueKeys(prefix, queue)
  return {
    due: async (queue, limit) =>
      dueIn(await run(connection, scripts.due, queueKeys(prefix, queue), { args: { now: now(), limit } })),
    fire: (queue, by, draws) => fire(parts, queue, by, draws),
    apply: async (home, { brings = {}, from, next, ...rest }) => {
      const ticks = { from: from ?? '', next: next?.at ?? '', due: next?.dueAt ?? '' }
      const brought = Object.entries(brings).flatMap(([field, value]) => [field, String(value)])
      const call = { args: { ...rest, ...ticks, ...home }, rest: brought }
      return answer(await run(connection, scripts.apply, keysOf(home), call))
    },
    retire: async (home, { owed, from, ...rest }) => {
      const ticks = { from: from ?? '', first: owed?.first ?? 0, last: owed?.last ?? 0, count: owed?.count ?? 0 }
      return answer(await run(connection, scripts.retire, keysOf(home), { args: { ...rest, ...ticks, id: home.id } }))
    },
    amend: async (home, rev, notes) =>
      answer(await run(connection, scripts.amend, keysOf(home), { args: { id: home.id, rev }, rest: fieldsOf(notes) })),
    admit: async ({ id, queue }) =>
      answer(await run(connection, scripts.admit, queueKeys(prefix, queue), { args: { queue, id } })),
  }
}

const answer = <Word extends string>(reply: Reply): Word => word(reply) as Word

async function readOne({ connection, prefix }: StoreParts, home: Home): Promise<StoredSchedule | undefined> {
  const keys = queueKeys(prefix, home.queue)
  const [fields, dueAt] = await Promise.all([
    connection.command('HMGET', `${keys.schedules}${home.id}`, ...SCHEDULE_FIELDS),
    connection.command('ZSCORE', keys.ticks, home.id),
  ])
  return storedOf(home, fields, dueAt)
}

async function readDefinition({ connection, prefix }: StoreParts, { id, queue }: Home): Promise<Defined | undefined> {
  const reply = await connection.command('HMGET', `${queueKeys(prefix, queue).schedules}${id}`, 'version', 'definition')
  const [version, text] = [part(reply, 0), part(reply, 1)]
  return typeof version === 'string' && typeof text === 'string' ? { version, text } : undefined
}

/** So many are read at once: what else this process asks of Redis comes in between. */
const ABREAST = 250

async function listOf(parts: StoreParts, named: readonly (readonly [string, Home])[]): Promise<StoredSchedule[]> {
  const all: StoredSchedule[] = []
  for (let first = 0; first < named.length; first += ABREAST) {
    const some = named.slice(first, first + ABREAST)
    const read = await Promise.all(some.map(([, home]) => readStanding(parts, home)))
    for (const [index, found] of read.entries()) if (found?.name === some[index]?.[0] && found?.version) all.push(found)
  }
  return all
}

/** One whose move to another queue was broken off after it went on there is in force there. */
async function readStanding(parts: StoreParts, home: Home): Promise<StoredSchedule | undefined> {
  const found = await readOne(parts, home)
  if (found === undefined || found.version !== '' || found.heir === '') return found
  return readOne(parts, { id: home.id, queue: found.heir })
}

async function callOff({ connection, prefix, now }: StoreParts, { id, queue }: Home): Promise<void> {
  for (let from: Reply = 0; from !== ''; ) {
    const args = { now: now(), id, from: Number(from) }
    from = part(await run(connection, scripts.callOff, queueKeys(prefix, queue), { args }), 0)
  }
}
