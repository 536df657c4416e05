import { excerpt, nearest } from '../errors.ts'
import type { Json } from '../job/json.ts'
import { jobName, queueName, scheduleName } from '../job/names.ts'
import type { ScheduleDefinition } from './definition.ts'
import { besides, faultsBeside } from './draft.ts'
import { type Fault, inOrder, type Place } from './fault.ts'
import { attempt, booleanAt, came, type Fields, fieldsIn, refuseUnknown, report, textAt, textsAt } from './fields.ts'
import { type LeftOpen, leftOpen } from './left-open.ts'
import { type Calendars, NO_CALENDARS } from './read-calendars.ts'
import { POLICY_KEYS, readPolicies, SHARED_POLICY_KEYS } from './read-policies.ts'
import { readTiming, readZone } from './read-timing.ts'
import { type Entry, jsonOf, parseYaml, type Tree } from './yaml-tree.ts'

/** What is known of the jobs that schedules name. */
export type Catalogue = {
  readonly knows: (job: string) => boolean
  readonly queueOf: (job: string) => string | undefined
  /** The queue of a job that this very process defines, whatever others publish. */
  readonly ownQueueOf?: (job: string) => string | undefined
  /** What is wrong with a payload, in words; empty when it passes. */
  readonly checkPayload: (job: string, payload: Json | undefined) => readonly string[]
  /** The names it knows, to propose one for a misspelt one. */
  readonly names?: () => Iterable<string>
}

/** How files are read: the zone of schedules that name none, what is known of jobs, and the calendars that may be named. */
export type ReadingOptions = {
  readonly defaultZone?: string
  readonly catalogue?: Catalogue
  readonly calendars?: Calendars
}

/** A schedule that stands in a file and cannot be used; `was` is its former name, if that can be read. */
export type FaultySchedule = Place & { readonly name: string; readonly was?: string }

/** What one file says; it is unreadable when nothing of it can be trusted. */
export type ReadDefinitions = {
  readonly readable: boolean
  readonly schedules: readonly ScheduleDefinition[]
  readonly faulty: readonly FaultySchedule[]
  readonly faults: readonly Fault[]
  /** What its schedules, faulty ones too, leave to the process that reads them. */
  readonly open: readonly LeftOpen[]
}

const COMMON_KEYS = ['tz', 'job', 'queue', 'payload', 'enabled', 'env'] as const
export const DEFAULT_KEYS = [...COMMON_KEYS, ...SHARED_POLICY_KEYS] as const
export const SCHEDULE_KEYS = [
  ...['cron', 'every', 'offset', 'manual'],
  ...COMMON_KEYS,
  'description',
  ...POLICY_KEYS,
] as const

/** Reads the text of one schedule file; all its faults at once, never an exception. */
export function readDefinitions(file: string, text: string, options: ReadingOptions = {}): ReadDefinitions {
  const { draft, faults: broken } = parseYaml(file, text)
  const unreadable = (faults: readonly Fault[]): ReadDefinitions => ({ ...UNREADABLE, faults: inOrder(faults) })
  if (draft === null) return unreadable(broken)
  const found: Fault[] = []
  const top = mapOf(draft, '', found, `the two keys defaults and schedules`)
  if (top !== undefined) refuseUnknown(top, ['defaults', 'schedules'])
  const defaults = readDefaults(top?.entries.get('defaults'), found)
  const list = top?.entries.get('schedules')
  if (list === undefined && top !== undefined)
    report(top, draft.place, '', `expected the key schedules, got none; put the schedules under it, by name`)
  const entries = list === undefined ? undefined : entriesOf(list.value, found)
  const told = [...broken, ...besides(broken, found)]
  if (defaults === undefined || entries === undefined) return unreadable(told)
  if (told.length > 0) {
    const read = (entry: Entry, faults: Fault[]) => readSchedule(entry, defaults, faults, options)
    return unreadable([...told, ...faultsBeside(told, entries, read, found.length > 0)])
  }
  const faults: Fault[] = []
  const schedules: ScheduleDefinition[] = []
  const faulty: FaultySchedule[] = []
  for (const entry of entries) {
    const before = faults.length
    const definition = readSchedule(entry, defaults, faults, options)
    if (definition !== undefined && faults.length === before) schedules.push(definition)
    else faulty.push({ ...entry.place, name: entry.key, ...formerName(entry) })
  }
  const open = entries.map((entry) => leftOpen(entry, defaults))
  return { readable: true, schedules, faulty, faults: inOrder(faults), open }
}

const UNREADABLE = { readable: false, schedules: [], faulty: [], open: [] } as const

function entriesOf(tree: Tree, faults: Fault[]): readonly Entry[] | undefined {
  const map = mapOf(tree, 'schedules', faults, `a map from name to definition, not a list`)
  return map === undefined || tree.kind !== 'map' ? undefined : tree.entries
}

/** What was applied under the former name of a faulty schedule stays too, so that name is read even here. */
function formerName({ value: tree }: Entry): { readonly was?: string } {
  const was = tree.kind === 'map' ? tree.entries.find(({ key }) => key === 'was')?.value : undefined
  return was?.kind === 'scalar' && typeof was.value === 'string' ? { was: was.value } : {}
}

function mapOf(tree: Tree, path: string, faults: Fault[], expected: string): Fields | undefined {
  if (tree.kind === 'map') return fieldsIn(tree, path, faults)
  const hint = tree.kind === 'list' ? `; write 'name:' where the list has '- '` : ''
  report({ path, entries: new Map(), faults }, tree.place, '', `expected ${expected}, got ${came(tree)}${hint}`)
  return undefined
}

