import { EnvironmentOwnedError } from './errors.ts'
import { spaceKeys } from './keys.ts'
import type { StoreParts } from './queue.ts'
import { ALIVE, openRegistry } from './registry.ts'
import { word } from './reply.ts'
import { runOn } from './script.ts'
import { scripts } from './scripts.ts'

/** Which environment's processes move jobs in a namespace. */
export type Environments = {
  /**
   * Takes the namespace for an environment, unless it belongs to another one of which a process was seen within a minute:
   * EnvironmentOwnedError then. Answers whom it took it over from; null when it was its own already, or nobody's.
   */
  hold(environment: string, now: number): Promise<string | null>
  /** The environment that the namespace belongs to; null before its first process. */
  owner(): Promise<string | null>
  /** Why one of an environment may look and enqueue only, for it would be refused the namespace; null when it may do all. Takes nothing. */
  refusal(environment: string, now: number): Promise<EnvironmentOwnedError | null>
}

/** Opens the environments of a namespace. */
export function openEnvironments(parts: StoreParts): Environments {
  const { connection, prefix } = parts
  const registry = openRegistry(parts)
  const { environment: key } = spaceKeys(prefix)
  const owner = async (): Promise<string | null> => {
    const found = await connection.command('GET', key)
    return typeof found === 'string' ? found : null
  }
  const take = async (name: string, from: string): Promise<string> =>
    word(await runOn(connection, scripts.own, [key], { args: { name, from } }))
  const refused = async (own: string, owns: string, now: number): Promise<EnvironmentOwnedError | null> => {
    const living = (await registry.living(now, ALIVE)).filter((each) => each.environment === owns)
    const latest = living.sort((a, b) => b.seenAt - a.seenAt)[0]
    return latest === undefined ? null : new EnvironmentOwnedError(own, owns, latest, now - latest.seenAt)
  }
  return {
    owner,
    refusal: async (environment, now) => {
      const owns = await owner()
      return owns === null || owns === environment ? null : refused(environment, owns, now)
    },
    hold: async (environment, now) => {
      for (let before = await take(environment, ''); before !== environment; ) {
        const error = await refused(environment, before, now)
        if (error !== null) throw error
        const after = await take(environment, before)
        if (after === environment) return before
        before = after
      }
      return null
    },
  }
}
