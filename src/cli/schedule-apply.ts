import { applySchedules } from '../scheduler/apply.ts'
import { catalogueFor } from '../wiring/catalogue.ts'
import type { Cli } from './context.ts'
import { EXIT } from './exit.ts'
import { jobsOf, openProject } from './project.ts'
import { type FolderFlags, folderSettings } from './schedule-files.ts'
import { withStore } from './session.ts'
import { print } from './terminal.ts'

/** Puts the files in force; exit code 4 when some could not be read, and what was last applied from them stays. */
export async function applyFiles(cli: Cli, flags: FolderFlags): Promise<void> {
  const project = await openProject(folderSettings(flags))
  const { environment, schedules: folder, timeZone: defaultZone } = project.config
  const done = await withStore(project.config, async ({ store }) => {
    const catalogue = await catalogueFor(jobsOf(project), store)
    return applySchedules({ store, folder, told: true, environment, defaultZone, catalogue })
  })
  const { applied, unchanged, withdrawn, faults } = done
  const text = [
    ...applied.map((name) => `applied    ${name}`),
    ...withdrawn.map((name) => `withdrawn  ${name}`),
    `${applied.length} applied, ${unchanged.length} unchanged, ${withdrawn.length} withdrawn`,
  ].join('\n')
  print(cli.terminal, flags.json, { text, value: done })
  for (const fault of faults) cli.terminal.say(fault)
  if (faults.length > 0) cli.finish(EXIT.wrong)
}
