import { basename, resolve } from 'node:path'
import { ConfigError, readConfig } from '../config.ts'
import { formatFault } from '../schedule/fault.ts'
import type { FileFinding } from '../schedule/file-finding.ts'
import { listYaml, readTexts } from '../schedule/folder.ts'
import { lintFiles } from '../schedule/lint-files.ts'
import { systemClock } from '../time/system-clock.ts'
import type { Cli } from './context.ts'
import { EXIT } from './exit.ts'
import { openProject, type Project } from './project.ts'
import { type FolderFlags, faultsIn, filesOf, folderSettings } from './schedule-files.ts'
import { print } from './terminal.ts'
import { counted } from './words.ts'

type LintFlags = FolderFlags & { readonly strict?: boolean }

/** Prints every fault and every warning of every file as file:line:column; exit code 4 for faults, with --strict for all. Needs no Redis. */
export async function lintSchedules(cli: Cli, flags: LintFlags): Promise<void> {
  const project = await leniently(cli, flags)
  const files = await filesOf(project)
  const texts = await textsIn(project.config.schedules)
  const faults = faultsIn(files, project.config)
  const found = lintFiles({ texts, schedules: files.schedules, faults }, systemClock.now())
  print(cli.terminal, flags.json, { text: found.map(lineOf).join('\n'), value: found })
  const errors = found.filter(({ severity }) => severity === 'error').length
  const warnings = found.length - errors
  const what = `${counted(files.schedules.length, 'schedule')} in ${counted(files.files.length, 'file')}`
  const faultsText = errors === 0 ? 'no faults' : counted(errors, 'fault')
  cli.terminal.say(`${what}: ${faultsText}${warnings === 0 ? '' : `, ${counted(warnings, 'warning')}`}`)
  if (errors > 0 || (flags.strict === true && warnings > 0)) cli.finish(EXIT.wrong)
}

const lineOf = ({ severity, fix, message, ...place }: FileFinding): string =>
  formatFault({
    ...place,
    message: `${severity === 'warning' ? 'warning: ' : ''}${message}${fix === undefined ? '' : `; ${fix}`}`,
  })

/** The files by the names under which faults and definitions speak of them; what cannot be read is a fault already. */
async function textsIn(folder: string): Promise<readonly { readonly file: string; readonly text: string }[]> {
  const listed = await listYaml(folder)
  if (listed.kind === 'none') return []
  const read = await readTexts(folder, folder, listed.names)
  const shown = basename(resolve(folder))
  return read.flatMap((each) => (each.kind === 'text' ? [{ file: `${shown}/${each.name}`, text: each.text }] : []))
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
