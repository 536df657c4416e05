import type { HistoryView, PauseView, ScheduleView, TickView } from '../job/schedules-client.ts'
import { describe } from '../schedule/describe.ts'
import { dueOf, nextPlanned, type Rule } from '../schedule/rule.ts'
import { tickRow } from '../schedule/ticks.ts'
import type { StoredPause, StoredSchedule } from '../store/stored-schedule.ts'
import type { Instant } from '../time/clock.ts'
import type { HistoryEntry } from '../timetable/history.ts'
import { compile } from '../timetable/rules.ts'

const dateOf = (at: number | null): Date | null => (at === null ? null : new Date(at))

const pauseView = ({ since, until, by, reason }: StoredPause): PauseView => ({
  since: new Date(since),
  until: dateOf(until),
  by,
  reason,
})

/** A schedule as an application sees it. */
export function scheduleView(stands: StoredSchedule, now: number): ScheduleView {
  const { definition, rule } = compile(stands.id, stands.version, stands.definition)
  const { file, line } = definition.source
  const paused = stands.pauses.find(({ since, until }) => since <= now && (until === null || until > now))
  return {
    name: stands.name,
    job: definition.job,
    queue: stands.queue,
    when: describe(rule.timing),
    tz: definition.tz,
    ...(definition.payload === undefined ? {} : { payload: definition.payload }),
    origin: stands.origin,
    source: stands.origin === 'api' ? '' : `${file}:${line}`,
    nextAt: dateOf(stands.nextAt),
    lastPlannedAt: dateOf(stands.lastPlannedAt),
    lastFiredAt: dateOf(stands.lastFiredAt),
    made: stands.made,
    paused: paused === undefined ? null : pauseView(paused),
  }
}

/** The next planned ticks after an instant. */
export function tickViews(rule: Rule, tz: string, after: Instant, count: number): readonly TickView[] {
  const views: TickView[] = []
  for (let at = nextPlanned(rule, after); at !== null && views.length < count; at = nextPlanned(rule, at)) {
    const { local, note } = tickRow(rule.timing, at, tz)
    const excluded = rule.excludes?.(at) ?? false
    const view = { at: new Date(at), dueAt: new Date(dueOf(rule, at)), local, excluded }
    views.push(note === undefined ? view : { ...view, note })
  }
  return views
}

/** An entry of a ledger as an application sees it. */
export const historyView = ({ words, first, last, count, at, lateness, jobs }: HistoryEntry): HistoryView => ({
  fate: words,
  first: new Date(first),
  last: new Date(last),
  count,
  at: dateOf(at),
  latenessMs: lateness,
  jobs: jobs.map(({ id, state }) => ({ id, state })),
})
