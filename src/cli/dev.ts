import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Command } from 'commander'
import { ConfigError, describeRedis, environmentWith, requireRedis } from '../config.ts'
import { handleSignals, type SignalSource } from '../lifecycle/signals.ts'
import { duration } from '../time/clock.ts'
import { SECOND } from '../time/duration.ts'
import { systemClock } from '../time/system-clock.ts'
import { type Cli, type CommonFlags, command, settingsOf, withSettings } from './context.ts'
import { type Crew, crew } from './dev-crew.ts'
import { prefixer } from './dev-lines.ts'
import { type ProcessPlan, planProcesses } from './dev-plan.ts'
import { watchFolder } from './dev-watch.ts'
import { parseFormation, parseProcfile } from './procfile.ts'
import { openProject, type Project } from './project.ts'

type DevFlags = CommonFlags & {
  readonly procfile: string
  readonly formation?: string
  readonly port?: string
  readonly shutdownTimeout?: string
  readonly schedules?: string
  readonly watch: boolean
}

/** `morrow dev`: every process of the Procfile side by side, on this machine only. */
export const devCommand = (cli: Cli): Command =>
  withSettings(
    command(
      'dev',
      'run all of the Procfile side by side, on loopback, and start again what a change concerns',
      'morrow dev',
      'morrow dev --formation worker=2,scheduler=1 --port 3000',
    ),
  )
    .option('--procfile <file>', 'the Procfile', 'Procfile')
    .option('--formation <numbers>', 'how many of each type: worker=2,scheduler=1; 1 unless said')
    .option('--port <port>', 'where the web process listens (PORT)')
    .option('--shutdown-timeout <length>', 'how long processes may take to end (SHUTDOWN_TIMEOUT)')
    .option('--schedules <folder>', 'the folder of the schedule files (MORROW_SCHEDULES)')
    .option('--no-watch', 'start nothing again when files change')
    .action((flags: DevFlags) => develop(cli, flags))

async function develop(cli: Cli, flags: DevFlags): Promise<void> {
  const { port, shutdownTimeout, schedules } = flags
  const project = await openProject({ ...settingsOf(flags), port, shutdownTimeout, schedules })
  const redis = describeRedis(requireRedis(project.config))
  const plans = plansOf(cli, project, flags)
  const shown = prefixer(plans, cli.terminal.colour)
  const line = (plan: ProcessPlan, text: string): void => cli.terminal.out(shown(plan, text))
  const running = crew({ plans, shutdownTimeout: project.config.shutdownTimeout, line })
  cli.terminal.say(`${plans.map(({ title }) => title).join(', ')} on ${redis}; Ctrl-C ends them`)
  const unwatch = flags.watch ? watchAll(project, running) : () => undefined
  running.start()
  cli.finish(await Promise.race([running.ended, untilSignal(running, project)]))
  unwatch()
}

function plansOf(cli: Cli, { config }: Project, flags: DevFlags): readonly ProcessPlan[] {
  const types = parseProcfile(readProcfile(flags.procfile), flags.procfile)
  const formation = flags.formation === undefined ? new Map() : parseFormation(flags.formation, types)
  const plans = planProcesses(types, {
    config,
    formation,
    colour: cli.terminal.colour,
    folder: process.cwd(),
    environment: environmentWith({}),
  })
  if (plans.length > 0) return plans.map((plan) => ({ ...plan, env: { ...plan.env, ...passedOn(flags) } }))
  throw new ConfigError([`${flags.procfile}: expected a process to run, got none`])
}

/** Flags of ours reach the processes through their environment. */
const passedOn = ({ config, redisUrl, prefix, app, shutdownTimeout, schedules }: DevFlags): Record<string, string> =>
  Object.fromEntries(
    Object.entries({
      MORROW_CONFIG: config,
      REDIS_URL: redisUrl,
      MORROW_PREFIX: prefix,
      MORROW_APP: app,
      SHUTDOWN_TIMEOUT: shutdownTimeout,
      MORROW_SCHEDULES: schedules,
    }).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  )

function readProcfile(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const why = existsSync(file) ? (error instanceof Error ? error.message : String(error)) : 'found none'
    throw new ConfigError([
      `${file}: expected a file with a line for each process, such as worker: morrow worker; ${why}`,
    ])
  }
}

/** A changed module starts again what loads jobs, a changed schedule file what reads schedules. */
function watchAll({ file, config }: Project, running: Crew): () => void {
  let busy = Promise.resolve()
  const again = (concerns: (plan: ProcessPlan) => boolean) => (): void => {
    busy = busy.then(() => running.restart(concerns))
  }
  const modules =
    file === undefined
      ? () => undefined
      : watchFolder({
          folder: dirname(file),
          counts: /\.[cm]?[jt]sx?$/,
          changed: again(({ loadsJobs }) => loadsJobs),
        })
  const schedules = watchFolder({
    folder: resolve(config.schedules),
    counts: /\.ya?ml$/,
    changed: again(({ readsSchedules }) => readsSchedules),
  })
  return () => {
    modules()
    schedules()
  }
}

/** Resolves with the exit code when a signal has ended all; a closed terminal counts as SIGTERM. */
function untilSignal(running: Crew, { config }: Project): Promise<number> {
  return new Promise((resolvePromise, reject) => {
    const source: SignalSource = {
      on: (signal, listener) => {
        process.on(signal, listener)
        if (signal === 'SIGTERM') process.on('SIGHUP', listener)
      },
      off: (signal, listener) => {
        process.off(signal, listener)
        if (signal === 'SIGTERM') process.off('SIGHUP', listener)
      },
    }
    handleSignals({
      stop: running.stop,
      // The crew has a deadline of its own, after which it kills; this one is only the last.
      deadline: duration(config.shutdownTimeout + 10 * SECOND),
      clock: systemClock,
      exit: (code, fault) => (fault === undefined ? resolvePromise(code) : reject(fault)),
      source,
    })
  })
}
