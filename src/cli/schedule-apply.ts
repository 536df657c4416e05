import { readScheduleFiles } from '../schedule/files.ts'
import type { Pending } from '../timetable/apply.ts'
import { type AppliedFiles, applyFiles } from '../timetable/files.ts'
import { catalogueFor } from '../wiring/catalogue.ts'
import { processId } from '../wiring/presence.ts'
import { TZ_DATA } from '../wiring/version.ts'
import type { Cli } from './context.ts'
import { EXIT } from './exit.ts'
import { jobsOf, openProject } from './project.ts'
import { type FolderFlags, folderSettings } from './schedule-files.ts'
import { withStore } from './session.ts'
import { print } from './terminal.ts'

/** The flags of `schedule apply`. */
export type ApplyFlags = FolderFlags & {
  readonly force?: boolean
  readonly prune?: boolean
  readonly pending: Pending
}

/** Puts the files in force; exit code 4 when some could not be read or were refused, and what was last applied stays. */
export async function applyNow(cli: Cli, flags: ApplyFlags): Promise<void> {
  const project = await openProject(folderSettings(flags))
  const { environment, generation: given = null, schedules: folder, timeZone: defaultZone } = project.config
  const { force = false, prune = false, pending } = flags
  const done = await withStore(project.config, async ({ store }) => {
    const catalogue = await catalogueFor(jobsOf(project), store)
    const files = await readScheduleFiles(folder, { defaultZone, ...(catalogue ? { catalogue } : {}) })
    const how = { environment, told: true, given, force, prune, pending }
    return applyFiles({ store, by: processId(), tz: TZ_DATA, files, ...how })
  })
  print(cli.terminal, flags.json, { text: said(done), value: done })
  const { faults, refused, withheld, environmentBefore: before } = done
  if (before !== null) cli.terminal.say(`environment ${environment} has taken this namespace over from ${before}`)
  for (const fault of faults) cli.terminal.say(fault)
  if (refused !== null) cli.terminal.say(refused)
  if (withheld.length > 0) {
    const line = 'they stay in force: remove them with morrow schedule apply --prune'
    cli.terminal.say(
      `${withheld.length} schedules stand in no file any more, more than half of all (${withheld.join(', ')}); ${line}`,
    )
  }
  if (faults.length > 0 || refused !== null || withheld.length > 0) cli.finish(EXIT.wrong)
}

const said = ({ generation, applied, unchanged, withdrawn }: AppliedFiles): string =>
  [
    ...applied.map((name) => `applied    ${name}`),
    ...withdrawn.map((name) => `withdrawn  ${name}`),
    `generation ${generation === '' ? 'none' : generation}: ${applied.length} applied, ${unchanged.length} unchanged, ${withdrawn.length} withdrawn`,
  ].join('\n')
