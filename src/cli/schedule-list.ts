import { definitionOf, timingText } from '../schedule/definition.ts'
import type { StoredSchedule } from '../store/stored-schedule.ts'
import { duration } from '../time/clock.ts'
import { formatDuration } from '../time/duration.ts'
import { zoneOf } from '../time/zone.ts'
import type { Cli } from './context.ts'
import { openProject } from './project.ts'
import { type FolderFlags, folderSettings } from './schedule-files.ts'
import { type LastRun, lastRunOf, stateOf } from './schedule-state.ts'
import { local } from './schedule-ticks.ts'
import { withStore } from './session.ts'
import { print, table } from './terminal.ts'
import { apart, iso } from './words.ts'

type Seen = StoredSchedule & { readonly lastRun: LastRun | null }

/** Prints the schedules in force. */
export async function listSchedules(cli: Cli, flags: FolderFlags): Promise<void> {
  const { config } = await openProject(folderSettings(flags))
  const { seen, now } = await withStore(config, async ({ store }) => {
    const stored = await store.schedules.list()
    const seen = stored.map(async (each): Promise<Seen> => ({ ...each, lastRun: await lastRunOf(store, each) }))
    return { seen: await Promise.all(seen), now: await store.inspector.time() }
  })
  const rows = seen.map((each) => rowOf(each, now))
  const heads = ['SCHEDULE', 'WHEN', 'STATE', 'NEXT DUE', 'LATENESS', 'JOB', 'QUEUE', 'MADE']
  const cells = rows.map((row) => [
    row.name,
    row.when,
    stateText(row, now),
    row.dueAt === null ? '-' : dueText(row.dueAt, row.tz, now),
    row.latenessMs === null ? '-' : formatDuration(duration(row.latenessMs)),
    row.job,
    row.queue,
    row.made,
  ])
  const text = rows.length === 0 ? 'no schedule is in force' : table([heads, ...cells])
  print(cli.terminal, flags.json, { text, value: rows })
}

type Row = ReturnType<typeof rowOf>

function rowOf(stands: Seen, now: number) {
  const { name, queue, nextAt, dueAt, lastPlannedAt, lastFiredAt, lastRun, made, generation, origin } = stands
  const definition = definitionOf(stands.definition)
  const { job, tz, source, description } = definition
  const state = stateOf(stands, definition, now)
  return {
    name,
    when: timingText(definition),
    tz,
    job,
    queue,
    ...(description === undefined ? {} : { description }),
    state: state.kind,
    pausedUntil: state.kind === 'paused' ? iso(state.pause.until) : null,
    nextAt: iso(nextAt),
    dueAt: iso(dueAt),
    lastPlannedAt: iso(lastPlannedAt),
    lastFiredAt: iso(lastFiredAt),
    latenessMs: lastRun?.latenessMs ?? null,
    made,
    generation,
    origin,
    source: `${source.file}:${source.line}`,
  }
}

function dueText(dueAt: string, tz: string, now: number): string {
  const at = Date.parse(dueAt)
  return `${local(zoneOf(tz), at)} (${apart(at, now)})`
}

/** 'on', 'paused until …', 'ended', 'limit reached', 'manual'. */
function stateText({ state, pausedUntil, tz }: Row, now: number): string {
  if (state !== 'paused') return state.replace('-', ' ')
  if (pausedUntil === null) return 'paused'
  const until = Date.parse(pausedUntil)
  return `paused until ${local(zoneOf(tz), until)} (${apart(until, now)})`
}
