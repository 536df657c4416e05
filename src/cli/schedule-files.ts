import type { Config } from '../config.ts'
import type { Fault } from '../schedule/fault.ts'
import { readScheduleFiles, type ScheduleFiles } from '../schedule/files.ts'
import { catalogueFor } from '../wiring/catalogue.ts'
import { type CommonFlags, settingsOf } from './context.ts'
import { jobsOf, type Project } from './project.ts'

/** The flags of commands that read the schedule files. */
export type FolderFlags = CommonFlags & { readonly schedules?: string }

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
