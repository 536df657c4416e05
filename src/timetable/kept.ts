import { fingerprint, type ScheduleDefinition } from '../schedule/definition.ts'
import { type Claimed, type Seal, sealsOf } from '../store/stands.ts'
import type { Store } from '../store/store.ts'
import type { StoredSchedule } from '../store/stored-schedule.ts'

/** What shall be in force from files after an apply, and nothing else, in a form that is quick to compare with what is. */
export type Kept = {
  readonly tz: string
  readonly seals: readonly Seal[]
  /** The ids of all schedules of the namespace, those made at run time and those retired too. */
  readonly known: ReadonlySet<string>
  /** How many names have a home. */
  readonly named: number
}

/** The reign of an apply, and what from files stays in force beside its definitions. */
export type Keeping = { readonly reign: number; readonly tz: string; readonly staying: readonly StoredSchedule[] }

/** Notes what shall be in force; undefined while something of it has no home of its own. */
export async function keepInMind(
  { schedules }: Store,
  wanted: readonly ScheduleDefinition[],
  { reign, tz, staying }: Keeping,
): Promise<Kept | undefined> {
  const homes = await schedules.homes()
  const claimed = new Map<string, Claimed>()
  for (const definition of wanted) {
    const home = homes.get(definition.name)
    if (home?.queue !== (definition.queue ?? 'default')) return undefined
    claimed.set(home.id, { ...home, stands: { name: definition.name, version: fingerprint(definition), reign, tz } })
  }
  const others = new Map(staying.map((stands) => [stands.id, { id: stands.id, queue: stands.queue, stands }]))
  for (const home of homes.values()) {
    if (!claimed.has(home.id)) claimed.set(home.id, others.get(home.id) ?? { ...home, stands: null })
  }
  return { tz, seals: sealsOf([...claimed.values()], tz), known: new Set(claimed.keys()), named: homes.size }
}

/**
 * What is kept in mind, if all of it is in force and nothing else from files; undefined after another's apply, and after a Redis
 * lost some of it. What was made at run time meanwhile is kept in mind from then on, lest it becomes one from files unseen.
 */
export async function stillKept({ schedules }: Store, kept: Kept): Promise<Kept | undefined> {
  const named = await schedules.named()
  if (named < kept.named) return undefined
  for (const seal of kept.seals) if (!(await schedules.isWhole(seal, kept.tz))) return undefined
  if (named === kept.named) return kept
  const homes = [...(await schedules.homes()).values()]
  const fresh = homes.filter(({ id }) => !kept.known.has(id))
  const seals = sealsOf(
    fresh.map((home) => ({ ...home, stands: null })),
    kept.tz,
  )
  for (const seal of seals) if (!(await schedules.isWhole(seal, kept.tz))) return undefined
  const known = new Set([...kept.known, ...fresh.map(({ id }) => id)])
  return { ...kept, seals: [...kept.seals, ...seals], known, named: homes.length }
}

/** Notes where schedules in force are whose move to another queue was broken off at its end. */
export async function mendHomes({ schedules }: Store, stands: readonly StoredSchedule[]): Promise<void> {
  const homes = await schedules.homes()
  for (const { id, name, queue } of stands) {
    const noted = homes.get(name)
    if (noted?.id === id && noted.queue !== queue) await schedules.rehome(name, noted, { id, queue })
  }
}
