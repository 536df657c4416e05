import { formatFault } from '../schedule/fault.ts'
import { readScheduleFiles, type ScheduleFiles } from '../schedule/files.ts'
import type { Catalogue, ReadingOptions } from '../schedule/read-definitions.ts'
import { systemClock } from '../time/system-clock.ts'
import { type Plan, planBetween, planFiles } from '../timetable/plan.ts'
import { catalogueFor } from '../wiring/catalogue.ts'
import type { Cli } from './context.ts'
import { EXIT } from './exit.ts'
import { jobsOf, openProject, type Project } from './project.ts'
import { withFilesOf } from './schedule-against.ts'
import { type FolderFlags, faultsIn, filesOf, folderSettings } from './schedule-files.ts'
import { planText } from './schedule-plan-text.ts'
import { planValue } from './schedule-plan-value.ts'
import { withStore } from './session.ts'
import { print } from './terminal.ts'

type PlanFlags = FolderFlags & { readonly against?: string; readonly exitCode?: boolean }

type Planned = { readonly plan: Plan; readonly files: ScheduleFiles }

/**
 * Prints what an apply of the files would do; changes nothing. Exit code 4 where an apply would end with it (faults, refused,
 * withheld), and with --exit-code on a change.
 */
export async function planSchedules(cli: Cli, flags: PlanFlags): Promise<void> {
  const project = await openProject(folderSettings(flags))
  const { plan, files } =
    flags.against === undefined ? await againstForce(project) : await againstFiles(cli, project, flags.against)
  const faults = faultsIn(files, project.config)
  const about = { against: flags.against ?? null, faults: faults.map(formatFault) }
  print(cli.terminal, flags.json, { text: planText(plan, about), value: planValue(plan, about) })
  for (const fault of about.faults) cli.terminal.say(fault)
  if (plan.refused !== null) cli.terminal.say(`an apply would be refused: ${plan.refused}`)
  const isWrong = faults.length > 0 || plan.refused !== null || plan.withheld.length > 0
  if (isWrong || (flags.exitCode === true && plan.changes.length > 0)) cli.finish(EXIT.wrong)
}

function againstForce(project: Project): Promise<Planned> {
  const { environment, generation: given = null, schedules, timeZone: defaultZone } = project.config
  return withStore(project.config, async ({ store }) => {
    const catalogue = await catalogueFor(jobsOf(project), store)
    const files = await readScheduleFiles(schedules, { defaultZone, catalogue })
    return { plan: await planFiles({ store, files, environment, given }), files }
  })
}

/** Files with files, as for a pull request: no Redis, and schedules of all environments. */
async function againstFiles(cli: Cli, project: Project, against: string): Promise<Planned> {
  const { schedules, timeZone: defaultZone } = project.config
  const jobs = jobsOf(project)
  const former: ReadingOptions =
    jobs.length === 0 ? { defaultZone } : { defaultZone, catalogue: believing(await catalogueFor(jobs)) }
  const files = await filesOf(project)
  const before = await withFilesOf(against, schedules, (folder) => readScheduleFiles(folder, former))
  if (before.faults.length > 0) cli.terminal.say(`in ${against} not all can be read, and is taken for new here:`)
  for (const fault of before.faults) cli.terminal.say(`  ${formatFault(fault)}`)
  return { plan: planBetween(before.schedules, files, systemClock.now()), files }
}

/** What stood before was checked when it was written: its jobs may be gone by now. */
const believing = (catalogue: Catalogue): Catalogue => ({
  knows: () => true,
  queueOf: (job) => catalogue.queueOf(job) ?? 'default',
  checkPayload: () => [],
})
