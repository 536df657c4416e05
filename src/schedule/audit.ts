import { type Instant, instant } from '../time/clock.ts'
import { MINUTE } from '../time/duration.ts'
import { shareATick } from './common-ticks.ts'
import type { LedgerEntry, LedgerFate } from './ledger.ts'
import { countPlanned, dueOf, firstDueFrom, nextPlanned, previousPlanned, type Rule } from './rule.ts'
import { excludedAmong } from './tick-spans.ts'

/** Where the ledger and the definitions that were in force disagree; several neighbouring ticks count as one difference. */
export type Difference = {
  /**
   * `missing` was planned and never decided on, `doubled` was decided on twice, `unexpected` was not planned like this,
   * `overdue` has been due for a minute and waits for its decision, and where the ledger is `broken` entries have gone or
   * were altered: numbers of jobs or definitions do not follow from those before.
   */
  readonly kind: 'missing' | 'doubled' | 'unexpected' | 'overdue' | 'broken'
  readonly first: Instant
  readonly last: Instant
  readonly count: number
}

/** What an audit found; it proves that each tick was accounted for when there is no difference and nothing was dropped. */
export type Audit = {
  /** From here on the ledger is whole. */
  readonly provedSince: Instant
  /** Whether entries that were asked for have been dropped. */
  readonly dropped: boolean
  /** How many ticks were planned, and what the ledger tells of them. */
  readonly expected: number
  readonly recorded: Readonly<Partial<Record<LedgerFate, number>>>
  readonly differences: readonly Difference[]
}

/** A definition as far as it decides which ticks are planned. */
export type Ruling = { readonly version: string; readonly rule: Rule; readonly limit: number | null }

/** What is audited. */
export type Audited = {
  /** In the order in which they were written, each with the definition it was made under, unless that is known no more. */
  readonly entries: readonly { readonly entry: LedgerEntry; readonly ruling: Ruling | undefined }[]
  /** How the schedule stands after the last entry; without a ruling it is not in force. */
  readonly stands: {
    readonly ruling: Ruling | undefined
    readonly nextAt: Instant | null
    readonly made: number
    readonly counted: number
    /** Whether its next tick was computed with the time-zone data that audits. */
    readonly sameTz: boolean
  }
  /** Entries up to here have been dropped; null when none has. */
  readonly droppedUntil: Instant | null
  readonly since: Instant
  readonly now: Instant
}

/** A tick that has been due for so long without a decision is overdue. */
const PATIENCE = MINUTE

/** How the walk through a ledger stands. */
type Walk = {
  /** Whether ticks are planned: a definition is in force; it plans nothing more; or none is in force. */
  phase: 'planned' | 'exhausted' | 'none'
  ruling: Ruling | undefined
  /** From here on ticks are expected. */
  from: Instant
  /** The number of the next job; undefined where it cannot be known yet. */
  job: number | undefined
  counted: number
  expected: number
  readonly provedSince: Instant
  readonly recorded: Map<LedgerFate, number>
  readonly differences: Difference[]
  /** Ticks that became a job, or were part of one, and the last of them. */
  readonly ran: { readonly entry: LedgerEntry; readonly ruling: Ruling }[]
  ranUntil: Instant
}

/**
 * Recomputes the ticks that the definitions in force have planned and compares them with what the ledger tells. Pure.
 * Every decision moves on from the tick before it, so a ledger is whole when each entry begins where the last one ended.
 */
export function audit(audited: Audited): Audit {
  const { entries, stands, droppedUntil, since, now } = audited
  const begin = entries[0]?.entry.first ?? now
  const provedSince = instant(Math.max(since, droppedUntil === null ? Math.min(begin, now) : droppedUntil + 1))
  const walk = opened(audited, provedSince)
  for (const { entry, ruling } of entries) step(walk, entry, ruling)
  close(walk, stands, now)
  return {
    provedSince,
    dropped: droppedUntil !== null && droppedUntil >= since,
    expected: walk.expected,
    recorded: Object.fromEntries(walk.recorded),
    differences: walk.differences.filter(({ last }) => last >= provedSince),
  }
}

/** A ledger of which nothing was dropped begins when its schedule did; else what was in force is seen by what comes first. */
function opened({ entries, stands, droppedUntil, now }: Audited, provedSince: Instant): Walk {
  const made = entries.reduce((sum, { entry }) => sum + (COUNTED.includes(entry.fate) ? entry.count : 0), 0)
  const walk: Walk = {
    phase: 'none',
    ruling: undefined,
    from: instant(0),
    job: droppedUntil === null ? 0 : undefined,
    counted: stands.counted - made,
    expected: 0,
    provedSince,
    recorded: new Map(),
    differences: [],
    ran: [],
    ranUntil: instant(0),
  }
  if (droppedUntil === null) {
    if (entries.length === 0 && stands.ruling) differ(walk, 'broken', now)
    return walk
  }
  const first = entries.find(({ entry: { fate } }) => fate !== 'by-hand' && fate !== 'backfilled')
  const ruling = first === undefined ? stands.ruling : first.entry.fate === 'applied' ? undefined : first.ruling
  if (ruling) enter(walk, ruling, droppedUntil)
  return walk
}

const COUNTED: readonly LedgerFate[] = ['fired', 'late']
const MADE: readonly LedgerFate[] = ['fired', 'late', 'backfilled', 'by-hand']

/** A definition is in force after an instant. */
function enter(walk: Walk, ruling: Ruling, after: Instant): void {
  walk.phase = ruling.limit !== null && walk.counted >= ruling.limit ? 'exhausted' : 'planned'
  walk.ruling = ruling
  walk.from = instant(after + 1)
}

