import { dueOf, nextPlanned, previousPlanned } from '../schedule/rule.ts'
import type { Store } from '../store/store.ts'
import { type Instant, instant } from '../time/clock.ts'
import type { CausingDefinition, Why } from './causes.ts'
import { entryFor, type HistoryEntry } from './history.ts'
import { isTickOf } from './open-ticks.ts'
import { type Records, type Row, recordsOf } from './records.ts'
import { type Compiled, compile } from './rules.ts'
import { tell } from './why-lines.ts'
import { reasonIn } from './why-reasons.ts'

/** The chain of causes for an instant of a schedule; unknown when there is none of that name and never was. */
export async function why(store: Store, name: string, at: Instant): Promise<Why | { readonly kind: 'unknown' }> {
  const records = await recordsOf(store, name)
  if (records === undefined) return { kind: 'unknown' }
  const now = instant(await store.inspector.time())
  const found = rowsAt(records, at)
  const entries = await Promise.all(found.map((row) => entryFor(store, records, row)))
  const definition = definitionAt(records, at, found[0])
  const rule = definition?.compiled.rule
  const near = {
    before: rule ? previousPlanned(rule, at) : null,
    after: rule ? planned(records, nextPlanned(rule, at)) : null,
  }
  const verdict = verdictOf(records, at, now, found, definition)
  const reason = reasonIn(records, found[0], at, definition)
  const told = { kind: 'explained', name, at, verdict, definition, entries, ...near } as const
  return { ...told, lines: tell(told, records, now, { reason, held: await heldIn(store, entries, definition) }) }
}

/** A tick that is to come is none once nothing more is planned, as after the limit. */
function planned({ stands, rows }: Records, after: Instant | null): Instant | null {
  if (after === null || stands.version === '' || stands.nextAt !== null) return after
  return rows.some(({ entry: { last } }) => last >= after) ? after : null
}

/** What jobs that are held wait for. */
async function heldIn(
  store: Store,
  entries: readonly HistoryEntry[],
  definition: CausingDefinition | null,
): Promise<readonly string[]> {
  const held = entries.flatMap(({ jobs, queue }) =>
    jobs.filter(({ state }) => state === 'held').map(({ id }) => ({ id, queue })),
  )
  const name = definition === null ? 'its name' : `the name ${definition.compiled.definition.job}`
  return Promise.all(
    held.map(async ({ id, queue }) =>
      (await store.inspector.behind(queue)).some((run) => run.id === id)
        ? `Job ${id} waits for the end of an earlier run.`
        : `Job ${id} waits for a worker that knows ${name}.`,
    ),
  )
}

/** The decision on the tick at an instant first, then what was made for it by people. */
function rowsAt({ rows }: Records, at: Instant): readonly Row[] {
  const there = rows.filter((row) => isTickOf(row, at) || (row.entry.fate === 'by-hand' && row.entry.first === at))
  const byPeople = ({ entry: { fate } }: Row): boolean => fate === 'backfilled' || fate === 'by-hand'
  return [...there.filter((row) => !byPeople(row)), ...there.filter(byPeople)]
}

function verdictOf(
  { stands, droppedUntil }: Records,
  at: Instant,
  now: Instant,
  found: readonly Row[],
  definition: CausingDefinition | null,
): Why['verdict'] {
  if (found.length > 0) return 'decided'
  if (droppedUntil !== null && at <= droppedUntil) return 'forgotten'
  if (definition === null) return 'not-in-force'
  const { rule } = definition.compiled
  const planned = at === stands.nextAt || nextPlanned(rule, instant(at - 1)) === at
  if (!planned || stands.nextAt === null || at < stands.nextAt) return 'not-planned'
  return dueOf(rule, at) <= now ? 'overdue' : 'to-come'
}

/** The definition that decided, or the one that was in force. */
function definitionAt({ home, stands, rows }: Records, at: Instant, row: Row | undefined): CausingDefinition | null {
  const changes = rows.filter(
    ({ entry: { fate, first } }) => (fate === 'applied' || fate === 'withdrawn') && first < at,
  )
  const last = changes.at(-1)
  // Of a definition whose text has gone there is nothing to say, least of all that another one decided.
  if (row !== undefined)
    return row.compiled ? causing(row, row.compiled, lastApplied(changes, row.context.version)) : null
  if (last?.entry.fate === 'withdrawn') return null
  if (last?.compiled) return causing(last, last.compiled, last.entry.first)
  const first = rows.find(({ entry: { fate } }) => fate === 'applied' || fate === 'withdrawn')
  if (first?.entry.fate === 'withdrawn' && first.compiled) return causing(first, first.compiled, null)
  if (first !== undefined || stands.version === '') return null
  const compiled = compile(home.id, stands.version, stands.definition)
  return causing({ context: stands }, compiled, stands.since < at ? instant(stands.since) : null)
}

const lastApplied = (changes: readonly Row[], version: string): Instant | null =>
  changes.findLast(({ entry, context }) => entry.fate === 'applied' && context.version === version)?.entry.first ?? null

function causing(
  { context }: { readonly context: Pick<Row['context'], 'version' | 'generation'> },
  compiled: Compiled,
  appliedAt: Instant | null,
): CausingDefinition {
  const { file, line } = compiled.definition.source
  const { version, generation } = context
  return { compiled, version, generation, appliedAt, source: line > 0 ? `${file}:${line}` : file }
}
