import { excerpt, nearest } from '../errors.ts'
import { type Instant, instant } from './clock.ts'
import { DAY, HOUR, MINUTE, SECOND } from './duration.ts'
import { InvalidTimeError } from './invalid-time.ts'
import { isoText, type Reading, reading } from './reading.ts'

/** A checked time zone; its pieces of one offset are found when first asked for and kept. */
export type Zone = {
  readonly name: string
  /** Milliseconds to add to an instant to get the reading; asks the zone data, 1 µs. */
  readonly probe: (at: number) => number
  readonly chunks: Map<number, readonly Piece[]>
}

/** A stretch of time in which a zone has one offset, and what its ends do to readings. */
export type Piece = {
  readonly from: Instant
  /** The first instant after it. */
  readonly to: Instant
  readonly offset: number
  /** Readings from here to that of `from` are shown by no instant; equal to it where nothing is missing. */
  readonly gapFrom: Reading
  /** Readings below it were shown by an earlier instant too; -Infinity where there are none. */
  readonly seenUntil: Reading
  /** Readings from it on are shown by a later instant too; Infinity where there are none. */
  readonly shownAgainFrom: Reading
}

/** No reading differs from its instant by more than this. */
export const FARTHEST_OFFSET = 26 * HOUR

const CHUNK = 100 * DAY
const MARGIN = 2 * DAY
const KEPT_CHUNKS = 1_000
const KEPT_ZONES = 1_000
/** Two jumps nearer than this that undo each other would be missed; no zone has had any. */
const PROBE = DAY / 2

const zones = new Map<string, Zone>()

/** The zone of an IANA name; throws InvalidTimeError with the nearest known name. `what` says in the text where it stood. */
export function zoneOf(name: unknown, what?: string): Zone {
  const known = typeof name === 'string' ? zones.get(name) : undefined
  if (known !== undefined) return known
  if (typeof name !== 'string' || !isZoneName(name))
    throw new InvalidTimeError(`${what === undefined ? '' : `${what}: `}${zoneFault(name)}`)
  const zone: Zone = { name, probe: prober(name), chunks: new Map() }
  // There are some six hundred names, but each may be spelt in capitals and small letters at will.
  if (zones.size >= KEPT_ZONES) zones.clear()
  zones.set(name, zone)
  return zone
}

/** Says whether a text is the name of a time zone that this Node knows; offsets such as '+02:00' are none. */
export function isZoneName(text: string): boolean {
  if (!/^[A-Za-z][\w+\-/]*$/.test(text)) return false
  if (zones.has(text)) return true
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: text })
    return true
  } catch {
    return false
  }
}

function zoneFault(name: unknown): string {
  const expected = `expected an IANA name such as 'Europe/Berlin' or 'UTC', got ${excerpt(name)}`
  if (typeof name !== 'string') return expected
  if (/^(utc|gmt)?[+-]\d/i.test(name)) return `${expected}; an offset is no zone, it knows no summer time`
  const known = ['UTC', 'Asia/Kolkata', ...Intl.supportedValuesOf('timeZone')]
  const asked = name.trim().replaceAll(' ', '_')
  const city = known.find((zone) => zone.toLowerCase().endsWith(`/${asked.toLowerCase()}`))
  const meant = city ?? nearest(asked, known)
  return `unknown time zone ${excerpt(name)}${meant === undefined ? `; ${expected}` : `, did you mean '${meant}'?`}`
}

function prober(name: string): (at: number) => number {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' })
  return (at) => {
    const match = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(format.format(at))
    if (match?.[1] === undefined) return 0
    const size = Number(match[2]) * HOUR + Number(match[3]) * MINUTE + Number(match[4] ?? 0) * SECOND
    return match[1] === '-' ? -size : size
  }
}

/** The piece of a zone's time that holds an instant. */
export function pieceAt(zone: Zone, at: Instant): Piece {
  const index = Math.floor(at / CHUNK)
  const pieces = zone.chunks.get(index) ?? chunk(zone, index)
  for (const piece of pieces) if (at < piece.to) return piece
  throw new InvalidTimeError(`expected an instant that a calendar can show, got ${at}`)
}

