import { excerpt, nearest } from '../errors.ts'
import { type Instant, instant } from './clock.ts'
import { DAY } from './duration.ts'
import { InvalidTimeError } from './invalid-time.ts'
import { dateText, reading, timeText } from './reading.ts'
import { parseTimeOfDay, type Resolved, resolveReading } from './wall-clock.ts'
import { pieceAt, readingAt, type Zone, zoneOf } from './zone.ts'

/** A time of day: '09:00' or '09:00:30'. */
export type TimeOfDay = `${number}:${number}` | `${number}:${number}:${number}`

/** The hours of each day in which a due instant may lie, `to` excluded; it may pass midnight (22:00 to 06:00). */
export type WindowInput = { readonly from: TimeOfDay; readonly to: TimeOfDay; readonly tz: string }

/** A window as it was read: milliseconds since midnight on the wall clocks of a zone. */
export type Window = { readonly from: number; readonly to: number; readonly zone: Zone }

/** Reads a window; throws InvalidTimeError. */
export function parseWindow(input: unknown): Window {
  if (typeof input !== 'object' || input === null) {
    throw new InvalidTimeError(
      `window: expected { from: '09:00', to: '18:00', tz: 'Europe/Berlin' }, got ${excerpt(input)}`,
    )
  }
  const { from, to, tz, ...rest } = input as Readonly<Record<string, unknown>>
  const [unknown] = Object.keys(rest)
  if (unknown !== undefined) {
    const meant = nearest(unknown, ['from', 'to', 'tz'])
    throw new InvalidTimeError(
      `window: unknown key '${unknown}'; ${meant ? `did you mean ${meant}?` : 'expected from, to, tz'}`,
    )
  }
  const window = {
    from: parseTimeOfDay(from, 'window.from'),
    to: to === '24:00' ? DAY : parseTimeOfDay(to, 'window.to'),
    zone: zoneOf(tz, 'window.tz'),
  }
  if (window.from === window.to)
    throw new InvalidTimeError(`window: expected from and to to differ, got ${excerpt(from)} twice`)
  return window
}

/** The instant itself when it lies in the window, else the window's next opening, with a note that says so. */
export function intoWindow(at: Instant, window: Window): Resolved {
  const shown = readingAt(window.zone, at)
  const midnight = Math.floor(shown / DAY) * DAY
  const time = shown - midnight
  const open =
    window.from < window.to ? time >= window.from && time < window.to : time >= window.from || time < window.to
  if (open) return { at }
  const wanted = reading(midnight + window.from + (time < window.from ? 0 : DAY))
  const opening = resolveReading(window.zone, wanted)
  const from = timeText(reading(window.from))
  const to = window.to === DAY ? '24:00' : timeText(reading(window.to))
  const moved = `${timeText(shown)} is outside ${from} to ${to} in ${window.zone.name}: moved to ${dateText(wanted)} ${from}`
  return { at: latest(at, opening.at, window), note: opening.note === undefined ? moved : `${moved}; ${opening.note}` }
}

/** In a repeated hour the first opening may lie before the instant; a due instant is never moved back. */
function latest(at: Instant, opening: Instant, window: Window): Instant {
  if (opening >= at) return opening
  const again = instant(opening + pieceAt(window.zone, opening).offset - pieceAt(window.zone, at).offset)
  return again >= at ? again : at
}
