import { compileCalendar, excludedBy } from '../schedule/calendar.ts'
import type { ScheduleDefinition } from '../schedule/definition.ts'
import { dueOf, windowOf } from '../schedule/rule.ts'
import type { StoredPause, StoredSchedule } from '../store/stored-schedule.ts'
import { duration, type Instant } from '../time/clock.ts'
import { formatDuration } from '../time/duration.ts'
import { isoLocal, readingAt, zoneOf } from '../time/zone.ts'
import type { Records, Row } from './records.ts'
import type { Compiled } from './rules.ts'

/** What decided on a tick, or will, in a sentence; null when nothing speaks against it. */
export function reasonIn(
  records: Records,
  row: Row | undefined,
  at: Instant,
  definition: { readonly compiled: Compiled } | null,
): string | null {
  if (definition === null) return null
  const { compiled } = definition
  if (row === undefined) return toCome(records, at, compiled)
  switch (row.entry.fate) {
    case 'late':
      return `It was missed${after(records, row, at, compiled)}; ${missedPolicy(compiled, at)}.`
    case 'missed':
      return `It was missed${after(records, row, at, compiled)}, and ${missedPolicy(compiled, at)}.`
    case 'coalesced':
      return `It was missed${after(records, row, at, compiled)}, and ${missedPolicy(compiled, at)}: the run of ${local(compiled.definition, row.entry.into ?? at)} stands for it.`
    case 'overlap':
      return `An earlier run had not ended, and overlap is ${compiled.definition.policies.overlap}.`
    case 'paused':
      return `It was ${paused(records, at, compiled) ?? 'paused; that pause is over and its note was dropped'}.`
    case 'deadline':
      return deadline(row, compiled)
    case 'excluded':
      return excluded(at, compiled)
    case 'called-off':
      return calledOff(records.stands, at, compiled, 'had')
    case 'superseded':
      return `The schedule was taken out of force by generation ${row.context.generation} before it was decided on.`
    case 'fired':
    case 'backfilled':
    case 'by-hand':
    case 'applied':
    case 'withdrawn':
    case 'limit':
      return null
  }
}

/** What is known of a tick that is not decided on yet. */
function toCome(records: Records, at: Instant, compiled: Compiled): string | null {
  if (compiled.rule.excludes?.(at)) return excluded(at, compiled)
  const pause = paused(records, at, compiled)
  if (pause !== null) return `It is ${pause}.`
  return records.stands.skips.includes(at) ? calledOff(records.stands, at, compiled, 'has') : null
}

/** Who said so; the notes of what is over are kept for a while only. */
function calledOff(
  { calledOff: notes }: Pick<StoredSchedule, 'calledOff'>,
  at: Instant,
  { definition }: Compiled,
  has: 'has' | 'had',
): string {
  const note = notes.find((each) => each.at.includes(at))
  if (note === undefined) return `A person ${has} called it off.`
  const why = note.reason === '' ? '' : `: ${note.reason}`
  return `${note.by} ${has} called it off at ${local(definition, note.since)}${why}.`
}

const local = ({ tz }: ScheduleDefinition, at: number): string => isoLocal(zoneOf(tz), at as Instant)

/** How late it was seen: what is folded does not tell it, but what was decided on next does. */
function after({ rows }: Records, row: Row, at: Instant, { rule }: Compiled): string {
  const seen = rows.slice(rows.indexOf(row)).find(({ entry }) => entry.at !== null)?.entry.at ?? null
  if (seen === null || seen <= dueOf(rule, at)) return ''
  return `: no scheduler looked until ${formatDuration(duration(seen - dueOf(rule, at)))} after it was due`
}

function missedPolicy({ rule }: Compiled, at: Instant): string {
  const { missed } = rule
  if (missed.kind === 'skip') return 'missed is skip'
  const window = windowOf(rule, at)
  const within = window === null ? '' : ` within ${formatDuration(window)}`
  return missed.kind === 'once' ? `missed is once${within}` : `missed is all, the newest ${missed.max}${within}`
}

function paused({ stands }: Records, at: Instant, { definition, rule }: Compiled): string | null {
  const due = dueOf(rule, at)
  const over = ({ since, until }: StoredPause): boolean => since <= due && (until === null || until > due)
  const pause = stands.pauses.find(over)
  if (pause === undefined) return null
  const ended = pause.endedBy === undefined ? '' : `, when ${pause.endedBy} ended it`
  const until = pause.until === null ? 'until it is resumed' : `until ${local(definition, pause.until)}${ended}`
  return `paused since ${local(definition, pause.since)} by ${pause.by}, ${until}: ${pause.reason}`
}

function deadline({ entry: { lateness } }: Row, { rule }: Compiled): string {
  const { deadline } = rule
  if (deadline === null) return 'Its deadline had passed.'
  const past = duration(Math.max(0, lateness - deadline))
  return `Its deadline of ${formatDuration(deadline)} had passed by ${formatDuration(past)}.`
}

function excluded(at: Instant, { definition }: Compiled): string {
  const calendars = (definition.policies.exclude ?? []).map(compileCalendar)
  const name = excludedBy(calendars, readingAt(zoneOf(definition.tz), at))
  return `It is excluded by calendar ${name ?? '(unknown)'}.`
}
