import { type Instant, instant } from '../time/clock.ts'
import { DAY } from '../time/duration.ts'
import { type Reading, reading } from '../time/reading.ts'
import { pieceAt, type Zone } from '../time/zone.ts'
import type { CompiledCron } from './cron.ts'
import { nextReading } from './cron-times.ts'

/** An instant at which the clocks of a zone are put on or back. */
export type ClockChange = {
  readonly at: Instant
  /** The readings [from, to) are shown by no instant (gap), or by two (repeated). */
  readonly kind: 'gap' | 'repeated'
  readonly from: Reading
  readonly to: Reading
}

/** What a pattern does with one change of clocks: `matches` are its readings in the span, at most MOST_READINGS of them. */
export type Effect = { readonly pattern: number; readonly matches: readonly Reading[]; readonly more: boolean }

/** A year, and the days by which the dates of changes differ from year to year. */
export const NEXT_YEAR = 372 * DAY

const MOST_READINGS = 3

/** The changes of a zone's clocks in [from, to). */
export function clockChanges(zone: Zone, from: Instant, to: Instant): readonly ClockChange[] {
  const changes: ClockChange[] = []
  for (let piece = pieceAt(zone, from); piece.to < to; ) {
    const next = pieceAt(zone, piece.to)
    const [before, after] = [reading(next.from + piece.offset), reading(next.from + next.offset)]
    if (before < after) changes.push({ at: next.from, kind: 'gap', from: before, to: after })
    if (before > after) changes.push({ at: next.from, kind: 'repeated', from: after, to: before })
    piece = next
  }
  return changes
}

/** What the patterns of a schedule have in the span of a change; those with nothing there are left out. */
export function effectsOf(cron: CompiledCron, change: ClockChange): readonly Effect[] {
  return cron.patterns.flatMap(({ times }, pattern) => {
    const matches: Reading[] = []
    let next = nextReading(times, change.from)
    for (; next !== null && next < change.to && matches.length < MOST_READINGS; next = nextReading(times, next + 1))
      matches.push(next)
    return matches.length === 0 ? [] : [{ pattern, matches, more: next !== null && next < change.to }]
  })
}

/** The changes of the year after an instant. */
export const changesOfNextYear = (zone: Zone, from: Instant): readonly ClockChange[] =>
  clockChanges(zone, from, instant(from + NEXT_YEAR))
