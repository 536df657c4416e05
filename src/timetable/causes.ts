import type { Instant } from '../time/clock.ts'
import type { HistoryEntry } from './history.ts'
import type { Compiled } from './rules.ts'

/** A definition as a chain of causes names it. */
export type CausingDefinition = {
  readonly compiled: Compiled
  readonly version: string
  readonly generation: string
  /** From when it was in force; null when the entry that says so has been dropped. */
  readonly appliedAt: Instant | null
  /** The file and line that say it; without a line it was declared by a program. */
  readonly source: string
}

/** Why something happened at an instant, or why not. */
export type Why = {
  readonly kind: 'explained'
  readonly name: string
  readonly at: Instant
  /**
   * `decided`: a tick was planned there, and this became of it; `overdue`: it is due and waits for its decision; `to-come`: it
   * is not due yet; `not-planned`: the definition in force had none there; `not-in-force`: none was; `forgotten`: what is
   * known of that time has been dropped.
   */
  readonly verdict: 'decided' | 'overdue' | 'to-come' | 'not-planned' | 'not-in-force' | 'forgotten'
  readonly definition: CausingDefinition | null
  /** What the ledger tells of the instant: the decision, then what people had made. */
  readonly entries: readonly HistoryEntry[]
  /** The planned ticks next to it. */
  readonly before: Instant | null
  readonly after: Instant | null
  /** The chain of causes in plain sentences. */
  readonly lines: readonly string[]
}
