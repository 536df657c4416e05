import type { LedgerFate } from '../schedule/ledger.ts'
import { dueOf, nextPlanned, type Rule } from '../schedule/rule.ts'
import { type Instant, instant } from '../time/clock.ts'
import type { Records, Row } from './records.ts'

const RAN: readonly LedgerFate[] = ['fired', 'late', 'coalesced', 'backfilled']
const NO_TICKS: readonly LedgerFate[] = ['applied', 'withdrawn', 'limit', 'by-hand']

/** Says whether an entry tells what became of the tick at an instant. */
export function isTickOf({ entry, compiled }: Row, at: Instant): boolean {
  const { fate, first, last } = entry
  if (at < first || at > last || NO_TICKS.includes(fate)) return false
  if (at === first || at === last || compiled === undefined) return true
  return nextPlanned(compiled.rule, instant(at - 1)) === at
}

/** Which ticks are looked for. */
export type Wanted = {
  readonly from: Instant
  /** Included. */
  readonly to: Instant
  /** Only those that were paused, and due from `from` and before `to`. */
  readonly paused: boolean
  readonly most: number
}

/** Ticks that have not run, and whether there are more than were asked for. */
export type OpenTicks = { readonly ticks: readonly Instant[]; readonly more: boolean }

/**
 * The ticks of the present definition that were decided on and for which no record shows a run; those in an excluded calendar
 * are none. The oldest first.
 */
export function openTicks({ stands, rows }: Records, rule: Rule, wanted: Wanted): OpenTicks {
  const { from, to, paused, most } = wanted
  const near = rows.filter(({ entry: { first, last } }) => last >= begin(rule, wanted) && first <= to)
  const ran = near.filter(({ entry }) => RAN.includes(entry.fate))
  const wherePaused = near.filter(({ entry }) => entry.fate === 'paused')
  const decided = stands.nextAt === null ? to : Math.min(to, stands.nextAt - 1)
  const ticks: Instant[] = []
  let next = nextPlanned(rule, instant(begin(rule, wanted) - 1))
  while (next !== null && next <= decided) {
    const at = next
    const run = ran.find((row) => isTickOf(row, at))
    // A run of the same definition holds every tick up to its last one.
    next = nextPlanned(rule, run?.context.version === stands.version ? run.entry.last : at)
    if (run !== undefined || rule.excludes?.(at)) continue
    if (paused && !(isDueIn(rule, at, from, to) && wherePaused.some((row) => isTickOf(row, at)))) continue
    if (ticks.length === most) return { ticks, more: true }
    ticks.push(at)
  }
  return { ticks, more: false }
}

/** A tick that is due in a pause may be planned before it. */
const begin = ({ spread }: Rule, { from, paused }: Wanted): Instant =>
  paused && spread !== null ? instant(from - spread.most) : from

function isDueIn(rule: Rule, at: Instant, from: Instant, to: Instant): boolean {
  const due = dueOf(rule, at)
  return due >= from && due < to
}
