import { definitionOf, timingText } from '../schedule/definition.ts'
import type { StoredSchedule } from '../store/stored-schedule.ts'
import type { Cli } from './context.ts'
import { openProject } from './project.ts'
import { type FolderFlags, folderSettings } from './schedule-files.ts'
import { withStore } from './session.ts'
import { print, table } from './terminal.ts'
import { apart, iso } from './words.ts'

/** Prints the schedules in force. */
export async function listSchedules(cli: Cli, flags: FolderFlags): Promise<void> {
  const { config } = await openProject(folderSettings(flags))
  const { stored, now } = await withStore(config, async ({ store }) => ({
    stored: await store.schedules.list(),
    now: await store.inspector.time(),
  }))
  const rows = stored.map(rowOf)
  const cells = rows.map((row) => [
    row.name,
    row.when,
    row.job,
    row.queue,
    row.nextAt === null ? '-' : `${row.nextAt} (${apart(Date.parse(row.nextAt), now)})`,
    row.made,
  ])
  const heads = ['SCHEDULE', 'WHEN', 'JOB', 'QUEUE', 'NEXT', 'MADE']
  const text = rows.length === 0 ? 'no schedule is in force' : table([heads, ...cells])
  print(cli.terminal, flags.json, { text, value: rows })
}

function rowOf({ name, queue, definition: text, nextAt, lastPlannedAt, lastFiredAt, made }: StoredSchedule) {
  const definition = definitionOf(text)
  const { job, tz, source, description } = definition
  return {
    name,
    when: timingText(definition),
    tz,
    job,
    queue,
    ...(description === undefined ? {} : { description }),
    nextAt: iso(nextAt),
    lastPlannedAt: iso(lastPlannedAt),
    lastFiredAt: iso(lastFiredAt),
    made,
    source: `${source.file}:${source.line}`,
  }
}
