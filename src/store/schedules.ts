import { CANARY } from '../job/names.ts'
import { type Duration, duration } from '../time/clock.ts'
import { type Admitted, admit } from './admit.ts'
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
import { isWhole, readAll, type Seal } from './stands.ts'
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

/** How far a look for due schedules goes beyond them. */
export type Looking = {
  /** When none is due: those that are within this time, at most `coming`, after the first `known`. */
  readonly ahead: Duration
  readonly coming: number
  readonly known: number
  /** The first ones that are due are passed over. */
  readonly passed: number
}

/** The schedules of a namespace: their homes, what is in force, and the arrow that fires their ticks. */
export type Schedules = Homes & {
  /** Asks that a set of schedule files be in force. */
  reign(claimant: Claimant): Promise<Reign>
  /** All of users' that are in force, by name; with `all` Morrow's own too. */
  list(all?: boolean): Promise<readonly StoredSchedule[]>
  /** Says whether any of users' is in force. */
  any(): Promise<boolean>
  read(home: Home): Promise<StoredSchedule | undefined>
  /** Reads many at once, in their order. */
  readAll(homes: readonly Home[]): Promise<readonly (StoredSchedule | undefined)[]>
  /** Says whether what a seal claims, and no more, is in force from files, planned with time-zone data that is not older than `tz`. */
  isWhole(seal: Seal, tz: string): Promise<boolean>
  /** What is due; whether a run is in the way in a queue that one of them fed before is asked there first. */
  due(queue: string, limit: number, looking?: Looking): Promise<DueSchedules>
  /** The definitions in force, each with its version. */
  definitions(queue: string, ids: readonly string[]): Promise<readonly (Defined | undefined)[]>
  fire(queue: string, by: string, draws: readonly Draw[]): Promise<readonly Drawn[]>
  apply(home: Home, applying: Applying): Promise<'applied' | 'unchanged' | 'moved' | 'newer'>
  retire(home: Home, retiring: Retiring): Promise<'retired' | 'moved' | 'newer' | 'unknown'>
  /** Notes what people say of a schedule. */
  amend(home: Home, rev: string, notes: Notes): Promise<'amended' | 'moved' | 'unknown'>
  /** The schedules of a queue that have a run behind an earlier one. */
  waiting(queue: string): Promise<readonly string[]>
  /** Lets that run begin if the earlier one is over, here or in a queue that the schedule fed before. */
  admit(home: Home): Promise<Admitted>
  /** Cancels the jobs of a schedule that wait, with `all` also those that run, unless one of a later reign than is said has applied it. */
  callOff(home: Home, options?: CallOff): Promise<void>
  /** Entries of a ledger, oldest first; `from` and `to` count from its beginning, negative ones from its end. */
  ledger(home: Home, from: number, to: number): Promise<LedgerPage>
  /** Folds and bounds a ledger; answers how many entries are left, -1 when nothing is left of a schedule that was in force once. */
  fold(home: Home, bounds: LedgerBounds): Promise<number>
  /** Removes what is kept of a schedule of which nothing is left; false when it has come back meanwhile. */
  forget(home: Home): Promise<boolean>
}

/** Which jobs of a schedule are called off, and on whose word. */
export type CallOff = { readonly reign?: number; readonly all?: boolean }

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
    readAll: (all) => readAll(parts, all),
    isWhole: (seal, tz) => isWhole(parts, seal, tz),
    any: async () => {
      const named = [...(await homes.homes())].filter(([name]) => name !== CANARY)
      for (let first = 0; first < named.length; first += ABREAST) {
        if ((await listOf(parts, named.slice(first, first + ABREAST))).length > 0) return true
      }
      return false
    },
    list: async (everyone = false) => {
      const named = [...(await homes.homes())].filter(([name]) => everyone || name !== CANARY)
      return (await listOf(parts, named)).sort((a, b) => (a.name < b.name ? -1 : 1))
    },
    definitions: (queue, ids) => Promise.all(ids.map((id) => readDefinition(parts, { id, queue }))),
    waiting: async (queue) => texts(await connection.command('HKEYS', queueKeys(prefix, queue).waits)),
    callOff: (home, options) => callOff(parts, home, options),
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
  const admitOne = (home: Home): Promise<Admitted> => admit(parts, home, (each) => callOff(parts, each, { all: true }))
  return {
    due: async (queue, limit, looking = { ahead: duration(0), coming: 0, passed: 0, known: 0 }) => {
      const args = { now: now(), limit, ...looking }
      const reply = await run(connection, scripts.due, queueKeys(prefix, queue), { args })
      await Promise.all(texts(part(reply, 3)).map((id) => admitOne({ id, queue })))
      return dueIn(reply)
    },
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
    admit: admitOne,
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

/** So many are looked at before it is asked whether one of them is in force. */
const ABREAST = 250

/** What is in force under these names. One whose move to another queue was broken off after it went on there is in force there. */
async function listOf(parts: StoreParts, named: readonly (readonly [string, Home])[]): Promise<StoredSchedule[]> {
  const found = await readAll(
    parts,
    named.map(([, home]) => home),
  )
  const away = found.flatMap((one) => (one?.version === '' && one.heir !== '' ? [{ id: one.id, queue: one.heir }] : []))
  const there = new Map((await readAll(parts, away)).map((one, index) => [away[index]?.id, one]))
  return found.flatMap((one, index) => {
    const stands = one?.version === '' ? there.get(one.id) : one
    return stands?.name === named[index]?.[0] && stands?.version ? [stands] : []
  })
}

async function callOff(
  { connection, prefix, now }: StoreParts,
  { id, queue }: Home,
  { reign, all = false }: CallOff = {},
): Promise<void> {
  for (let from: Reply = 0; from !== ''; ) {
    const args = { now: now(), queue, id, from: Number(from), reign: reign ?? '', all: all ? '1' : '' }
    from = part(await run(connection, scripts.callOff, queueKeys(prefix, queue), { args }), 0)
  }
}
