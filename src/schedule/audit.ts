import { type Instant, instant } from '../time/clock.ts'
import { MINUTE } from '../time/duration.ts'
import type { LedgerEntry, LedgerFate } from './ledger.ts'
import { countPlanned, dueOf, nextPlanned, previousPlanned, type Rule } from './rule.ts'

/** Where the ledger and the definitions that were in force disagree; several neighbouring ticks count as one difference. */
export type Difference = {
  /** `missing` was planned and never decided on, `doubled` was decided on twice, `unexpected` was never planned. */
  readonly kind: 'missing' | 'doubled' | 'unexpected'
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
  /** How many ticks were planned, and how many of them the ledger tells. */
  readonly expected: number
  readonly recorded: Readonly<Partial<Record<LedgerFate, number>>>
  readonly differences: readonly Difference[]
}

/** What is audited. */
export type Audited = {
  /** In the order in which they were written. */
  readonly entries: readonly LedgerEntry[]
  /** The definition that an entry was made under; undefined when it is known no more. */
  readonly ruleOf: (entry: LedgerEntry) => Rule | undefined
  /** Entries up to here have been dropped; null when none has. */
  readonly droppedUntil: Instant | null
  readonly since: Instant
  readonly now: Instant
}

/** A tick that has been due for so long without a decision is missing. */
const PATIENCE = MINUTE

/** How the walk through a ledger stands: what is in force, and from when on its ticks are expected. */
type Walk = {
  rule: Rule | undefined
  from: Instant
  expected: number
  readonly recorded: Map<LedgerFate, number>
  readonly differences: Difference[]
  /** Ticks that became a job, or were part of one. */
  readonly ran: { readonly first: Instant; readonly last: Instant }[]
}

/**
 * Recomputes the ticks that the definitions in force have planned and compares them with what the ledger tells. Pure.
 * Every decision moves on from the tick before it, so a ledger is whole when each entry begins where the last one ended.
 */
export function audit(audited: Audited): Audit {
  const { entries, droppedUntil, since, now } = audited
  const begin = entries[0]?.first ?? now
  const provedSince = instant(Math.max(since, droppedUntil === null ? 0 : droppedUntil + 1, firstOf(entries) ?? begin))
  const walk: Walk = { rule: undefined, from: begin, expected: 0, recorded: new Map(), differences: [], ran: [] }
  for (const entry of entries) step(walk, audited, entry)
  const waits = walk.rule && nextPlanned(walk.rule, instant(walk.from - 1))
  if (walk.rule && waits && dueOf(walk.rule, waits) < now - PATIENCE) miss(walk, walk.from, instant(now - PATIENCE))
  return {
    provedSince,
    dropped: droppedUntil !== null && droppedUntil >= since,
    expected: walk.expected,
    recorded: Object.fromEntries(walk.recorded),
    differences: walk.differences.filter(({ last }) => last >= provedSince),
  }
}

/** A ledger of which nothing was dropped begins when its schedule did. */
const firstOf = (entries: readonly LedgerEntry[]): Instant | undefined =>
  entries[0]?.fate === 'applied' ? entries[0].first : undefined

function step(walk: Walk, { ruleOf }: Audited, entry: LedgerEntry): void {
  const { fate, first, count } = entry
  switch (fate) {
    case 'by-hand':
      return
    case 'applied':
    case 'withdrawn':
      if (walk.rule) miss(walk, walk.from, instant(first + 1))
      walk.rule = fate === 'applied' ? ruleOf(entry) : undefined
      walk.from = instant(first + 1)
      return
    case 'limit':
      walk.rule = undefined
      return
    case 'backfilled':
      record(walk, fate, count)
      if (walk.ran.some((run) => first <= run.last && entry.last >= run.first)) differ(walk, 'doubled', entry)
      walk.ran.push(entry)
      return
    default:
      decided(walk, ruleOf(entry), entry)
  }
}

/** A decision on ticks: it has to begin where the one before it ended, and to hold as many as were planned. */
function decided(walk: Walk, rule: Rule | undefined, entry: LedgerEntry): void {
  const { fate, first, last, count } = entry
  record(walk, fate, count)
  if (fate === 'fired' || fate === 'late' || fate === 'coalesced') walk.ran.push(entry)
  if (rule === undefined) return
  if (last < walk.from) {
    differ(walk, 'doubled', entry)
    return
  }
  if (walk.rule) miss(walk, walk.from, first)
  const planned = 1 + countPlanned(rule, instant(first + 1), instant(last + 1))
  walk.expected += planned
  if (nextPlanned(rule, instant(first - 1)) !== first) differ(walk, 'unexpected', { first, last: first, count: 1 })
  else if (count !== planned)
    differ(walk, count < planned ? 'missing' : 'doubled', { first, last, count: Math.abs(planned - count) })
  walk.rule ??= rule
  walk.from = instant(last + 1)
}

/** The ticks of [from, to) were planned and never decided on. */
function miss(walk: Walk, from: Instant, to: Instant): void {
  const { rule } = walk
  const first = rule && nextPlanned(rule, instant(from - 1))
  if (!rule || first === null || first === undefined || first >= to) return
  const count = 1 + countPlanned(rule, instant(first + 1), to)
  walk.expected += count
  differ(walk, 'missing', { first, last: instant(Math.max(first, previousPlanned(rule, to) ?? first)), count })
}

function differ(walk: Walk, kind: Difference['kind'], { first, last, count }: Omit<Difference, 'kind'>): void {
  walk.differences.push({ kind, first, last, count })
}

const record = ({ recorded }: Walk, fate: LedgerFate, count: number): void => {
  recorded.set(fate, (recorded.get(fate) ?? 0) + count)
}
