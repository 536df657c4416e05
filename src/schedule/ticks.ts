import type { Instant } from '../time/clock.ts'
import { type Reading, reading } from '../time/reading.ts'
import { gapNote, repeatNote } from '../time/wall-clock.ts'
import { isoLocal, pieceAt, type Zone, zoneOf } from '../time/zone.ts'
import type { CompiledCron } from './cron.ts'
import { nextReading } from './cron-times.ts'
import { firesAfterGap } from './cron-walk.ts'
import { nextTick, type Timing } from './timing.ts'

/** A tick as it is shown to people: `local` is ISO with the offset of the schedule's zone; `note` speaks of changed clocks. */
export type TickRow = { readonly at: Instant; readonly local: string; readonly note?: string }

/** The first `count` ticks strictly after an instant; what has no zone of its own is shown in `zone`. */
export function ticks(timing: Timing, after: Instant, count: number, zone = 'UTC'): readonly TickRow[] {
  const shownIn = timing.kind === 'cron' ? timing.zone : zoneOf(zone)
  const rows: TickRow[] = []
  for (let at = nextTick(timing, after); at !== null && rows.length < count; at = nextTick(timing, at)) {
    rows.push(rowOf(timing, at, shownIn))
  }
  return rows
}

/** One tick as it is shown; what has no zone of its own is shown in `zone`. */
export const tickRow = (timing: Timing, at: Instant, zone = 'UTC'): TickRow =>
  rowOf(timing, at, timing.kind === 'cron' ? timing.zone : zoneOf(zone))

function rowOf(timing: Timing, at: Instant, zone: Zone): TickRow {
  const note = timing.kind === 'cron' ? noteOf(timing, at) : undefined
  const row = { at, local: isoLocal(zone, at) }
  return note === undefined ? row : { ...row, note }
}

/** What has to be said of a tick beside a change of clocks; undefined on all other days. */
function noteOf(cron: CompiledCron, at: Instant): string | undefined {
  const piece = pieceAt(cron.zone, at)
  const shown = reading(at + piece.offset)
  if (at === piece.from) {
    const missing = cron.patterns
      .filter((pattern) => firesAfterGap(pattern, piece))
      .map((pattern) => nextReading(pattern.times, piece.gapFrom))
    if (missing.length > 0) return gapNote(cron.zone, least(missing) ?? shown, piece.gapFrom, shown)
  }
  if (shown < piece.seenUntil) return repeatNote(cron.zone, shown, at, 'the second')
  return shown >= piece.shownAgainFrom ? repeatNote(cron.zone, shown, at, 'the first') : undefined
}

const least = (readings: readonly (Reading | null)[]): Reading | undefined =>
  readings.filter((one) => one !== null).sort((a, b) => a - b)[0]
