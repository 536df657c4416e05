import type { LedgerEntry } from '../schedule/ledger.ts'
import type { LedgerPage } from '../store/ledger.ts'
import type { Store } from '../store/store.ts'
import type { Home, StoredSchedule } from '../store/stored-schedule.ts'
import { type Instant, instant } from '../time/clock.ts'
import { type Compiled, compile } from './rules.ts'
import { standingOf } from './standing.ts'

/** What was in force when an entry was written. */
export type Context = {
  readonly generation: string
  readonly version: string
  readonly tz: string
  readonly queue: string
}

/** An entry of a ledger with all that its numbers stand for. */
export type Row = {
  readonly entry: LedgerEntry
  readonly context: Context
  /** The same as the ledger has it. */
  readonly text: string
  /** The process that decided, or the person who had it run; null in a run of several. */
  readonly by: string | null
  /** Names a person's call; null of what nobody asked for. */
  readonly call: string | null
  /** Undefined when the definition is known no more. */
  readonly compiled: Compiled | undefined
}

/** A schedule with its ledgers, of the queues that it fed before too, as one in the order in which they were written. */
export type Records = {
  readonly home: Home
  readonly stands: StoredSchedule
  readonly rows: readonly Row[]
  /** Entries up to here have been dropped; null when none has. */
  readonly droppedUntil: Instant | null
}

/** The context of an entry from its text: generation, version, time-zone data, queue. */
export function contextIn(text: string): Context {
  const [generation = '', version = '', tz = '', queue = ''] = text.split(' ')
  return { generation, version, tz, queue }
}

/** Between a person and the name of the call in a ledger. */
const CALL = '\x1f'

/** A person, and how the call is named by which it is known when it is sent again. */
export const callOf = (by: string, token: string): string => `${by.replaceAll(CALL, ' ')}${CALL}${token}`

/** Where a schedule of this name is, with its ledgers; undefined when there is none and never was, or all of it is gone. */
export async function recordsOf(store: Store, name: string): Promise<Records | undefined> {
  const home = await store.schedules.home(name)
  return home && readRecords(store, home)
}

const TRIES = 20

/** Reads a schedule and its ledgers as they stand at one moment. */
export async function readRecords(store: Store, given: Home): Promise<Records | undefined> {
  let { home, stands } = await standingOf(store, given)
  for (let left = TRIES; stands !== undefined && left > 0; left--) {
    const present = await readWhole(store, home, stands)
    const former = await Promise.all(
      stands.former.filter((queue) => queue !== home.queue).map((queue) => readFormer(store, { id: home.id, queue })),
    )
    const after = await standingOf(store, home)
    if (after.stands === undefined || stamp(after.stands) === stamp(stands) || left === 1)
      return merged(home, stands, present, former)
    ;({ home, stands } = after)
  }
  return undefined
}

/** What every decision changes. */
const stamp = ({ rev, version, nextAt, made, queue }: StoredSchedule): string =>
  [rev, version, nextAt ?? '', made, queue].join(' ')

type Ledger = { readonly rows: readonly Row[]; readonly dropped: number | null | 'all' }

async function readFormer(store: Store, home: Home): Promise<Ledger> {
  const stands = await store.schedules.read(home)
  return stands === undefined
    ? { rows: [], dropped: 'all' }
    : { rows: await readWhole(store, home, stands), dropped: stands.dropped }
}

/** How many entries one call reads. */
const PAGE = 2_000

async function readWhole({ schedules }: Store, home: Home, stands: StoredSchedule): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (let from = 0; ; from += PAGE) {
    const page = await schedules.ledger(home, from, from + PAGE - 1)
    rows.push(...rowsIn(stands, page))
    if (page.total <= from + PAGE) return rows
  }
}

/** The definition in force stands with the schedule, earlier ones with its ledger. What ran out of numbers is of this queue at least. */
function rowsIn(
  { id, queue, version, definition }: StoredSchedule,
  { entries, texts, definitions }: LedgerPage,
): readonly Row[] {
  const known = new Map<number, Pick<Row, 'context' | 'text' | 'compiled'>>()
  const told = (number: number): Pick<Row, 'context' | 'text' | 'compiled'> => {
    const already = known.get(number)
    if (already) return already
    const text = texts.get(number) ?? ''
    const said = contextIn(text)
    const context = said.queue === '' ? { ...said, queue } : said
    const words = context.version === version ? definition : definitions.get(context.version)
    const fresh = { context, text, compiled: words === undefined ? undefined : compiledOr(id, context.version, words) }
    known.set(number, fresh)
    return fresh
  }
  return entries.map((entry) => {
    const who = entry.decidedBy === null ? undefined : texts.get(entry.decidedBy)
    const [by = null, call = null] = who === undefined ? [] : who.replace(/^@/, '').split(CALL)
    return { entry, ...told(entry.context), by, call }
  })
}

/** A definition of a release that said things this one cannot compile is as good as unknown. */
function compiledOr(id: string, version: string, definition: string): Compiled | undefined {
  try {
    return compile(id, version, definition)
  } catch {
    return undefined
  }
}

/**
 * A schedule lives in one queue at a time: the time in each ends with a withdrawal and begins with an application, and by
 * these the ledgers are laid one after the other.
 */
function merged(home: Home, stands: StoredSchedule, present: readonly Row[], former: readonly Ledger[]): Records {
  const stays = [...former.flatMap(({ rows }) => staysIn(rows)), ...staysIn(present)]
  const rows = stays.sort((a, b) => a.from - b.from || a.to - b.to).flatMap((stay) => stay.rows)
  const gone = former.some(({ dropped }) => dropped === 'all')
  const begin = rows.find(({ entry }) => entry.fate === 'applied')
  const dropped = [stands.dropped, ...former.map((each) => (each.dropped === 'all' ? null : each.dropped))]
  const known = dropped.filter((at) => at !== null)
  if (gone && begin !== undefined) known.push(begin.entry.first - 1)
  return { home, stands, rows, droppedUntil: known.length === 0 ? null : instant(Math.max(...known)) }
}

/** The time that a schedule spent in a queue; of one whose beginning was dropped, what is known of it. */
type Stay = { readonly from: number; readonly to: number; readonly rows: readonly Row[] }

function staysIn(all: readonly Row[]): readonly Stay[] {
  const stays: Stay[] = []
  let rows: Row[] = []
  const end = (to: number): void => {
    const marked = rows.find(({ entry: { fate } }) => fate !== 'by-hand' && fate !== 'backfilled')
    if (rows.length > 0) stays.push({ from: marked?.entry.first ?? Infinity, to, rows })
    rows = []
  }
  for (const row of all) {
    rows.push(row)
    if (row.entry.fate === 'withdrawn') end(row.entry.first)
  }
  end(Infinity)
  return stays
}
