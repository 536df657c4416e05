import { ConfigError, readConfig } from '../config.ts'
import { formatFault } from '../schedule/fault.ts'
import type { Cli } from './context.ts'
import { EXIT } from './exit.ts'
import { openProject, type Project } from './project.ts'
import { type FolderFlags, faultsIn, filesOf, folderSettings } from './schedule-files.ts'
import { print } from './terminal.ts'
import { counted } from './words.ts'

/** Prints every fault of every file as file:line:column; exit code 4 if there are any. Needs no Redis. */
export async function lintFiles(cli: Cli, flags: FolderFlags): Promise<void> {
  const project = await leniently(cli, flags)
  const files = await filesOf(project)
  const faults = faultsIn(files, project.config)
  const text = faults.map(formatFault).join('\n')
  print(cli.terminal, flags.json, { text, value: faults })
  if (faults.length > 0) cli.finish(EXIT.wrong)
  else
    cli.terminal.say(
      `${counted(files.schedules.length, 'schedule')} in ${counted(files.files.length, 'file')}: no faults`,
    )
}

/** The project, or where its configuration file cannot be loaded, the environment alone: most faults need no job types. */
async function leniently({ terminal }: Cli, flags: FolderFlags): Promise<Project> {
  try {
    return await openProject(folderSettings(flags))
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const config = readConfig(undefined, folderSettings(flags))
    terminal.say(`job names and payloads are not checked: ${error.message}`)
    return { config, file: undefined, morrow: {} }
  }
}