function chunk(zone: Zone, index: number): readonly Piece[] {
  if (zone.chunks.size >= KEPT_CHUNKS) zone.chunks.clear()
  const [from, to] = [index * CHUNK, (index + 1) * CHUNK]
  const jumps = jumpsIn(zone, from - MARGIN, to + MARGIN)
  const cuts = [from, ...jumps.map((jump) => jump.at).filter((at) => at > from && at < to), to]
  const pieces = cuts.slice(0, -1).map((start, i) => pieceOf(zone, start, cuts[i + 1] ?? to, jumps))
  zone.chunks.set(index, pieces)
  return pieces
}

type Jump = { readonly at: number; readonly before: number; readonly after: number }

function jumpsIn(zone: Zone, from: number, to: number): readonly Jump[] {
  const jumps: Jump[] = []
  let before = zone.probe(from)
  for (let at = from; at < to; ) {
    const ahead = Math.min(at + PROBE, to)
    if (zone.probe(ahead) === before) {
      at = ahead
      continue
    }
    at = firstChange(zone, at, ahead, before)
    const after = zone.probe(at)
    jumps.push({ at, before, after })
    before = after
  }
  return jumps
}

/** Halves the span down to the second of the jump: `low` still has the offset, `high` no longer. */
function firstChange(zone: Zone, from: number, to: number, offset: number): number {
  let [low, high] = [from, to]
  while (high - low > SECOND) {
    const middle = Math.floor((low + high) / 2 / SECOND) * SECOND
    if (zone.probe(middle) === offset) low = middle
    else high = middle
  }
  return high
}

function pieceOf(zone: Zone, from: number, to: number, jumps: readonly Jump[]): Piece {
  const offset = zone.probe(from)
  const start = jumps.find((jump) => jump.at === from)
  const back = jumps.filter((jump) => jump.after < jump.before)
  const seen = back.filter((jump) => jump.at <= from).map((jump) => jump.at + jump.before)
  const again = back.filter((jump) => jump.at >= to).map((jump) => jump.at + jump.after)
  return {
    from: instant(from),
    to: instant(to),
    offset,
    gapFrom: reading(from + Math.min(offset, start?.before ?? offset)),
    seenUntil: reading(Math.max(...seen.filter((until) => until > from + offset), Number.NEGATIVE_INFINITY)),
    shownAgainFrom: reading(Math.min(...again.filter((since) => since < to + offset), Number.POSITIVE_INFINITY)),
  }
}

/** The offset of a zone from UTC at an instant, in milliseconds. */
export const offsetAt = (zone: Zone, at: Instant): number => pieceAt(zone, at).offset

/** What the wall clocks of a zone show at an instant. */
export const readingAt = (zone: Zone, at: Instant): Reading => reading(at + offsetAt(zone, at))

/** An instant as the wall clocks of a zone show it, with the offset: '2026-03-08T03:00:00-04:00'. */
export function isoLocal(zone: Zone, at: Instant): string {
  const offset = offsetAt(zone, at)
  return isoText(reading(at + offset), offset)
}

/** What a reading means in a zone: one instant, none (then the first instant after the gap), or two. */
export type Shown =
  | { readonly kind: 'unique'; readonly at: Instant }
  | { readonly kind: 'gap'; readonly after: Instant; readonly missingFrom: Reading; readonly missingTo: Reading }
  | { readonly kind: 'repeated'; readonly first: Instant; readonly second: Instant }

/** Which instants of a zone show a reading. */
export function instantsOf(zone: Zone, wanted: Reading): Shown {
  const shown: Instant[] = []
  let gap: Piece | undefined
  let piece = pieceAt(zone, instant(wanted - FARTHEST_OFFSET))
  for (; piece.from <= wanted + FARTHEST_OFFSET; piece = pieceAt(zone, piece.to)) {
    const at = instant(wanted - piece.offset)
    if (at >= piece.from && at < piece.to) shown.push(at)
    if (wanted >= piece.gapFrom && at < piece.from) gap = piece
  }
  const [first, second] = shown
  if (first !== undefined)
    return second === undefined ? { kind: 'unique', at: first } : { kind: 'repeated', first, second }
  const after = gap ?? piece
  const missingTo = reading(after.from + after.offset)
  return { kind: 'gap', after: after.from, missingFrom: after.gapFrom, missingTo }
}
