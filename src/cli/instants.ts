import { excerpt } from '../errors.ts'
import type { Duration } from '../time/clock.ts'
import { parseDuration } from '../time/duration.ts'
import { parseIso, type Resolved, resolveReading } from '../time/wall-clock.ts'
import type { Zone } from '../time/zone.ts'
import { usageError } from './exit.ts'

/** A time as a flag says it: an instant, with a remark where a change of clocks moved it, or so long before or after now. */
export type SaidTime =
  | ({ readonly kind: 'instant' } & Resolved)
  | { readonly kind: 'length'; readonly length: Duration }

/** Reads an instant with its offset, or a reading of the clocks of a zone; `flag` names it in the error. */
export function instantSaid(text: string, flag: string, zone: Zone): Resolved {
  const iso = parseIso(text)
  if (iso?.kind === 'instant') return { at: iso.at }
  if (iso !== undefined) return resolveReading(zone, iso.reading)
  throw usageError(
    `${flag}: expected an instant such as 2026-12-01T09:00:00+01:00, or '2026-12-01 09:00' on the clocks of ${zone.name}, got ${excerpt(text)}`,
  )
}

/** The same, or a date: the beginning of that day. For flags where nobody means its end. */
export const dayOrInstantSaid = (text: string, flag: string, zone: Zone): Resolved =>
  instantSaid(/^\d{4}-\d\d-\d\d$/.test(text.trim()) ? `${text.trim()} 00:00` : text, flag, zone)

/** Reads an instant, a reading of the clocks of a zone, or a length of time such as '30m'. */
export const timeSaid = (text: string, flag: string, zone: Zone): SaidTime =>
  /^\s*\d{4}-/.test(text)
    ? { kind: 'instant', ...instantSaid(text, flag, zone) }
    : { kind: 'length', length: parseDuration(text, flag) }
