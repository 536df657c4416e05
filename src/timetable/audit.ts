import { type Audit, audit, type Difference, type Ruling } from '../schedule/audit.ts'
import type { Store } from '../store/store.ts'
import type { Home } from '../store/stored-schedule.ts'
import { type Instant, instant } from '../time/clock.ts'
import { type Records, type Row, readRecords } from './records.ts'
import { type Compiled, compile } from './rules.ts'

/** What an audit of one schedule found. */
export type AuditedSchedule = Audit & {
  readonly name: string
  readonly home: Home
  /** Whether it is in force. */
  readonly inForce: boolean
  /** Versions of time-zone data other than this process has, under which ticks were decided on: differences may come from those. */
  readonly otherTz: readonly string[]
}

/** Over which time schedules are audited, and with which time-zone data. */
export type AuditOptions = { readonly since: Instant; readonly now: Instant; readonly tz: string }

/** Audits one schedule, of the queues that it fed before too; undefined when nothing of it is left. */
export async function auditSchedule(
  store: Store,
  home: Home,
  options: AuditOptions,
): Promise<AuditedSchedule | undefined> {
  const records = await readRecords(store, home)
  return records && auditRecords(records, options)
}

/** So many schedules are read at once. */
const ABREAST = 16

/** Audits all schedules of a namespace by name, those that are not in force any more too; holds a few in memory at a time. */
export async function* auditAll(
  store: Store,
  { since, tz }: Omit<AuditOptions, 'now'>,
): AsyncGenerator<AuditedSchedule> {
  const options = { since, tz, now: instant(await store.inspector.time()) }
  const homes = [...(await store.schedules.homes())].sort(([a], [b]) => (a < b ? -1 : 1))
  const seen = new Set<string>()
  for (let first = 0; first < homes.length; first += ABREAST) {
    const some = homes.slice(first, first + ABREAST).map(([, home]) => auditSchedule(store, home, options))
    for (const audited of await Promise.all(some)) {
      // While a schedule is given another name it has both.
      if (audited === undefined || seen.has(audited.home.id)) continue
      seen.add(audited.home.id)
      yield audited
    }
  }
}

/** The earliest instant since when every audited schedule is proved; null when there is none. */
export const provedSince = (all: readonly Audit[]): Instant | null =>
  all.reduce<Instant | null>(
    (latest, each) => (latest === null || each.provedSince > latest ? each.provedSince : latest),
    null,
  )

/** Whether an audit proves all that was asked for. */
export const isProved = ({ differences, dropped }: Audit): boolean => differences.length === 0 && !dropped

function auditRecords({ home, stands, rows, droppedUntil }: Records, options: AuditOptions): AuditedSchedule {
  const { tz, since, now } = options
  const inForce = stands.version !== ''
  const present = inForce ? compile(stands.id, stands.version, stands.definition) : undefined
  const found = audit({
    entries: rows.map(({ entry, context, compiled }) => ({ entry, ruling: rulingOf(context.version, compiled) })),
    stands: {
      ruling: rulingOf(stands.version, present),
      nextAt: stands.nextAt as Instant | null,
      made: stands.made,
      counted: stands.counted,
      sameTz: stands.tz === tz,
    },
    droppedUntil,
    since,
    now,
  })
  return { ...found, name: stands.name, home, inForce, otherTz: othersThan(tz, rows) }
}

const rulingOf = (version: string, compiled: Compiled | undefined): Ruling | undefined =>
  compiled && { version, rule: compiled.rule, limit: compiled.definition.policies.limit ?? null }

const othersThan = (tz: string, rows: readonly Row[]): readonly string[] =>
  [...new Set(rows.map(({ context }) => context.tz))].filter((other) => other !== tz)

/** A difference in words, without its instants: '3 ticks were planned and never decided on'. */
export function differenceInWords({ kind, count }: Difference): string {
  const ticks = count === 1 ? '1 tick' : `${count} ticks`
  const were = count === 1 ? 'was' : 'were'
  switch (kind) {
    case 'missing':
      return `${ticks} ${were} planned and never decided on`
    case 'doubled':
      return `${ticks} ${were} decided on twice`
    case 'unexpected':
      return `${ticks} ${were} recorded that no definition had planned so`
    case 'overdue':
      return `${ticks} ${count === 1 ? 'is' : 'are'} due and not decided on yet`
    case 'broken':
      return 'entries have gone or were altered here: what follows does not fit what stands before'
  }
}
