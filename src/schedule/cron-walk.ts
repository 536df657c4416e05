import { type Instant, instant } from '../time/clock.ts'
import { FARTHEST_OFFSET, type Piece, pieceAt, type Zone } from '../time/zone.ts'
import { nextReading, previousReading, type Times } from './cron-times.ts'

/** What becomes of a wall-clock reading that is missing, or that is shown twice. */
export type DstPolicy = { readonly gap: 'run' | 'skip'; readonly overlap: 'first' | 'last' | 'both' }

/** The readings of one pattern in a zone; a rhythmic one fires at every instant that shows a matching reading. */
export type Walk = { readonly times: Times; readonly zone: Zone; readonly readings: 'rhythmic' | DstPolicy }

/** No pattern that fires needs more stretches of one offset than this to reach its next tick. */
const MOST_PIECES = 256

/** The first tick strictly after an instant; null when there is none within reach. */
export function nextTickOf(walk: Walk, after: Instant): Instant | null {
  let from = after + 1
  for (let i = 0; i < MOST_PIECES; i++) {
    const piece = pieceAt(walk.zone, instant(from))
    if (from <= piece.from && firesAfterGap(walk, piece)) return piece.from
    const wanted = nextReading(walk.times, Math.max(from + piece.offset, leastOf(walk, piece)))
    if (wanted === null) return null
    if (wanted < endOf(walk, piece)) return instant(wanted - piece.offset)
    // Nothing matches before `wanted`, unless clocks go back and show again what was shown.
    const straight = piece.shownAgainFrom === Number.POSITIVE_INFINITY
    from = straight ? Math.max(piece.to, wanted - FARTHEST_OFFSET) : piece.to
  }
  return null
}

/** The last tick strictly before an instant; null when there is none within reach. */
export function previousTickOf(walk: Walk, before: Instant): Instant | null {
  let until = before - 1
  for (let i = 0; i < MOST_PIECES; i++) {
    const piece = pieceAt(walk.zone, instant(until))
    const wanted = previousReading(walk.times, Math.min(until + piece.offset, endOf(walk, piece) - 1))
    if (wanted === null) return null
    if (wanted >= Math.max(piece.from + piece.offset, leastOf(walk, piece))) return instant(wanted - piece.offset)
    if (firesAfterGap(walk, piece)) return piece.from
    const straight = piece.seenUntil === Number.NEGATIVE_INFINITY
    until = straight ? Math.min(piece.from - 1, wanted + FARTHEST_OFFSET) : piece.from - 1
  }
  return null
}

/** A wall-clock reading that is missing fires at the first instant after the gap. */
export function firesAfterGap(walk: Walk, piece: Piece): boolean {
  if (walk.readings === 'rhythmic' || walk.readings.gap === 'skip') return false
  const end = piece.from + piece.offset
  if (piece.gapFrom >= end) return false
  const missing = nextReading(walk.times, piece.gapFrom)
  return missing !== null && missing < end
}

/** Where the readings of a piece begin that fire in it. */
export const leastOf = (walk: Walk, piece: Piece): number =>
  walk.readings !== 'rhythmic' && walk.readings.overlap === 'first' ? piece.seenUntil : Number.NEGATIVE_INFINITY

/** Where the readings of a piece end that fire in it. */
export const endOf = (walk: Walk, piece: Piece): number =>
  Math.min(
    piece.to + piece.offset,
    walk.readings !== 'rhythmic' && walk.readings.overlap === 'last' ? piece.shownAgainFrom : Number.POSITIVE_INFINITY,
  )
