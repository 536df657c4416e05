import { type Duration, duration, instant } from '../time/clock.ts'
import { formatDuration, MINUTE, SECOND } from '../time/duration.ts'
import { isoLocal, isZoneName, zoneOf } from '../time/zone.ts'
import type { Hindrance } from '../timetable/state.ts'
import { html, type Markup } from './html.ts'

/** An instant as a person reads it in a zone: '2026-11-24 02:30:00 +01:00', in UTC '2026-11-24 01:30:00 UTC'. */
export function localText(at: number, zone: string): string {
  const shown = isoLocal(zoneOf(isZoneName(zone) ? zone : 'UTC'), instant(Math.floor(at / SECOND) * SECOND))
  const text = `${shown.slice(0, 10)} ${shown.slice(11, 19)} ${shown.slice(19)}`
  return zone === 'UTC' ? text.replace('+00:00', 'UTC') : text
}

/** How far an instant is from now: 'in 5 h 3 min', '2 min ago', 'now'. */
export function relativeText(at: number, now: number): string {
  const apart = Math.round((at - now) / SECOND) * SECOND
  if (apart === 0) return 'now'
  const length = lengthText(Math.abs(apart))
  return apart > 0 ? `in ${length}` : `${length} ago`
}

/** A length of time in its two largest units, in whole seconds. */
export const lengthText = (milliseconds: number): string => {
  const whole: Duration = duration(Math.round(milliseconds / SECOND) * SECOND)
  return whole === 0 ? '0 s' : formatDuration(whole)
}

/** An instant, its zone and how far it is, as an element that machines can read too. */
export const instantOf = (at: number, now: number, zone = 'UTC'): Markup =>
  html`<time datetime="${new Date(at).toISOString()}"><span class="when">${localText(at, zone)}</span> <span class="apart">${relativeText(at, now)}</span></time>`

/** Whether a length is long for somebody who waits: more than `limit`, a minute unless said. */
export const isLong = (milliseconds: number, limit: number = MINUTE): boolean => milliseconds > limit

/** Why a tick will not run. */
export const HINDRANCES: Readonly<Record<Hindrance, string>> = {
  excluded: 'excluded by a calendar',
  'called-off': 'called off',
  paused: 'paused',
}

/** A count for people: '12,345'. */
export const countText = (count: number): string => count.toLocaleString('en-GB')
