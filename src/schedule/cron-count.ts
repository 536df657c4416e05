import { type Instant, instant } from '../time/clock.ts'
import { DAY, SECOND } from '../time/duration.ts'
import { type Piece, pieceAt } from '../time/zone.ts'
import type { CompiledCron } from './cron.ts'
import { nextDay } from './cron-days.ts'
import type { Times, Values } from './cron-times.ts'
import { endOf, firesAfterGap, leastOf, type Walk } from './cron-walk.ts'

const SECONDS_A_DAY = DAY / SECOND

/** How many ticks lie in [from, to): counted from the sets of values, so a year of ticks each second takes a millisecond. */
export function countCron({ patterns, zone }: CompiledCron, from: Instant, to: Instant): number {
  const wholeDays = new Map<string, number>()
  let count = 0
  for (let at = from; at < to; ) {
    const piece = pieceAt(zone, at)
    const end = instant(Math.min(to, piece.to))
    count += inPiece(patterns, piece, { from: at, to: end }, wholeDays) + afterGap(patterns, piece, at)
    at = end
  }
  return count
}

/** Half open. */
type Range = { readonly from: number; readonly to: number }

/** Each pattern has its say in some of the readings of a piece; between the ends of those it is the same ones that have it. */
function inPiece(patterns: readonly Walk[], piece: Piece, { from, to }: Range, wholeDays: Map<string, number>): number {
  const [first, last] = [from + piece.offset, to + piece.offset]
  const inner = [piece.seenUntil, piece.shownAgainFrom].filter((cut) => cut > first && cut < last)
  const cuts = [first, ...inner.sort((a, b) => a - b), last]
  return cuts.slice(1).reduce((sum, end, i) => {
    const begin = cuts[i] ?? first
    const active = patterns.filter((walk) => hasSay(walk, piece, begin))
    const seconds = { from: Math.ceil(begin / SECOND), to: Math.ceil(end / SECOND) }
    return sum + inReadings(active, seconds, wholeDays)
  }, 0)
}

const hasSay = (walk: Walk, piece: Piece, at: number): boolean => at >= leastOf(walk, piece) && at < endOf(walk, piece)

/** What was missing fires at the first instant after the gap, as one with what matches there. */
function afterGap(patterns: readonly Walk[], piece: Piece, from: Instant): number {
  if (from !== piece.from || !patterns.some((walk) => firesAfterGap(walk, piece))) return 0
  return inPiece(patterns, piece, { from, to: from + 1 }, new Map()) === 0 ? 1 : 0
}

/** How many seconds of a range, counted from 1970 on the wall, match one of the patterns. */
function inReadings(patterns: readonly Walk[], { from, to }: Range, wholeDays: Map<string, number>): number {
  const times = patterns.map((walk) => walk.times)
  const coming: number[] = times.map(() => Number.NEGATIVE_INFINITY)
  let count = 0
  for (let day = Math.floor(from / SECONDS_A_DAY); ; day++) {
    for (const [i, { days }] of times.entries())
      if ((coming[i] ?? 0) < day) coming[i] = nextDay(days, day) ?? Number.POSITIVE_INFINITY
    day = Math.min(...coming)
    const midnight = day * SECONDS_A_DAY
    if (midnight >= to) return count
    const today = times.filter((_, i) => coming[i] === day)
    const [begin, end] = [Math.max(0, from - midnight), Math.min(SECONDS_A_DAY, to - midnight)]
    if (begin > 0 || end < SECONDS_A_DAY) count += before(today, end) - before(today, begin)
    else {
      const key = coming.map((next) => (next === day ? '1' : '0')).join('')
      const whole = wholeDays.get(key) ?? before(today, SECONDS_A_DAY)
      wholeDays.set(key, whole)
      count += whole
    }
  }
}

/** How many seconds of a day before one match one of the patterns. */
function before(patterns: readonly Times[], second: number): number {
  const [hour, minute] = [Math.floor(second / 3_600), Math.floor(second / 60) % 60]
  let count = 0
  for (let each = 0; each < hour; each++) {
    const active = patterns.filter(({ hours }) => has(hours, each))
    if (active.length > 0) count += inMinutes(active, 60)
  }
  const inHour = patterns.filter(({ hours }) => has(hours, hour))
  const inMinute = inHour.filter(({ minutes }) => has(minutes, minute))
  return count + inMinutes(inHour, minute) + inSeconds(inMinute, second % 60)
}

/** How many seconds of an hour before a minute match; one pattern alone is multiplied out. */
function inMinutes(patterns: readonly Times[], before: number): number {
  const [only, ...more] = patterns
  if (only === undefined) return 0
  if (more.length === 0) return sizeBelow(only.minutes, before) * only.seconds.size
  let count = 0
  for (let minute = 0; minute < before; minute++) {
    const active = patterns.filter(({ minutes }) => has(minutes, minute))
    if (active.length > 0) count += inSeconds(active, 60)
  }
  return count
}

function inSeconds(patterns: readonly Times[], before: number): number {
  const [only, ...more] = patterns
  if (only === undefined) return 0
  if (more.length === 0) return sizeBelow(only.seconds, before)
  let count = 0
  for (let second = 0; second < before; second++) if (patterns.some(({ seconds }) => has(seconds, second))) count += 1
  return count
}

const has = ({ from }: Values, value: number): boolean => from[value] === value

function sizeBelow(values: Values, before: number): number {
  if (before > values.last) return values.size
  let count = 0
  for (let value = 0; value < before; value++) if (has(values, value)) count += 1
  return count
}
