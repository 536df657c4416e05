import { excerpt, MorrowError, nearest } from '../errors.ts'
import type { Fault, Place } from './fault.ts'
import type { Entry, Tree } from './yaml-tree.ts'

/** The keys of one map and where faults in it go; `path` begins each message. */
export type Fields = { readonly path: string; readonly entries: ReadonlyMap<string, Entry>; readonly faults: Fault[] }

/** Notes a fault at a place of a file. */
export function report(fields: Fields, { file, line, column }: Place, key: string, message: string): void {
  const subject = [fields.path, key].filter((part) => part !== '').join('.')
  fields.faults.push({ file, line, column, message: subject === '' ? message : `${subject}: ${message}` })
}

/** What other systems call our keys. */
const FOREIGN: Readonly<Record<string, string>> = {
  class: 'job',
  args: 'payload',
  arguments: 'payload',
  data: 'payload',
  rails_env: 'env',
  environment: 'env',
  timezone: 'tz',
  time_zone: 'tz',
  zone: 'tz',
  schedule: 'cron',
  interval: 'every',
  disabled: 'enabled',
}

/** Refuses keys that are not among the known, each with what was probably meant. */
export function refuseUnknown(fields: Fields, known: readonly string[]): void {
  for (const { key, place } of fields.entries.values()) {
    if (known.includes(key)) continue
    const foreign = Object.hasOwn(FOREIGN, key) && known.includes(FOREIGN[key] ?? '') ? FOREIGN[key] : undefined
    const meant = foreign ?? nearest(key, known)
    const hint = meant === undefined ? '' : `; did you mean ${meant}?`
    report(fields, place, '', `unknown key ${excerpt(key)}, expected ${known.join(', ')}${hint}`)
  }
}

/** What stands there, in words. */
export function came(tree: Tree): string {
  if (tree.kind === 'scalar') return tree.value === null ? 'nothing' : excerpt(tree.value)
  return tree.kind === 'map' ? 'a map' : 'a list'
}

/** The text under a key; anything else is a fault. */
export function textAt(fields: Fields, entry: Entry, expected: string): string | undefined {
  return textOf(fields, entry.key, entry.value, expected)
}

function textOf(fields: Fields, key: string, tree: Tree, expected: string): string | undefined {
  const value = tree.kind === 'scalar' ? tree.value : undefined
  if (typeof value === 'string' && value.includes('<%')) {
    report(
      fields,
      tree.place,
      key,
      `expected ${expected}, got ERB (${excerpt(value)}); write the value, or use env: to tell environments apart`,
    )
    return undefined
  }
  if (typeof value === 'string' && value.trim() !== '') return value
  const hint =
    typeof value === 'number' || typeof value === 'boolean' ? `; quote it if it is meant as text: '${value}'` : ''
  report(fields, tree.place, key, `expected ${expected}, got ${came(tree)}${hint}`)
  return undefined
}

/** One text or a list of them; undefined when any is faulty. */
export function textsAt(fields: Fields, entry: Entry, expected: string): readonly string[] | undefined {
  if (entry.value.kind !== 'list') {
    const text = textAt(fields, entry, expected)
    return text === undefined ? undefined : [text]
  }
  if (entry.value.items.length === 0)
    report(fields, entry.value.place, entry.key, `expected ${expected}, got an empty list`)
  const texts = entry.value.items
    .map((item) => textOf(fields, entry.key, item, expected))
    .filter((text) => text !== undefined)
  return texts.length === entry.value.items.length && texts.length > 0 ? texts : undefined
}

/** true or false under a key; what YAML 1.1 took for them is a fault that says so. */
export function booleanAt(fields: Fields, entry: Entry): boolean | undefined {
  const value = entry.value.kind === 'scalar' ? entry.value.value : undefined
  if (typeof value === 'boolean') return value
  const meant =
    typeof value === 'string' && /^(yes|on|no|off)$/i.test(value) ? `; write ${/^(yes|on)$/i.test(value)}` : ''
  report(fields, entry.value.place, entry.key, `expected true or false, got ${came(entry.value)}${meant}`)
  return undefined
}

/** What `work` makes; what it refuses becomes a fault at that place. */
export function attempt<T>(fields: Fields, place: Place, key: string, work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof MorrowError)) throw error
    report(fields, place, key, error.message)
    return undefined
  }
}
