import { ConfigError } from './config-error.ts'
import type { Parse } from './config-values.ts'
import { MorrowError, nearest } from './errors.ts'

/** Variables by name, as `process.env` holds them; an empty one counts as unset. */
export type Environment = Readonly<Record<string, string | undefined>>

/** Where a value came from. */
export type Origin = 'flag' | 'environment' | 'file' | 'default'

/** Raw values by the name of their setting. */
export type RawSettings = Readonly<Record<string, unknown>>

/** Reads settings in order of rank (flag, environment, file, default) and keeps the faults of all of them. */
export type Source = {
  readonly faults: string[]
  readonly origins: Record<string, Origin>
  readonly environment: Environment
  /** The value of `key`; a faulty one is noted and answered with the fallback, so that reading goes on. */
  read<T, F>(key: string, variables: readonly string[], parse: Parse<T>, fallback: F): T | F
  /** Variables of ours that look misspelt become faults; further unknown ones are answered as warnings. */
  unknown(): readonly string[]
}

/** A source of these three layers. */
export function createSource(environment: Environment, flags: RawSettings, file: RawSettings): Source {
  const known = new Set<string>()
  const faults: string[] = []
  const origins: Record<string, Origin> = {}
  return {
    faults,
    origins,
    environment,
    read: (key, variables, parse, fallback) => {
      for (const variable of variables) known.add(variable)
      const found = find(key, variables, environment, flags, file)
      origins[key] = found?.origin ?? 'default'
      return found === undefined ? fallback : (attempt(() => parse(found.raw, found.what), faults) ?? fallback)
    },
    unknown: () => unknownVariables(environment, known, faults),
  }
}

type Found = { readonly raw: unknown; readonly what: string; readonly origin: Origin }

function find(
  key: string,
  variables: readonly string[],
  environment: Environment,
  flags: RawSettings,
  file: RawSettings,
): Found | undefined {
  if (flags[key] !== undefined) return { raw: flags[key], what: `--${kebab(key)}`, origin: 'flag' }
  for (const variable of variables) {
    const raw = environment[variable]
    if (raw !== undefined && raw.trim() !== '') return { raw, what: variable, origin: 'environment' }
  }
  if (file[key] !== undefined) return { raw: file[key], what: `${key} in the configuration file`, origin: 'file' }
  return undefined
}

const kebab = (key: string): string => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/** What `call` answers; what it throws of ours is noted among the faults, anything else is a fault of this program. */
export function attempt<T>(call: () => T, faults: string[]): T | undefined {
  try {
    return call()
  } catch (error) {
    if (!(error instanceof MorrowError)) throw error
    faults.push(...(error instanceof ConfigError ? error.faults : [error.message]))
    return undefined
  }
}

/** What Kubernetes sets in every pod beside a service named "morrow"; not meant for us. */
const KUBERNETES = /^MORROW_(SERVICE_(HOST|PORT)(_\w+)?|PORT_\d+_(TCP|UDP)(_\w+)?)$/

function unknownVariables(environment: Environment, known: ReadonlySet<string>, faults: string[]): readonly string[] {
  const warnings: string[] = []
  for (const [variable, value] of Object.entries(environment)) {
    if (!variable.startsWith('MORROW_') || known.has(variable) || value === undefined || value.trim() === '') continue
    if (variable.startsWith('MORROW_TEST_') || KUBERNETES.test(variable) || /^(tcp|udp):\/\//.test(value)) continue
    const meant = alike(variable, known)
    // A newer version's variable must not stop an older one during a rollback, so only a likely slip is a fault.
    if (meant === undefined)
      warnings.push(`${variable}: no such setting; it is ignored (docs/configuration.md lists all)`)
    else faults.push(`${variable}: no such setting; did you mean ${meant}?`)
  }
  return warnings
}

/** Compared without the prefix, which would make any two names of ours look alike. */
function alike(variable: string, known: ReadonlySet<string>): string | undefined {
  const bare = (one: string): string => one.replace(/^MORROW_/, '')
  const meant = nearest(bare(variable), [...known].map(bare))
  return [...known].find((one) => bare(one) === meant)
}
