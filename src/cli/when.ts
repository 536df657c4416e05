import type { When } from '../time/due.ts'
import { zoneOf } from '../time/zone.ts'
import { usageError } from './exit.ts'
import { local } from './schedule-ticks.ts'

/** The flags that say when a job is due. */
export type WhenFlags = {
  readonly in?: string
  readonly at?: string
  readonly time?: string
  readonly tz?: string
}

/** A due instant as it is echoed: on the clocks of the zone that was asked for, else in UTC. */
export const dueText = (dueAt: Date, { tz }: WhenFlags): string =>
  tz === undefined ? dueAt.toISOString() : local(zoneOf(tz, '--tz'), dueAt.getTime())

const UNITS: Readonly<Record<string, string>> = {
  y: 'years',
  year: 'years',
  mo: 'months',
  month: 'months',
  w: 'weeks',
  week: 'weeks',
  d: 'days',
  day: 'days',
  h: 'hours',
  hour: 'hours',
  m: 'minutes',
  min: 'minutes',
  minute: 'minutes',
}

/** When a job is due by these flags; undefined when none is given. What they mean is checked where all times are. */
export function whenOf({ in: after, at, time, tz }: WhenFlags): When | undefined {
  if (after === undefined && at === undefined) {
    if (time === undefined && tz === undefined) return undefined
    throw usageError('--time and --tz say more about --in or --at; expected one of these too')
  }
  if (after !== undefined && at !== undefined) throw usageError('expected --in or --at, got both')
  const onCalendar = after !== undefined && (time !== undefined || tz !== undefined)
  const given = { in: onCalendar ? partsOf(after) : after, at, time, tz }
  // Left to parseWhen, which checks what untyped callers give too.
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as unknown as When
}

/** '3d', '1 month' or '2 weeks 1 day' as a step on a calendar, because with a zone a day is one of that zone. */
function partsOf(text: string): Readonly<Record<string, number>> {
  const parts = [...text.trim().matchAll(/(\d+)\s*([A-Za-z]+)\s*/g)]
  const known = parts.map(([, amount, word = '']) => {
    const unit = UNITS[word.toLowerCase()] ?? UNITS[word.toLowerCase().replace(/s$/, '')]
    return unit === undefined ? undefined : ([unit, Number(amount)] as const)
  })
  const whole = parts.map(([all]) => all).join('') === text.trim()
  if (known.length > 0 && whole && known.every((part) => part !== undefined)) return Object.fromEntries(known)
  throw usageError(`--in: beside --time or --tz expected days, weeks, months or years such as '3d', got '${text}'`)
}
