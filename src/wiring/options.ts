import { type Config, ConfigError, readConfig, type Settings } from '../config.ts'
import { excerpt, nearest } from '../errors.ts'
import type { MorrowEvent } from '../job/events.ts'

/** What a program may say of where Morrow lives; the environment says the rest. */
export type CommonOptions = Settings & {
  /** Told of everything that happens; what it throws is swallowed, and nobody waits for it. */
  readonly onEvent?: (event: MorrowEvent) => void
}

/** The options that one call takes beside the common ones: their names, and what is wrong with them. */
type OwnOptions = { readonly names: readonly string[]; readonly faults: readonly string[] }

/** The configuration: options over environment over default. Throws ConfigError with every fault at once. */
export function configOf(options: CommonOptions, own: OwnOptions = { names: [], faults: [] }): Config {
  const { onEvent, ...settings } = options
  const all = [...own.faults]
  if (onEvent !== undefined && typeof onEvent !== 'function') {
    all.push(`onEvent: expected a function, got ${excerpt(onEvent)}`)
  }
  const config = read(settings, all)
  if (config) all.push(...strays(settings, [...Object.keys(config.origins), ...own.names, 'onEvent']))
  if (config === undefined || all.length > 0) throw new ConfigError(all)
  return config
}

function read(settings: Settings, faults: string[]): Config | undefined {
  try {
    return readConfig(undefined, settings)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    // Where a command has flags, a program has options.
    faults.push(...error.faults.map((fault) => fault.replace(/^--[a-z-]+/, camelCase)))
    return undefined
  }
}

const camelCase = (flag: string): string =>
  flag.slice(2).replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())

function strays(settings: Settings, known: readonly string[]): readonly string[] {
  return Object.keys(settings)
    .filter((key) => !known.includes(key))
    .map((key) => {
      const meant = nearest(key, known)
      return `${key}: no such option${meant === undefined ? '' : `; did you mean ${meant}?`}`
    })
}

/** The prefix of all keys: two applications on one Redis do not meet. */
export const namespaceOf = ({ prefix, app }: Config): string => (app === prefix ? prefix : `${prefix}:${app}`)
