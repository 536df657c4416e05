import type { Connection } from './connection.ts'
import { spaceKeys } from './keys.ts'
import { part, word } from './reply.ts'
import { runOn } from './script.ts'
import { scripts } from './scripts.ts'

/** A set of schedule files that wants to be in force. */
export type Claimant = {
  /** The same for the same files. */
  readonly hash: string
  /** The number that the deployment gives; null to have it counted. */
  readonly given: number | null
  /** The highest number of its kind that a process of the last two minutes has; 0 when there is none. */
  readonly living: number
  readonly force: boolean
}

/**
 * What became of it. It reigns, and its reign is higher than that of any set before; or a newer one does whose processes
 * live, or its number stands for other files, or numbers are given in this namespace and it has none.
 */
export type Reign = {
  readonly kind: 'reigns' | 'older' | 'clash' | 'uncounted'
  readonly number: number
  readonly reign: number
  /** The number that was in force before. */
  readonly before: number
}

/** Asks for the reign; to be repeated, it changes nothing once it is had. */
export async function reignOf(connection: Connection, prefix: string, claimant: Claimant): Promise<Reign> {
  const { hash, given, living, force } = claimant
  const args = { hash, given: given ?? '', living, force: force ? 1 : 0 }
  const reply = await runOn(connection, scripts.reign, [spaceKeys(prefix).generation], { args })
  const [number, reign, before] = [1, 2, 3].map((index) => Number(part(reply, index)))
  return { kind: word(reply) as Reign['kind'], number: number ?? 0, reign: reign ?? 0, before: before ?? 0 }
}
