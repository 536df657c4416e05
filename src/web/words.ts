import { type Duration, duration, instant } from '../time/clock.ts'
import { formatDuration, MINUTE, SECOND } from '../time/duration.ts'
import { isoLocal, isZoneName, zoneOf } from '../time/zone.ts'
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

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const
const SHORT_DAYS = DAYS.map((day) => day.slice(0, 3).toLowerCase())

/**
 * What a cron expression says, in words, for the plain ones that people write most; undefined for the others, so that
 * nothing is claimed that the expression does not say.
 */
export function cronWords(expression: string): string | undefined {
  const fields = expression.trim().toLowerCase().split(/\s+/)
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = fields
  if (fields.length !== 5 || month !== '*') return undefined
  const when = daysWords(day, weekday)
  if (when === undefined) return undefined
  const at = Number(minute)
  if (isNumber(minute, 59) && isNumber(hour, 23)) return `${when} at ${two(Number(hour))}:${two(at)}`
  if (hour !== '*' || when !== 'every day') return undefined
  if (isNumber(minute, 59)) return at === 0 ? 'every hour' : `every hour at :${two(at)}`
  const step = Number(/^\*\/(\d+)$/.exec(minute)?.[1] ?? (minute === '*' ? 1 : 0))
  if (step === 1) return 'every minute'
  return step > 1 && 60 % step === 0 ? `every ${step} minutes` : undefined
}

function daysWords(day: string, weekday: string): string | undefined {
  if (day === '*' && weekday === '*') return 'every day'
  if (weekday === '*') return isNumber(day, 31) ? `on day ${Number(day)} of each month` : undefined
  if (day !== '*') return undefined
  if (/^(1-5|mon-fri)$/.test(weekday)) return 'Monday to Friday'
  const number = isNumber(weekday, 7) ? Number(weekday) % 7 : SHORT_DAYS.indexOf(weekday)
  return DAYS[number] === undefined ? undefined : `every ${DAYS[number]}`
}

const isNumber = (text: string, most: number): boolean => /^\d{1,2}$/.test(text) && Number(text) <= most
const two = (value: number): string => String(value).padStart(2, '0')

/** Whether a length is long for somebody who waits: more than `limit`, a minute unless said. */
export const isLong = (milliseconds: number, limit: number = MINUTE): boolean => milliseconds > limit

/** A count for people: '12,345'. */
export const countText = (count: number): string => count.toLocaleString('en-GB')
