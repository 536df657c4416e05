import { excerpt } from '../errors.ts'
import { type Instant, instant } from '../time/clock.ts'
import { DAY } from '../time/duration.ts'
import { type Reading, reading, readingOf } from '../time/reading.ts'
import { parseIso, resolveReading } from '../time/wall-clock.ts'
import { isoLocal, type Zone, zoneOf } from '../time/zone.ts'
import type { DstPolicy } from './cron-walk.ts'
import { type TimingSource, timingOf } from './definition.ts'
import { attempt, came, choiceAt, type Fields, mapAt, refuseUnknown, report, textAt } from './fields.ts'
import { DEFAULT_POLICIES, type Policies } from './policies.ts'
import type { ReadTiming } from './read-timing.ts'
import { nextTick } from './timing.ts'
import type { Entry } from './yaml-tree.ts'

/** Which ticks there are at all: what becomes of changed clocks, the first and the last. */
export type ReadSpan = Pick<Policies, 'dst' | 'starts' | 'ends'>

/** The schedule that is read: `fields` with the defaults, `own` without them; timing undefined where it is not known. */
export type SpanSubject = {
  readonly name: string
  readonly fields: Fields
  readonly own: ReadonlyMap<string, Entry>
  readonly timing: ReadTiming | undefined
}

/** Reads dst, starts and ends of a schedule, and refuses one that never ticks between them. */
export function readSpan(subject: SpanSubject): ReadSpan {
  const { fields, timing } = subject
  const zone = timing === undefined ? undefined : zoneOf(timing.tz)
  const [dst, starts, ends] = ['dst', 'starts', 'ends'].map((key) => fields.entries.get(key))
  const before = fields.faults.length
  const first = starts === undefined ? undefined : momentAt(fields, starts, zone, 'first')
  const last = ends === undefined ? undefined : momentAt(fields, ends, zone, 'last')
  const policy = dst === undefined ? undefined : readDst(subject, dst)
  const span: ReadSpan = {
    ...(policy === undefined ? {} : { dst: policy }),
    ...(first === undefined ? {} : { starts: first }),
    ...(last === undefined ? {} : { ends: last }),
  }
  if (fields.faults.length === before && starts !== undefined) refuseNeverTicks(subject, span, starts, ends)
  return span
}

/** The instant that a date, a time on the wall or an ISO text means; the last one of a date is the end of its day. */
function momentAt(fields: Fields, entry: Entry, zone: Zone | undefined, which: 'first' | 'last'): Instant | undefined {
  const { value: tree, key } = entry
  const text = textAt(fields, entry, MOMENT)?.trim()
  if (text === undefined) return undefined
  const date = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text)
  const iso = parseIso(text)
  const midnight = date === null ? undefined : readingOf(Number(date[1]), Number(date[2]), Number(date[3]), 0)
  if (iso?.kind === 'instant') return iso.at
  const shown: Reading | undefined = iso?.reading ?? midnight
  if (shown === undefined) {
    const hint = date === null ? '' : '; the calendar has no such day'
    report(fields, tree.place, key, `expected ${MOMENT}, got ${came(tree)}${hint}`)
    return undefined
  }
  if (zone === undefined) return undefined
  if (midnight === undefined || which === 'first') return resolveReading(zone, shown).at
  return instant(resolveReading(zone, reading(midnight + DAY)).at - 1)
}

const MOMENT = `a date such as '2026-12-01', a time such as '2026-12-01T09:00' in the zone of the schedule, or one with its offset`

const GAPS = ['run', 'skip'] as const
const REPEATS = ['first', 'last', 'both'] as const

/** Of defaults it holds for the schedules for which it can mean something. */
function readDst({ name, fields, own, timing }: SpanSubject, entry: Entry): DstPolicy | undefined {
  const inside = mapAt(fields, entry, `a map such as { gap: skip, overlap: both }`)
  if (inside === undefined) return undefined
  refuseUnknown(inside, ['gap', 'overlap'])
  const [gap, overlap] = ['gap', 'overlap'].map((key) => inside.entries.get(key))
  const dst: DstPolicy = {
    gap: (gap && choiceAt(inside, gap, GAPS)) ?? 'run',
    overlap: (overlap && choiceAt(inside, overlap, REPEATS)) ?? 'first',
  }
  if (timing === undefined) return undefined
  const plain = timingOf({ name, ...timing })
  const isWallClock = plain.kind === 'cron' && plain.patterns.some(({ readings }) => readings !== 'rhythmic')
  if (!isWallClock && !own.has('dst')) return undefined
  if (plain.kind === 'every')
    report(
      fields,
      entry.place,
      'dst',
      `expected only beside cron: every is elapsed time, which no clock change touches`,
    )
  const source: TimingSource = { name, ...timing, policies: { ...DEFAULT_POLICIES, dst } }
  attempt(fields, entry.place, '', () => timingOf(source))
  return dst
}

/** Without an end it ticks some day, which was seen when its timing was compiled. */
function refuseNeverTicks({ name, fields, timing }: SpanSubject, span: ReadSpan, starts: Entry, ends?: Entry): void {
  const { starts: from, ends: to } = span
  if (timing === undefined || from === undefined || to === undefined || ends === undefined) return
  const zone = zoneOf(timing.tz)
  if (to < from) {
    const shown = `${isoLocal(zone, from)} to ${isoLocal(zone, to)}`
    report(fields, ends.value.place, 'ends', `expected a time after starts, got ${excerpt(shown)}`)
    return
  }
  const policies: Policies = { ...DEFAULT_POLICIES, ...span }
  const tick = attempt(fields, starts.place, '', () =>
    nextTick(timingOf({ name, ...timing, policies }), instant(from - 1)),
  )
  if (tick === undefined || (tick !== null && tick <= to)) return
  const after = tick === null ? 'there is none at all' : `the first one after starts is at ${isoLocal(zone, tick)}`
  report(fields, starts.value.place, 'starts', `expected a tick between starts and ends, got none: ${after}`)
}
