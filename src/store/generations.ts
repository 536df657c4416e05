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
  /** The generations that processes of the last two minutes have: given ones as 'v7', counted ones as '7'. */
  readonly living: readonly string[]
  readonly now: number
  readonly force: boolean
}

/**
 * What became of it. It reigns, and its reign is higher than that of any set before; or a newer one does whose processes
 * live, or one that a person has put in force in its place, or its number stands for other files, or numbers are given in
 * this namespace and it has none.
 */
export type Reign = {
  readonly kind: 'reigns' | 'older' | 'forced' | 'clash' | 'uncounted'
  readonly number: number
  readonly reign: number
  /** The number that was in force before. */
  readonly before: number
  /** The same as people read it: 'v7' if it was given, else '7'; empty when there was none. */
  readonly beforeName: string
}

/** Older and newer ones take over from a generation whose last process was seen longer ago; its script has it too. */
export const TWO_MINUTES = 120_000

/** Asks for the reign; to be repeated, it changes nothing once it is had. */
export async function reignOf(connection: Connection, prefix: string, claimant: Claimant): Promise<Reign> {
  const { isNew: _isNew, ...reign } = await ask(connection, prefix, claimant, false)
  return reign
}

/** What would become of a claimant that asked now; `isNew` when the namespace has not seen these files before. */
export type Foreseen = Reign & { readonly isNew: boolean }

/** Tells what `reignOf` would answer, by the same script, and writes nothing. */
export const foreseeReign = (connection: Connection, prefix: string, claimant: Claimant): Promise<Foreseen> =>
  ask(connection, prefix, claimant, true)

async function ask(
  connection: Connection,
  prefix: string,
  { hash, given, living, now, force }: Claimant,
  look: boolean,
): Promise<Foreseen> {
  const args = { hash, given: given ?? '', now, force: force ? 1 : 0, look: look ? 1 : 0 }
  const reply = await runOn(connection, scripts.reign, [spaceKeys(prefix).generation], { args, rest: [...living] })
  const [number, reign, before, known] = [1, 2, 3, 4].map((index) => Number(part(reply, index) ?? 0))
  const isNew = known === 0
  const beforeName = before === 0 ? '' : nameOf(before ?? 0, part(reply, 5) === 'given')
  const numbers = { number: number ?? 0, reign: reign ?? 0, before: before ?? 0, beforeName }
  return { kind: word(reply) as Reign['kind'], ...numbers, isNew }
}

/** A generation as people read it, and as processes register it: 'v7' if it was given, else '7'. */
export const nameOf = (number: number, given: boolean): string => `${given ? 'v' : ''}${number}`
