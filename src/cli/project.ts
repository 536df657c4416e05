import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Config, ConfigError, readConfig, type Settings } from '../config.ts'
import { excerpt, nearest } from '../errors.ts'
import type { JobContract } from '../job/contract.ts'
import { type HandlerSource, handlersByName, type JobHandler } from '../job/handler.ts'
import type { MorrowConfig } from '../wiring/define-config.ts'
import { canLoadTypeScript, importModule, loading } from './load-module.ts'

/** A program as its configuration file and its environment describe it. */
export type Project = {
  readonly config: Config
  /** The configuration file; undefined where there is none. */
  readonly file: string | undefined
  readonly morrow: MorrowConfig
}

const OWN_KEYS = ['jobs', 'handlers', 'schedules', 'setup', 'onEvent']

/** Reads flags, environment and configuration file, in this rank; ConfigError with what is wrong. */
export async function openProject(flags: Settings, folder: string = process.cwd()): Promise<Project> {
  const first = readConfig(undefined, flags)
  const file = findConfigFile(first.config, folder)
  if (file === undefined) return { config: first, file, morrow: {} }
  const morrow = await readConfigFile(file, [...Object.keys(first.origins), ...OWN_KEYS])
  const { jobs: _jobs, handlers: _handlers, setup: _setup, onEvent: _onEvent, ...settings } = morrow
  return { config: readConfig(undefined, flags, settings), file, morrow }
}

/** The configuration file: the one that is named, by a flag, the environment or package.json, or the usual one. */
export function findConfigFile(named: string | undefined, folder: string): string | undefined {
  if (named !== undefined) return present(resolve(folder, named), `config ${named}`)
  const inManifest = manifestEntry(folder)
  if (inManifest !== undefined) {
    return present(resolve(folder, inManifest), `"morrow": { "config": ${excerpt(inManifest)} } in package.json`)
  }
  const compiled = ['js', 'mjs']
  const written = ['ts', 'mts']
  const endings = canLoadTypeScript(folder) ? [...written, ...compiled] : [...compiled, ...written]
  return endings.map((ending) => resolve(folder, `morrow.config.${ending}`)).find((path) => existsSync(path))
}

function present(path: string, what: string): string {
  if (existsSync(path)) return path
  throw new ConfigError([`${what}: expected a file, found none at ${path}; is it built?`])
}

function manifestEntry(folder: string): string | undefined {
  const path = resolve(folder, 'package.json')
  if (!existsSync(path)) return undefined
  try {
    const { morrow } = JSON.parse(readFileSync(path, 'utf8')) as { readonly morrow?: { readonly config?: unknown } }
    return typeof morrow?.config === 'string' ? morrow.config : undefined
  } catch {
    return undefined
  }
}

async function readConfigFile(file: string, known: readonly string[]): Promise<MorrowConfig> {
  const { default: byDefault, config } = await importModule(file)
  const exported: unknown = byDefault ?? config
  if (typeof exported !== 'object' || exported === null || Array.isArray(exported)) {
    throw new ConfigError([
      `${file}: expected \`export default defineConfig({ … })\`, got ${exported === undefined ? 'no such export' : excerpt(exported)}`,
    ])
  }
  const faults = Object.keys(exported)
    .filter((key) => !known.includes(key))
    .map((key) => {
      const meant = nearest(key, known)
      return `${key} in ${file}: no such key; ${meant === undefined ? 'docs/configuration.md lists all' : `did you mean ${meant}?`}`
    })
  const { jobs, setup, onEvent } = exported as { readonly [key: string]: unknown }
  faults.push(...jobFaults(jobs).map((fault) => `jobs in ${file}: ${fault}`))
  for (const [name, value] of Object.entries({ setup, onEvent })) {
    if (value !== undefined && typeof value !== 'function')
      faults.push(`${name} in ${file}: expected a function, got ${excerpt(value)}`)
  }
  if (faults.length > 0) throw new ConfigError(faults)
  return exported
}

/** What is wrong with a list of job types that comes from outside the compiler's sight. */
function jobFaults(jobs: unknown): readonly string[] {
  if (jobs === undefined) return []
  if (!Array.isArray(jobs)) return [`expected a list of job types, got ${excerpt(jobs)}`]
  const strange = jobs.flatMap((job: unknown, index) =>
    isContract(job) ? [] : [`expected what defineJob answers at place ${index + 1}, got ${excerpt(job)}`],
  )
  const known = jobs.filter(isContract)
  const doubled = known.filter((job, index) =>
    known.some((other, at) => at < index && other.name === job.name && other !== job),
  )
  return [...strange, ...doubled.map(({ name }) => `two job types have the name ${name}; give one of them another`)]
}

const isContract = (value: unknown): value is JobContract =>
  typeof value === 'object' && value !== null && 'name' in value && 'queue' in value && 'formerQueues' in value

/** The job types of a project: those that are listed, without loading any handler. */
export const jobsOf = ({ morrow }: Project): readonly JobContract[] => morrow.jobs ?? []

/** The handlers of a project by name; ConfigError where there are none. Loads the modules that only workers need. */
export async function loadHandlers({ file, morrow: { handlers } }: Project): Promise<ReadonlyMap<string, JobHandler>> {
  if (file === undefined) {
    throw new ConfigError([
      'a worker needs a configuration file that says its handlers, and found no morrow.config.ts, .mts, .js or .mjs here; write one, or name it with --config, MORROW_CONFIG or "morrow": { "config": … } in package.json',
    ])
  }
  if (handlers === undefined) {
    throw new ConfigError([`${file}: a worker needs handlers; write handlers: () => import('./handlers.ts') …`])
  }
  const sources =
    typeof handlers === 'function' ? await loading(`handlers in ${file}`, async () => handlers()) : handlers
  if (isIterable(sources)) return handlersByName(sources)
  throw new ConfigError([`handlers in ${file}: expected a list of handlers or a function that answers one`])
}

const isIterable = (value: unknown): value is Iterable<HandlerSource> =>
  typeof value === 'object' && value !== null && Symbol.iterator in value
