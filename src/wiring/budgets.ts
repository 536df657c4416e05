import type { Emit, MorrowEvent } from '../job/events.ts'
import { DAY } from '../time/duration.ts'

/** What this process saw of a schedule's newest ticks. */
type Seen = { readonly ticks: { readonly at: number; readonly late: number }[]; breached: boolean }

/** So many ticks, and those of one day, are what `recent` means. */
const MOST_TICKS = 1_000
const MOST_SCHEDULES = 2_000

type Fired = Extract<MorrowEvent, { readonly kind: 'tick.fired' }>

/**
 * Hands events on, and looks at the lateness of each fired tick whose schedule says how late it may be: an event says when
 * the 99th percentile of the recent ones is above it, and when it is so no more.
 */
export function watchingBudgets(emit: Emit): Emit {
  const schedules = new Map<string, Seen>()
  return (event) => {
    emit(event)
    if (event.kind !== 'tick.fired' || event.budgetMs === undefined) return
    if (event.fate !== 'fired' && event.fate !== 'late') return
    const { schedule, budgetMs } = event
    const seen = schedules.get(schedule) ?? { ticks: [], breached: false }
    if (schedules.size < MOST_SCHEDULES) schedules.set(schedule, seen)
    const p99Ms = percentile(noted(seen, event))
    const breached = p99Ms > budgetMs
    if (breached === seen.breached) return
    seen.breached = breached
    const kind = breached ? 'lateness.breached' : 'lateness.kept'
    emit({ kind, schedule, p99Ms, budgetMs, ticks: seen.ticks.length })
  }
}

function noted({ ticks }: Seen, { plannedAt, lateMs }: Fired): readonly number[] {
  const at = plannedAt.getTime()
  ticks.push({ at, late: lateMs })
  while (ticks.length > MOST_TICKS || (ticks[0]?.at ?? at) < at - DAY) ticks.shift()
  return ticks.map(({ late }) => late)
}

/** The 99th of a hundred; of fewer the worst. */
function percentile(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.ceil(sorted.length * 0.99) - 1] ?? 0
}
