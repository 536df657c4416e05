import type { Store } from '../store/store.ts'
import type { StoredSchedule } from '../store/stored-schedule.ts'
import { duration } from '../time/clock.ts'
import { formatDuration } from '../time/duration.ts'
import { zoneOf } from '../time/zone.ts'
import { lastRunOf, readable, type ScheduleState, stateOf } from '../timetable/state.ts'
import { HINDRANCES } from '../web/words.ts'
import type { Cli } from './context.ts'
import { openProject } from './project.ts'
import { type FolderFlags, folderSettings } from './schedule-files.ts'
import { local } from './schedule-ticks.ts'
import { type Seen, scheduleValue } from './schedule-value.ts'
import { withStore } from './session.ts'
import { print, table } from './terminal.ts'
import { apart } from './words.ts'

type ListFlags = FolderFlags & { readonly all?: boolean }

/** Prints the schedules in force; Morrow's own among them only where all are asked for. */
export async function listSchedules(cli: Cli, flags: ListFlags): Promise<void> {
  const { config } = await openProject(folderSettings(flags))
  const { seen, now } = await withStore(config, async ({ store }) => {
    const now = await store.inspector.time()
    const stored = await store.schedules.list(flags.all === true)
    return { seen: await Promise.all(stored.map((stands) => look(store, stands, now))), now }
  })
  const heads = ['SCHEDULE', 'WHEN', 'STATE', 'NEXT DUE', 'LATENESS', 'JOB', 'QUEUE', 'MADE']
  const text = seen.length === 0 ? 'no schedule is in force' : table([heads, ...seen.map((each) => cellsOf(each, now))])
  print(cli.terminal, flags.json, { text, value: seen.map(scheduleValue) })
}

async function look(store: Store, stands: StoredSchedule, now: number): Promise<Seen> {
  const compiled = readable(stands)
  return {
    stands,
    compiled,
    state: stateOf(stands, compiled?.definition, now),
    lastRun: await lastRunOf(store, stands),
  }
}

function cellsOf(seen: Seen, now: number): readonly (string | number)[] {
  const { name, when, tz, job, queue, latenessMs, made, hindrance } = scheduleValue(seen)
  const { dueAt } = seen.stands
  const shown = (at: number): string => `${local(zoneOf(tz), at)} (${apart(at, now)})`
  return [
    name,
    when,
    stateText(seen.state, shown),
    dueAt === null ? '-' : `${shown(dueAt)}${hindrance === null ? '' : `, ${HINDRANCES[hindrance]}`}`,
    latenessMs === null ? '-' : formatDuration(duration(latenessMs)),
    job,
    queue,
    made,
  ]
}

function stateText(state: ScheduleState, shown: (at: number) => string): string {
  switch (state.kind) {
    case 'paused':
      return state.pause.until === null ? 'paused' : `paused until ${shown(state.pause.until)}`
    case 'waits':
      return `begins ${shown(state.until)}`
    case 'unreadable':
      return 'of another release'
    case 'on':
    case 'manual':
    case 'ended':
      return state.kind
    case 'limit-reached':
      return 'limit reached'
  }
}