function step(walk: Walk, entry: LedgerEntry, ruling: Ruling | undefined): void {
  const { fate, first, last } = entry
  if (MADE.includes(fate)) numbered(walk, entry)
  if (last >= walk.provedSince) walk.recorded.set(fate, (walk.recorded.get(fate) ?? 0) + entry.count)
  if (fate === 'by-hand') return
  if (ruling === undefined) {
    differ(walk, 'broken', instant(Math.max(first, walk.from)))
    return
  }
  switch (fate) {
    case 'backfilled':
      compared(walk, entry, ruling)
      ran(walk, entry, ruling)
      return
    case 'applied':
      miss(walk, instant(first + 1))
      enter(walk, ruling, first)
      return
    case 'withdrawn':
      follows(walk, entry, ruling)
      miss(walk, instant(first + 1))
      walk.phase = 'none'
      return
    case 'limit':
      follows(walk, entry, ruling)
      walk.phase = 'exhausted'
      return
    default:
      follows(walk, entry, ruling)
      decided(walk, entry, ruling)
  }
}

/** Jobs are numbered one after the other, whatever made them. */
function numbered(walk: Walk, { fate, first, job, count }: LedgerEntry): void {
  if (walk.job !== undefined && job !== walk.job) differ(walk, 'broken', instant(Math.max(first, walk.from)))
  walk.job = (job ?? 0) + count
  if (COUNTED.includes(fate)) walk.counted += count
}

/** What is told was in force when it was written; where it was not, it is taken to be, so that the walk goes on. */
function follows(walk: Walk, { first, fate }: LedgerEntry, ruling: Ruling): void {
  const known = walk.phase !== 'none' && walk.ruling?.version === ruling.version
  if (known && (walk.phase === 'planned' || fate === 'withdrawn')) return
  differ(walk, 'broken', instant(Math.max(first, walk.from)))
  if (!known) enter(walk, ruling, instant(Math.max(first, walk.from) - 1))
}

/** A decision on ticks: it has to begin where the one before it ended, and to hold as many as were planned. */
function decided(walk: Walk, entry: LedgerEntry, ruling: Ruling): void {
  const { fate, first, last, count } = entry
  if (fate === 'fired' || fate === 'late' || fate === 'coalesced') ran(walk, entry, ruling)
  miss(walk, first)
  if (first < walk.from) differ(walk, 'doubled', first, last, count)
  if (last < walk.from) return
  walk.expected += last >= walk.provedSince ? compared(walk, entry, ruling) : 0
  const excluded = excludedAmong(ruling.rule, first, last)
  const wrong = fate === 'excluded' ? excluded !== 'all' : fate !== 'superseded' && excluded !== 'none'
  if (wrong) differ(walk, fate === 'excluded' ? 'missing' : 'unexpected', first, last, count)
  walk.from = instant(last + 1)
}

/** Holds an entry against what its definition plans; answers how many ticks that is. */
function compared(walk: Walk, { first, last, count }: LedgerEntry, { rule }: Ruling): number {
  const planned = 1 + countPlanned(rule, instant(first + 1), instant(last + 1))
  const outer = [first, last].find((at) => nextPlanned(rule, instant(at - 1)) !== at)
  if (outer !== undefined) differ(walk, 'unexpected', outer)
  else if (count !== planned)
    differ(walk, count < planned ? 'missing' : 'doubled', first, last, Math.abs(planned - count))
  return planned
}

/** Ticks that became a job; afterwards, by a person, only those for which nothing had run. */
function ran(walk: Walk, entry: LedgerEntry, ruling: Ruling): void {
  const { first, last, count } = entry
  const again = first <= walk.ranUntil && walk.ran.some((other) => shareATick({ entry, ruling }, other))
  if (again) differ(walk, 'doubled', first, last, count)
  walk.ran.push({ entry, ruling })
  walk.ranUntil = instant(Math.max(walk.ranUntil, last))
}

/** The ticks up to `to`, excluded, were planned and never decided on. */
function miss(walk: Walk, to: Instant, kind: 'missing' | 'overdue' = 'missing'): void {
  if (walk.phase !== 'planned' || walk.ruling === undefined) return
  const { rule } = walk.ruling
  const first = nextPlanned(rule, instant(walk.from - 1))
  if (first === null || first >= to) return
  const count = 1 + countPlanned(rule, instant(first + 1), to)
  const last = instant(Math.max(first, previousPlanned(rule, to) ?? first))
  if (last >= walk.provedSince) walk.expected += count
  differ(walk, kind, first, last, count)
}

/** The schedule stands where its ledger ends, and what is due has been decided on. */
function close(walk: Walk, { ruling, nextAt, made, sameTz }: Audited['stands'], now: Instant): void {
  if (walk.job !== undefined && walk.job !== made) differ(walk, 'broken', now)
  if ((walk.phase === 'none' ? undefined : walk.ruling?.version) !== ruling?.version) differ(walk, 'broken', now)
  if (walk.phase !== 'planned' || walk.ruling === undefined) {
    if (nextAt !== null) differ(walk, 'broken', nextAt)
    return
  }
  const { rule } = walk.ruling
  const next = nextPlanned(rule, instant(walk.from - 1))
  if (sameTz && next !== null && (nextAt === null || nextAt > next)) miss(walk, nextAt ?? instant(next + 1))
  else if (sameTz && next !== nextAt) differ(walk, 'broken', now)
  if (nextAt === null || dueOf(rule, nextAt) >= now - PATIENCE) return
  walk.from = instant(Math.max(walk.from, nextAt))
  miss(walk, firstDueFrom(rule, instant(now - PATIENCE)) ?? now, 'overdue')
}

function differ(walk: Walk, kind: Difference['kind'], first: Instant, last = first, count = 1): void {
  walk.differences.push({ kind, first, last, count })
}
