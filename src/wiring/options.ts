import { type Config, readConfig, type Settings } from '../config.ts'
import type { MorrowEvent } from '../job/events.ts'

/** What a program may say of where Morrow lives; the environment says the rest. */
export type CommonOptions = Settings & {
  /** Told of everything that happens; what it throws is swallowed, and nobody waits for it. */
  readonly onEvent?: (event: MorrowEvent) => void
}

/** The configuration: options over environment over default. */
export function configOf({ onEvent: _onEvent, ...settings }: CommonOptions): Config {
  return readConfig(undefined, settings)
}

/** The prefix of all keys: two applications on one Redis do not meet. */
export const namespaceOf = ({ prefix, app }: Config): string => (app === prefix ? prefix : `${prefix}:${app}`)
