import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createConnection } from '../../src/store/connection.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { withdraw } from '../../src/timetable/apply.ts'
import { TZ_DATA } from '../../src/wiring/version.ts'
import { projectRoot, type RunningProcess, startProcess, type TestEnd } from '../support/processes.ts'
import { freePrefix, type RedisServer, startRedis } from '../support/redis.ts'
import { until } from '../support/until.ts'

/** The roles that a soak starts processes for. */
export type Role = 'scheduler' | 'worker'

/** One line of what the handlers wrote. */
export type Run = {
  /** The schedule, or the label of a job that was asked for by itself. */
  readonly name: string
  readonly plannedAt: number
  readonly id: string
  readonly attempt: number
  /** From when it was due to when it began, in milliseconds by the clock of this machine. */
  readonly late: number
  /** From when it was due to when the scheduler made it; of a tick only. */
  readonly madeLate: number
}

/** Real processes of our command line around a namespace on a Redis of their own. */
export type Stage = {
  readonly redis: RedisServer
  readonly store: Store
  readonly prefix: string
  /** The environment of its processes. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Starts a process; it answers at once, `up` waits until it runs. */
  start(role: Role, env?: Readonly<Record<string, string>>): RunningProcess
  up(running: RunningProcess): Promise<void>
  runs(): readonly Run[]
  /** Writes a file of schedules, which schedulers that start later put in force. */
  write(file: string, text: string): void
}

/** Says what to do when a soak is over, the last first; whatever it has started ends then. */
export type Ending = TestEnd & { end(): Promise<void> }

export function openEnding(): Ending {
  const steps: (() => Promise<void>)[] = []
  return {
    after: (step) => {
      steps.unshift(step)
    },
    end: async () => {
      for (const step of steps.splice(0)) await step().catch(() => undefined)
    },
  }
}

const program = join(projectRoot, 'test/soak/program/morrow.config.mjs')
const built = join(projectRoot, 'dist/cli/main.js')

/** Arguments for Node that run the command line: as it was built, which starts in half the time, unless its sources are newer. */
export function commandLine(): readonly string[] {
  const sources = readdirSync(join(projectRoot, 'src'), { recursive: true, encoding: 'utf8' })
  const newest = Math.max(...sources.map((name) => statSync(join(projectRoot, 'src', name)).mtimeMs))
  const isNew = existsSync(built) && statSync(built).mtimeMs >= newest
  if (isNew) return [built]
  // By its path: the processes start in a folder of their own.
  const loader = pathToFileURL(join(projectRoot, 'node_modules/tsx/dist/loader.mjs')).href
  return ['--conditions=morrow:source', '--import', loader, join(projectRoot, 'src/cli/main.ts')]
}

/** Opens a stage with these files of schedules, by name; on the Redis given, else on one of its own. */
export async function openStage(
  end: TestEnd,
  files: Readonly<Record<string, string>>,
  given?: RedisServer,
): Promise<Stage> {
  const redis = given ?? (await startRedis())
  if (given === undefined) end.after(redis.stop)
  const folder = mkdtempSync(join(tmpdir(), 'morrow-soak-'))
  end.after(async () => rmSync(folder, { recursive: true, force: true }))
  const schedules = join(folder, 'schedules')
  const runs = join(folder, 'runs')
  mkdirSync(schedules)
  writeFileSync(runs, '')
  const write = (file: string, text: string): void => writeFileSync(join(schedules, file), text)
  for (const [file, text] of Object.entries(files)) write(file, text)
  const prefix = freePrefix()
  const url = redis.socket
  const role = { name: 'soak', timeout: 10_000 }
  const command = commandLine()
  const connection = createConnection({ kind: 'standalone', url: `unix://${url}`, tls: { kind: 'verify' } }, role)
  end.after(() => connection.close())
  await connection.connect()
  const env = {
    ...{ REDIS_URL: url, MORROW_PREFIX: prefix, MORROW_CONFIG: program, MORROW_SCHEDULES: schedules },
    ...{ SOAK_RUNS: runs, LOG_LEVEL: 'error', MORROW_ENV: 'soak', CONCURRENCY: '200', MORROW_LEASE: '2s' },
  }
  return {
    redis,
    store: openStore({ connection, prefix }),
    prefix,
    env: { ...process.env, ...env },
    write,
    start: (name, more = {}) =>
      startProcess(end, { arguments: [...command, name], cwd: folder, env: { ...env, ...more } }),
    up: async (running) => {
      await running.line(/^running/, 60_000)
    },
    runs: () => readFileSync(runs, 'utf8').split('\n').filter(Boolean).map(runOf),
  }
}

function runOf(line: string): Run {
  const [name = '', plannedAt, id = '', ...numbers] = line.split(' ')
  const [attempt = 0, late = 0, madeLate = 0] = numbers.map(Number)
  return { name, plannedAt: Number(plannedAt), id, attempt, late, madeLate }
}

/**
 * Takes every schedule out of force, then lets what they made run to its end: afterwards nothing changes any more. All
 * schedulers must have gone.
 */
export async function finish(stage: Stage, queues: readonly string[]): Promise<void> {
  const { store } = stage
  for (const { name, reign, generation } of await store.schedules.list()) {
    await withdraw({ store, by: 'soak', generation, reign, tz: TZ_DATA }, name, 'keep')
  }
  // A folder that is not there withdraws nothing and applies nothing.
  const movers = [stage.start('scheduler', { MORROW_SCHEDULES: 'none' }), stage.start('worker')]
  await Promise.all(movers.map(stage.up))
  for (const queue of queues) await drained(stage, queue)
  await Promise.all(movers.map(dismiss))
}

/** Waits until a queue has neither waiting nor running jobs. */
async function drained({ store }: Stage, queue: string, timeout = 60_000): Promise<void> {
  const empty = async (): Promise<boolean> => {
    const { scheduled, ready, held, active } = await store.inspector.counts(queue)
    return scheduled + ready + held + active === 0
  }
  await until(`nothing waits or runs in queue ${queue}`, empty, timeout)
}

/** Ends a process kindly, awake or frozen, and waits for that. */
export async function dismiss(running: RunningProcess): Promise<void> {
  running.signal('SIGCONT')
  running.signal('SIGTERM')
  await running.exit
}
