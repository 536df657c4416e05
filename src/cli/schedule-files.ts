import type { Command } from 'commander'
import type { Config } from '../config.ts'
import { excerpt, nearest } from '../errors.ts'
import type { ScheduleDefinition } from '../schedule/definition.ts'
import type { Fault } from '../schedule/fault.ts'
import { readScheduleFiles, type ScheduleFiles } from '../schedule/files.ts'
import { catalogueFor } from '../wiring/catalogue.ts'
import { type Cli, type CommonFlags, settingsOf, withJson, withSettings } from './context.ts'
import { jobsOf, openProject, type Project } from './project.ts'

/** The flags of commands that read the schedule files. */
export type FolderFlags = CommonFlags & { readonly schedules?: string }

/** Adds the flags of commands that read the schedule files. */
export const withFolder = (to: Command): Command =>
  withJson(withSettings(to)).option('--schedules <folder>', 'the folder of the schedule files (MORROW_SCHEDULES)')

/** The settings among these flags. */
export const folderSettings = (flags: FolderFlags) => ({ ...settingsOf(flags), schedules: flags.schedules })

/** Reads the files of a project, checked against its job types where it lists any. */
export async function filesOf(project: Project): Promise<ScheduleFiles> {
  const jobs = jobsOf(project)
  const { schedules, timeZone: defaultZone } = project.config
  return readScheduleFiles(schedules, {
    defaultZone,
    ...(jobs.length > 0 ? { catalogue: await catalogueFor(jobs) } : {}),
  })
}

/** What is wrong with the files: every fault at its place, and a folder that cannot be read. */
export const faultsIn = ({ faults, unreadable }: ScheduleFiles, { schedules }: Config): readonly Fault[] => [
  ...faults,
  ...unreadable.flatMap((each) =>
    each.kind === 'folder'
      ? [{ file: schedules, line: 0, column: 0, message: withoutFolder(each.reason, schedules) }]
      : [],
  ),
]

const withoutFolder = (reason: string, folder: string): string =>
  reason.startsWith(`${folder} `) ? reason.slice(folder.length + 1) : reason

/** A schedule of the files by its name, whatever jobs there are; undefined when there is none, which is then said. */
export async function findInFiles(
  { terminal }: Cli,
  name: string,
  flags: FolderFlags,
): Promise<ScheduleDefinition | undefined> {
  const { config } = await openProject(folderSettings(flags))
  const { schedules } = await readScheduleFiles(config.schedules, { defaultZone: config.timeZone })
  const found = schedules.find((each) => each.name === name)
  if (found !== undefined) return found
  const meant = nearest(
    name,
    schedules.map((each) => each.name),
  )
  const hint = meant === undefined ? 'morrow schedule lint says what stands there' : `did you mean ${meant}?`
  terminal.say(`no schedule ${excerpt(name)} can be read in ${config.schedules}/; ${hint}`)
  return undefined
}
