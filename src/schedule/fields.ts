import { excerpt, MorrowError, nearest } from '../errors.ts'
import type { Duration } from '../time/clock.ts'
import { formatDuration, parseDuration } from '../time/duration.ts'
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
  misfire: 'missed',
  catch_up: 'missed',
  catchup: 'missed',
  concurrency: 'overlap',
  concurrency_policy: 'overlap',
  jitter: 'spread',
  start: 'starts',
  start_date: 'starts',
  end: 'ends',
  end_date: 'ends',
  until: 'ends',
  max_runs: 'limit',
  calendar: 'exclude',
  holidays: 'exclude',
  former: 'was',
  attempts: 'retry',
  retries: 'retry',
  expires_in: 'expiresIn',
}

/** Keys that belong into another file. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  calendars: '; calendars stand in files of their own, in the folder calendars/ beside this file',
  schedules: '; schedules stand in files of their own, in the folder above this one',
}

/** Beyond this many known keys a fault that has a guess does not list them. */
const MOST_LISTED = 8

/** Refuses keys that are not among the known, each with what was probably meant. */
export function refuseUnknown(fields: Fields, known: readonly string[]): void {
  for (const { key, place } of fields.entries.values()) {
    if (known.includes(key)) continue
    const foreign = Object.hasOwn(FOREIGN, key) && known.includes(FOREIGN[key] ?? '') ? FOREIGN[key] : undefined
    const meant = foreign ?? nearest(key, known)
    const guess = meant === undefined ? undefined : `did you mean ${meant}?`
    const list = guess !== undefined && known.length > MOST_LISTED ? undefined : `expected ${known.join(', ')}`
    const elsewhere = Object.hasOwn(ELSEWHERE, key) ? ELSEWHERE[key] : undefined
    const hint = elsewhere === undefined && guess !== undefined ? (list === undefined ? ', ' : '; ') + guess : elsewhere
    report(fields, place, '', `unknown key ${excerpt(key)}${list === undefined ? '' : `, ${list}`}${hint ?? ''}`)
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

/** A map under a key as fields of its own; anything else is a fault. */
export function mapAt(fields: Fields, entry: Entry, expected: string): Fields | undefined {
  if (entry.value.kind === 'map')
    return fieldsIn(entry.value, [fields.path, entry.key].filter((part) => part !== '').join('.'), fields.faults)
  report(fields, entry.value.place, entry.key, `expected ${expected}, got ${came(entry.value)}`)
  return undefined
}

/** The entries of a map by their keys. */
export const fieldsIn = (map: Extract<Tree, { kind: 'map' }>, path: string, faults: Fault[]): Fields => ({
  path,
  entries: new Map(map.entries.map((entry) => [entry.key, entry])),
  faults,
})

/** The word under a key, one of those known; anything else is a fault with what was probably meant. */
export function choiceAt<Word extends string>(
  fields: Fields,
  entry: Entry,
  words: readonly Word[],
  more = '',
): Word | undefined {
  const value = entry.value.kind === 'scalar' ? entry.value.value : undefined
  const word = words.find((one) => one === value)
  if (word !== undefined) return word
  const meant = typeof value === 'string' ? nearest(value, words) : undefined
  const hint = meant === undefined ? '' : `; did you mean ${meant}?`
  report(fields, entry.value.place, entry.key, `expected ${words.join(', ')}${more}, got ${came(entry.value)}${hint}`)
  return undefined
}

/** The duration under a key, of at least so long; anything else is a fault. */
export function lengthAt(fields: Fields, entry: Entry, least: Duration): Duration | undefined {
  const { value: tree } = entry
  if (tree.kind !== 'scalar' || tree.value === null || typeof tree.value === 'boolean') {
    report(fields, tree.place, entry.key, `expected a duration such as '10m' or '1h30m', got ${came(tree)}`)
    return undefined
  }
  if (typeof tree.value === 'string' && tree.value.includes('<%')) return void textAt(fields, entry, 'a duration')
  const length = attempt(fields, tree.place, '', () => parseDuration(tree.value, entry.key))
  if (length === undefined || length >= least) return length
  report(fields, tree.place, entry.key, `expected at least ${formatDuration(least)}, got ${came(tree)}`)
  return undefined
}

/** The whole number under a key, within bounds; anything else is a fault. */
export function wholeAt(fields: Fields, entry: Entry, least: number, most: number): number | undefined {
  const value = entry.value.kind === 'scalar' ? entry.value.value : undefined
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value
  const expected = `expected a whole number from ${least} to ${most}`
  report(fields, entry.value.place, entry.key, `${expected}, got ${came(entry.value)}`)
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
