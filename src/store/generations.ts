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
  /** The numbers of its kind that processes of the last two minutes have. */
  readonly living: readonly number[]
  readonly now: number
  readonly force: boolean
}

/**
 * What became of it. It reigns, and its reign is higher than that of any set before; or a newer one does whose processes
 * live, or an older one that a person has put in force, or its number stands for other files, or numbers are given in this
 * namespace and it has none.
 */
export type Reign = {
  readonly kind: 'reigns' | 'older' | 'forced' | 'clash' | 'uncounted'
  readonly number: number
  readonly reign: number
  /** The number that was in force before. */
  readonly before: number
}

/** Older and newer ones take over from a generation whose last process was seen longer ago; its script has it too. */
export const TWO_MINUTES = 120_000

/** Asks for the reign; to be repeated, it changes nothing once it is had. */
export async function reignOf(connection: Connection, prefix: string, claimant: Claimant): Promise<Reign> {
  const { hash, given, living, now, force } = claimant
  const call = { args: { hash, given: given ?? '', now, force: force ? 1 : 0 }, rest: living.map(String) }
  const reply = await runOn(connection, scripts.reign, [spaceKeys(prefix).generation], call)
  const [number, reign, before] = [1, 2, 3].map((index) => Number(part(reply, index)))
  return { kind: word(reply) as Reign['kind'], number: number ?? 0, reign: reign ?? 0, before: before ?? 0 }
}

/** What would become of a claimant that asked now; `isNew` when the namespace has not seen these files before. */
export type Foreseen = Omit<Reign, 'reign'> & { readonly isNew: boolean }

/** Tells what `reignOf` would answer, by the rules of its script, and writes nothing. */
export async function foreseeReign(connection: Connection, prefix: string, claimant: Claimant): Promise<Foreseen> {
  const { hash, given, living, now, force } = claimant
  const own = given === null ? `set:${hash}` : `given:${given}`
  const { generation } = spaceKeys(prefix)
  const reply = await connection.command(
    'HMGET',
    generation,
    'kind',
    'number',
    'last',
    own,
    'reignedAt',
    'forced',
    'highest',
  )
  const [kind, stands, last, known, reignedAt, forced, highest] = [0, 1, 2, 3, 4, 5, 6].map((index) =>
    part(reply, index),
  )
  const before = Number(stands ?? 0)
  const number = given ?? Number(known ?? Number(last ?? 0) + 1)
  const foreseen = { number, before, isNew: known === null }
  if (given !== null && known !== null && known !== hash) return { kind: 'clash', ...foreseen }
  if (given === null && kind === 'given' && !force)
    return { kind: 'uncounted', ...foreseen, number: Number(known ?? 0) }
  const isSameKind = kind === (given === null ? 'counted' : 'given')
  if (!isSameKind || force) return { kind: 'reigns', ...foreseen }
  const isFresh = now - Number(reignedAt ?? 0) <= TWO_MINUTES
  if (number < before && (isFresh || living.some((one) => one > number))) return { kind: 'older', ...foreseen }
  const wasReplaced = number > before && number <= Number(highest ?? 0) && forced === '1'
  return { kind: wasReplaced && (isFresh || living.includes(before)) ? 'forced' : 'reigns', ...foreseen }
}
