import { delimiter, resolve } from 'node:path'
import type { Config, Environment } from '../config.ts'
import type { ProcessType } from './procfile.ts'

/** One process to be run: what is started, and what its environment has beside ours. */
export type ProcessPlan = {
  /** The process type: `worker`. */
  readonly type: string
  /** One of its processes: `worker.1`. */
  readonly title: string
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Runs handlers or reads schedules: started again when a job module changes. */
  readonly loadsJobs: boolean
  /** Reads schedule files: started again when one changes. */
  readonly readsSchedules: boolean
}

/** What plans depend on beside the Procfile. */
export type PlanParts = {
  readonly config: Pick<Config, 'port' | 'healthPort'>
  readonly formation: ReadonlyMap<string, number>
  readonly colour: boolean
  readonly folder: string
  /** The environment of this process. */
  readonly environment: Environment
}

/** Every process of a Procfile but its release, on loopback whatever its lines say. */
export function planProcesses(types: readonly ProcessType[], parts: PlanParts): readonly ProcessPlan[] {
  const running = types.filter(({ name }) => name !== 'release')
  const others = running.filter(({ name }) => name !== 'web').map(({ name }) => name)
  const plans = running.flatMap((type) => {
    const offset = type.name === 'web' ? 0 : 100 * (others.indexOf(type.name) + 1)
    const count = parts.formation.get(type.name) ?? 1
    // 0 asks the system for a free port, each process for one of its own.
    const port = (index: number): number => (parts.config.port === 0 ? 0 : parts.config.port + offset + index)
    return Array.from({ length: count }, (_, index) => planOf(type, index, port(index), parts))
  })
  const { healthPort } = parts.config
  if (healthPort === undefined) return plans
  // In a dyno each process has the port to itself; side by side they cannot.
  return plans.map((plan, index) => ({ ...plan, env: { ...plan.env, HEALTH_PORT: String(healthPort + index) } }))
}

function planOf({ name, words, env }: ProcessType, index: number, port: number, parts: PlanParts): ProcessPlan {
  const ours = { HOST: '127.0.0.1', PORT: String(port) }
  const outer = { ...parts.environment, ...ours }
  const set = Object.fromEntries(Object.entries(env).map(([key, value]) => [key, expanded(value, outer)]))
  const variables: Readonly<Record<string, string>> = { ...set, ...ours }
  const [program = '', ...args] = onLoopback(words.flatMap((word) => argument(word, outer)))
  const { command, before } = programOf(program)
  const morrow = args.filter((word) => !word.startsWith('-')).slice(0, program === 'morrow' ? 2 : 3)
  const roles = new Set([name, ...morrow.flatMap((word) => word.split(','))])
  return {
    type: name,
    title: `${name}.${index + 1}`,
    command,
    args: [...before, ...args],
    env: {
      ...variables,
      PATH: `${resolve(parts.folder, 'node_modules/.bin')}${delimiter}${parts.environment['PATH'] ?? ''}`,
      ...(parts.colour ? { FORCE_COLOR: '1' } : {}),
    },
    loadsJobs: roles.has('worker') || roles.has('scheduler'),
    readsSchedules: roles.has('scheduler'),
  }
}

/** `node` is the Node that runs this, and `morrow` is this program, wherever PATH leads. */
function programOf(program: string): { readonly command: string; readonly before: readonly string[] } {
  if (program === 'node') return { command: process.execPath, before: [] }
  if (program === 'morrow') return { command: process.execPath, before: [...process.execArgv, process.argv[1] ?? ''] }
  return { command: program, before: [] }
}

/** A newcomer's page must be seen on this machine, and by nobody else. */
const onLoopback = (words: readonly string[]): readonly string[] =>
  words.map((word, index) => {
    if (words[index - 1] === '--host') return '127.0.0.1'
    return word.startsWith('--host=') ? '--host=127.0.0.1' : word
  })

/** A word of which nothing is left is no argument, as where a variable is unset. */
const argument = (word: string, variables: Environment): readonly string[] => {
  const text = expanded(word, variables)
  return text === '' && word !== '' ? [] : [text]
}

/** `$PORT` and `${PORT}` as a shell sees them: with what stands in the environment, and not where a backslash says so. */
const expanded = (word: string, variables: Environment): string =>
  word.replace(/\\\$|\$(?:\{(\w+)\}|([A-Za-z_]\w*))/g, (all, braced, bare) =>
    all === '\\$' ? '$' : (variables[String(braced ?? bare)] ?? ''),
  )
