import { type Instant, instant } from '../time/clock.ts'
import type { LedgerEntry } from './ledger.ts'
import { nextPlanned, type Rule } from './rule.ts'

/** A run of ticks, every one that its definition plans from the first to the last. */
type Run = {
  readonly entry: Pick<LedgerEntry, 'first' | 'last'>
  readonly ruling: { readonly version: string; readonly rule: Rule }
}

/** Says whether two runs of ticks, of one definition or of two, have an instant in common. Pure. */
export function shareATick(one: Run, other: Run): boolean {
  const from = instant(Math.max(one.entry.first, other.entry.first))
  const to = Math.min(one.entry.last, other.entry.last)
  if (from > to) return false
  if (one.ruling.version === other.ruling.version) return true
  let at: Instant | null = from
  while (at !== null && at <= to) {
    const next = nextPlanned(one.ruling.rule, instant(at - 1))
    const there: Instant | null = next === null ? null : nextPlanned(other.ruling.rule, instant(next - 1))
    if (next === null || next > to || there === null) return false
    if (next === there) return true
    at = there
  }
  return false
}