/** Defaults are checked once, here, so that a fault in them is said once; undefined where they are no map. */
function readDefaults(entry: Entry | undefined, faults: Fault[]): ReadonlyMap<string, Entry> | undefined {
  if (entry === undefined) return new Map()
  const fields = mapOf(entry.value, 'defaults', faults, `a map of ${DEFAULT_KEYS.join(', ')}`)
  if (fields === undefined) return undefined
  refuseUnknown(fields, DEFAULT_KEYS)
  readZone(fields, 'UTC')
  readCommon(fields)
  readPolicies({ name: '', fields, own: fields.entries, timing: undefined, calendars: undefined })
  return fields.entries
}

/** Reads one schedule, `defaults` being those of its file; undefined when it cannot be used, which `faults` then say. */
export function readSchedule(
  entry: Entry,
  defaults: ReadonlyMap<string, Entry>,
  faults: Fault[],
  options: ReadingOptions,
): ScheduleDefinition | undefined {
  const own = mapOf(entry.value, entry.key, faults, `a map with job and cron, every or manual`)
  if (own === undefined) return undefined
  const name = attempt(own, entry.place, '', () => scheduleName(entry.key))
  refuseUnknown(own, SCHEDULE_KEYS)
  const fields: Fields = { ...own, entries: new Map([...defaults, ...own.entries]) }
  const subject = { name: entry.key, entry, fields, own: own.entries, defaultZone: options.defaultZone ?? 'UTC' }
  const timing = readTiming(subject)
  const policies = readPolicies({ ...subject, timing, calendars: options.calendars ?? NO_CALENDARS })
  const common = readCommon(fields)
  if (!fields.entries.has('job')) report(fields, entry.place, '', `expected a job, got none; write job: and its name`)
  if (common.job === undefined) return undefined
  const queue = readQueue(fields, entry, common.job, common.queue, options.catalogue)
  if (options.catalogue?.knows(common.job)) checkPayload(fields, entry, common.job, common.payload, options.catalogue)
  if (name === undefined || timing === undefined || policies === undefined) return undefined
  const { job, payload, description, env } = common
  return {
    name,
    ...timing,
    job,
    ...(queue === undefined ? {} : { queue }),
    ...(payload === undefined ? {} : { payload }),
    ...(description === undefined ? {} : { description }),
    enabled: common.enabled ?? true,
    ...(env === undefined ? {} : { env }),
    policies,
    source: entry.place,
  }
}

type Common = {
  readonly job: string | undefined
  readonly queue: string | undefined
  readonly payload: Json | undefined
  readonly description: string | undefined
  readonly enabled: boolean | undefined
  readonly env: readonly string[] | undefined
}

function readCommon(fields: Fields): Common {
  const named = (key: string, rule: (value: unknown) => string): string | undefined => {
    const entry = fields.entries.get(key)
    const text = entry === undefined ? undefined : textAt(fields, entry, `the name of a ${key}`)
    return entry === undefined || text === undefined
      ? undefined
      : attempt(fields, entry.value.place, key, () => rule(text))
  }
  const { entries } = fields
  const [payload, description, enabled, env] = ['payload', 'description', 'enabled', 'env'].map((key) =>
    entries.get(key),
  )
  return {
    job: named('job', jobName),
    queue: named('queue', queueName),
    payload: payload === undefined ? undefined : jsonOf(payload.value),
    description: description === undefined ? undefined : textAt(fields, description, 'a text'),
    enabled: enabled === undefined ? undefined : booleanAt(fields, enabled),
    env: env === undefined ? undefined : environments(fields, env),
  }
}

function environments(fields: Fields, entry: Entry): readonly string[] | undefined {
  const names = textsAt(fields, entry, `an environment such as 'production', or a list of them`)
  const wrong = names?.find((name) => !/^[\w.-]+$/.test(name))
  if (wrong === undefined) return names
  const list = wrong.split(/[\s,]+/).filter((name) => name !== '')
  report(
    fields,
    entry.value.place,
    entry.key,
    `expected names of letters, digits and _ . -, got ${excerpt(wrong)}; write [${list.join(', ')}]`,
  )
  return undefined
}

function readQueue(
  fields: Fields,
  entry: Entry,
  job: string,
  own: string | undefined,
  catalogue: Catalogue | undefined,
): string | undefined {
  if (catalogue === undefined) return own
  const place = fields.entries.get('job')?.value.place ?? entry.place
  if (!catalogue.knows(job)) {
    const meant = nearest(job, catalogue.names?.() ?? [])
    const hint = meant === undefined ? '; define it, or correct the name' : `; did you mean ${meant}?`
    report(fields, place, 'job', `expected a job that is defined, got ${excerpt(job)}${hint}`)
    return own
  }
  const queue = own ?? catalogue.queueOf(job)
  if (queue === undefined && !fields.entries.has('queue'))
    report(fields, place, 'queue', `expected a queue, and ${excerpt(job)} names none; write queue: and its name`)
  return queue
}

function checkPayload(
  fields: Fields,
  entry: Entry,
  job: string,
  payload: Json | undefined,
  catalogue: Catalogue,
): void {
  const place = (fields.entries.get('payload') ?? fields.entries.get('job') ?? entry).place
  for (const issue of catalogue.checkPayload(job, payload)) report(fields, place, 'payload', issue)
}
