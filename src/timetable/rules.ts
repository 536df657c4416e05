import { definitionOf, type ScheduleDefinition } from '../schedule/definition.ts'
import { type Rule, ruleOf } from '../schedule/rule.ts'
import { StoreError } from '../store/errors.ts'
import type { Store } from '../store/store.ts'

/** A definition and what it comes to. */
export type Compiled = { readonly definition: ScheduleDefinition; readonly rule: Rule }

const MOST_COMPILED = 20_000
const compiled = new Map<string, Compiled>()

/**
 * Compiles the text of a definition, once for each version of it; the text was checked when it was applied. Throws StoreError
 * for one that this release cannot read.
 */
export function compile(id: string, version: string, text: string): Compiled {
  const key = `${id} ${version}`
  const known = compiled.get(key)
  if (known) return known
  const made = read(id, text)
  if (compiled.size >= MOST_COMPILED) compiled.clear()
  compiled.set(key, made)
  return made
}

function read(id: string, text: string): Compiled {
  try {
    const definition = definitionOf(text)
    return { definition, rule: ruleOf(definition) }
  } catch (cause) {
    const wrote = 'a newer release has probably written it, upgrade this process'
    throw new StoreError(`the definition of schedule ${id} cannot be read by this release: ${wrote}`, { cause })
  }
}

/**
 * The compiled definitions of schedules, read only where they are not known yet; undefined for one that has gone, or that
 * this release cannot compile: `onFault` is told why.
 */
export async function compileAll(
  store: Store,
  queue: string,
  schedules: readonly { readonly id: string; readonly version: string }[],
  onFault: (error: unknown) => void,
): Promise<readonly (Compiled | undefined)[]> {
  const unknown = schedules.filter(({ id, version }) => !compiled.has(`${id} ${version}`))
  const read = await store.schedules.definitions(
    queue,
    unknown.map(({ id }) => id),
  )
  const fresh = new Map(unknown.map(({ id }, index) => [id, read[index]]))
  return schedules.map(({ id, version }) => {
    const found = fresh.get(id)
    // Another may have come into force since the version was read: then this one is planned no more.
    const text = found?.version === version ? found.text : undefined
    try {
      return compiled.get(`${id} ${version}`) ?? (text === undefined ? undefined : compile(id, version, text))
    } catch (error) {
      onFault(error)
      return undefined
    }
  })
}
