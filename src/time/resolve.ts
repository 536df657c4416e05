import { DateTime } from 'luxon'
import { type Instant, instant, later } from './clock.ts'
import type { ParsedWhen } from './due.ts'
import { DAY, LONGEST } from './duration.ts'
import { InvalidTimeError } from './invalid-time.ts'
import { reading } from './reading.ts'
import { type Resolved, resolveReading } from './wall-clock.ts'
import { intoWindow, type Window } from './window.ts'
import { readingAt, type Zone } from './zone.ts'

/** When a job is due, and a remark where a change of clocks or a window moved it. */
export type Due = { readonly dueAt: Instant; readonly note?: string }

/** Says whether Redis' time is needed to know the due instant; only a plain delay can be left to the script. */
export const needsNow = (parsed: ParsedWhen): boolean => parsed.kind !== 'elapsed' || parsed.window !== undefined

/**
 * The instant that is meant, counted from Redis' time. What is past stays so: `redisNow` may be a guess that is ahead, so the
 * store makes it now. Throws InvalidTimeError for more than 10 years ahead.
 */
export function resolve(parsed: ParsedWhen, redisNow: Instant): Due {
  const meant = moment(parsed, redisNow)
  // Looked at before the window too: no calendar shows what is farthest.
  refuseFar(meant.at, redisNow)
  const due = parsed.window === undefined ? meant : into(parsed.window, meant, redisNow)
  refuseFar(due.at, redisNow)
  return due.note === undefined ? { dueAt: due.at } : { dueAt: due.at, note: due.note }
}

function refuseFar(at: Instant, now: Instant): void {
  if (at <= later(now, LONGEST)) return
  throw new InvalidTimeError(`expected at most 10 years from now, got ${new Date(at).toISOString()}`)
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

function into(window: Window, meant: Resolved, now: Instant): Resolved {
  const notPast = instant(Math.max(meant.at, now))
  const { at, note } = intoWindow(notPast, window)
  if (at === notPast) return meant
  return { at, note: [meant.note, note].filter((text) => text !== undefined).join('; ') }
}
