import { excerpt } from '../errors.ts'
import { type Instant, instant } from './clock.ts'
import { DAY, HOUR, MINUTE, SECOND } from './duration.ts'
import { InvalidTimeError } from './invalid-time.ts'
import { dateText, offsetText, type Reading, readingOf, timeText } from './reading.ts'
import { instantsOf, offsetAt, type Zone } from './zone.ts'

/** An instant, and what has to be said about how a wall clock led to it. */
export type Resolved = { readonly at: Instant; readonly note?: string }

/**
 * The instant meant by a reading: in a gap the first instant after it, of two the first.
 * The rule is that of wall-clock schedules.
 */
export function resolveReading(zone: Zone, wanted: Reading): Resolved {
  const shown = instantsOf(zone, wanted)
  switch (shown.kind) {
    case 'unique':
      return { at: shown.at }
    case 'gap':
      return { at: shown.after, note: gapNote(zone, wanted, shown.missingFrom, shown.missingTo) }
    case 'repeated':
      return { at: shown.first, note: repeatNote(zone, wanted, shown.first, 'the first') }
  }
}

/** '02:30 does not exist on 2026-03-29 in Europe/Berlin (clocks go from 02:00 to 03:00): taken as 03:00'. */
export function gapNote(zone: Zone, wanted: Reading, from: Reading, to: Reading): string {
  const where = `on ${dateText(wanted)} in ${zone.name}`
  const end = dateText(to) === dateText(from) ? timeText(to) : `${timeText(to)} on ${dateText(to)}`
  return `${timeText(wanted)} does not exist ${where} (clocks go from ${timeText(from)} to ${end}): taken as ${end}`
}

/** '02:30 happens twice on 2026-10-25 in Europe/Berlin: this is the first, at +02:00'. */
export function repeatNote(zone: Zone, wanted: Reading, at: Instant, which: 'the first' | 'the second'): string {
  const offset = offsetText(offsetAt(zone, at))
  return `${timeText(wanted)} happens twice on ${dateText(wanted)} in ${zone.name}: this is ${which}, at ${offset}`
}

/** Milliseconds since midnight of 'HH:MM' or 'HH:MM:SS', 00:00 to 23:59:59. */
export function parseTimeOfDay(input: unknown, what: string): number {
  const match = typeof input === 'string' ? /^(\d\d):(\d\d)(?::(\d\d))?$/.exec(input) : null
  const [hour, minute, second] = [Number(match?.[1]), Number(match?.[2]), Number(match?.[3] ?? 0)]
  if (match === null || hour > 23 || minute > 59 || second > 59) {
    throw new InvalidTimeError(
      `${what}: expected a time of day such as '09:00' (00:00 to 23:59:59), got ${excerpt(input)}`,
    )
  }
  return hour * HOUR + minute * MINUTE + second * SECOND
}

/** What an ISO text says: an instant when it carries an offset, else a reading. */
export type IsoTime =
  | { readonly kind: 'instant'; readonly at: Instant }
  | { readonly kind: 'reading'; readonly reading: Reading }

const ISO = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,3})\d*)?)?(Z|[+-]\d\d(?::?\d\d)?)?$/i

/** Reads '2026-12-01T09:00', with seconds and an offset (Z, +01:00) where they are given; undefined when it is no such text. */
export function parseIso(text: string): IsoTime | undefined {
  const match = ISO.exec(text.trim())
  if (match === null) return undefined
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0))
  if ((hour ?? 0) > 23 || (minute ?? 0) > 59 || (second ?? 0) > 59) return undefined
  const fraction = Number((match[7] ?? '0').padEnd(3, '0'))
  const time = (hour ?? 0) * HOUR + (minute ?? 0) * MINUTE + (second ?? 0) * SECOND + fraction
  const shown = readingOf(year ?? 0, month ?? 0, day ?? 0, time)
  const offset = match[8] === undefined ? undefined : offsetOf(match[8])
  if (shown === undefined) return undefined
  if (match[8] === undefined) return { kind: 'reading', reading: shown }
  return offset === undefined ? undefined : { kind: 'instant', at: instant(shown - offset) }
}

function offsetOf(text: string): number | undefined {
  if (/^z$/i.test(text)) return 0
  const [hours, minutes] = [Number(text.slice(1, 3)), Number(text.replace(':', '').slice(3, 5))]
  if (hours * HOUR + minutes * MINUTE >= DAY || minutes > 59) return undefined
  return (text.startsWith('-') ? -1 : 1) * (hours * HOUR + minutes * MINUTE)
}
