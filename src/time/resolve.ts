import { DateTime } from 'luxon'
import { type Instant, instant, later } from './clock.ts'
import type { ParsedWhen } from './due.ts'
import { DAY, LONGEST } from './duration.ts'
import { InvalidTimeError } from './invalid-time.ts'
import { reading } from './reading.ts'
import { type Resolved, resolveReading } from './wall-clock.ts'
import { intoWindow } from './window.ts'
import { readingAt, type Zone } from './zone.ts'

/** When a job is due, and a remark where a change of clocks or a window moved it. */
export type Due = { readonly dueAt: Instant; readonly note?: string }

/** Says whether Redis' time is needed to know the due instant; only a plain delay can be left to the script. */
export const needsNow = (parsed: ParsedWhen): boolean => parsed.kind !== 'elapsed' || parsed.window !== undefined

/**
 * The instant that is meant, counted from Redis' time; what is past becomes `redisNow`.
 * Throws InvalidTimeError for more than 10 years ahead.
 */
export function resolve(parsed: ParsedWhen, redisNow: Instant): Due {
  const meant = moment(parsed, redisNow)
  const notPast: Resolved = meant.at < redisNow ? { ...meant, at: redisNow } : meant
  const due = parsed.window === undefined ? notPast : moved(notPast, intoWindow(notPast.at, parsed.window))
  if (due.at > later(redisNow, LONGEST)) {
    throw new InvalidTimeError(`expected at most 10 years from now, got ${new Date(due.at).toISOString()}`)
  }
  return due.note === undefined ? { dueAt: due.at } : { dueAt: due.at, note: due.note }
}

function moment(parsed: ParsedWhen, now: Instant): Resolved {
  switch (parsed.kind) {
    case 'elapsed':
      return { at: later(now, parsed.delay) }
    case 'instant':
      return { at: parsed.at }
    case 'reading':
      return resolveReading(parsed.zone, parsed.reading)
    case 'calendar':
      return stepped(parsed, parsed.zone, now)
  }
}

function stepped(parsed: Extract<ParsedWhen, { kind: 'calendar' }>, zone: Zone, now: Instant): Resolved {
  const shown = readingAt(zone, now)
  const still = parsed.time === null && Object.values(parsed.step).every((amount) => amount === 0)
  if (still) return { at: later(now, parsed.rest) }
  const day = DateTime.fromMillis(shown, { zone: 'utc' }).plus(parsed.step).toMillis()
  const wanted = parsed.time === null ? day : Math.floor(day / DAY) * DAY + parsed.time
  const resolved = resolveReading(zone, reading(wanted))
  return { ...resolved, at: later(resolved.at, parsed.rest) }
}

function moved(before: Resolved, after: Resolved): Resolved {
  const notes = [before.note, after.note].filter((note) => note !== undefined)
  return notes.length === 0 ? after : { at: instant(after.at), note: notes.join('; ') }
}
