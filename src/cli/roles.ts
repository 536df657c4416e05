import type { Command } from 'commander'
import type { Settings } from '../config.ts'
import { type Cli, type CommonFlags, command, settingsOf, withSettings } from './context.ts'
import { usageError } from './exit.ts'
import { openProject } from './project.ts'
import { composed, type Roles } from './role-services.ts'
import { serve } from './serve.ts'
import { asOurs } from './session.ts'

type RoleFlags = CommonFlags & {
  readonly queues?: string
  readonly concurrency?: string
  readonly shutdownTimeout?: string
  readonly schedules?: string
  readonly healthPort?: string
  readonly port?: string
  readonly host?: string
  readonly logLevel?: string
  readonly untilEmpty?: boolean
}

const ROLES = ['worker', 'scheduler', 'web'] as const

/** `morrow worker`, `scheduler`, `web`, and `run` for several of them in one process. */
export const roleCommands = (cli: Cli): readonly Command[] => [
  forWorker(
    forAll(command('worker', 'claims jobs and runs their handlers', 'morrow worker --queues critical,mail:50,*')),
  )
    .option('--until-empty', 'stop by itself when no job is ready and none runs')
    .action((flags: RoleFlags) => run(cli, ['worker'], flags)),
  forScheduler(
    forAll(command('scheduler', 'moves due jobs, fires schedules, takes back what is lost', 'morrow scheduler')),
  ).action((flags: RoleFlags) => run(cli, ['scheduler'], flags)),
  forWeb(forAll(command('web', 'serves the page, the health checks and the metrics', 'morrow web --port 3000'))).action(
    (flags: RoleFlags) => run(cli, ['web'], flags),
  ),
  forWeb(
    forScheduler(
      forWorker(
        forAll(command('run', 'several roles in one process, on at most 4 connections', 'morrow run worker,scheduler')),
      ),
    ),
  )
    .argument('<roles>', 'worker, scheduler and web, with commas between')
    .action((roles: string, flags: RoleFlags) => run(cli, rolesOf(roles), flags)),
]

const forAll = (to: Command): Command =>
  withSettings(to)
    .option('--shutdown-timeout <length>', 'how long to finish work after SIGTERM (SHUTDOWN_TIMEOUT)')
    .option('--health-port <port>', 'own health checks on this port (HEALTH_PORT)')
    .option('--log-level <level>', 'how much is logged (LOG_LEVEL)')

const forWorker = (to: Command): Command =>
  to
    .option('--queues <queues>', 'queues in strict order: critical,mail:50,* (QUEUES)')
    .option('--concurrency <number>', 'how many jobs run at once (CONCURRENCY)')

const forScheduler = (to: Command): Command =>
  to.option('--schedules <folder>', 'the folder of the schedule files (MORROW_SCHEDULES)')

const forWeb = (to: Command): Command =>
  to
    .option('--port <port>', 'where the page is served (PORT)')
    .option('--host <address>', 'the address it listens on (HOST)')

function rolesOf(text: string): Roles {
  const wanted = text.split(',').map((word) => word.trim())
  const strange = wanted.find((word) => !ROLES.some((role) => role === word))
  if (strange !== undefined) throw usageError(`expected worker, scheduler or web with commas between, got '${strange}'`)
  return ROLES.filter((role) => wanted.includes(role))
}

async function run(cli: Cli, roles: Roles, flags: RoleFlags): Promise<void> {
  const { untilEmpty = false } = flags
  const { queues, concurrency, shutdownTimeout, schedules, healthPort, port, host, logLevel } = flags
  const settings: Settings = {
    ...settingsOf(flags),
    ...{ queues, concurrency, shutdownTimeout, schedules, healthPort, port, host, logLevel },
  }
  const project = await openProject(settings)
  const service = await composed(project, roles, untilEmpty)
  try {
    cli.finish(await serve(service, project.config.shutdownTimeout))
  } catch (error) {
    throw asOurs(error)
  }
}
