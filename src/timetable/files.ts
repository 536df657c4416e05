import { definitionOf, runsIn, type ScheduleDefinition } from '../schedule/definition.ts'
import { formatFault } from '../schedule/fault.ts'
import { isKept, type ScheduleFiles } from '../schedule/files.ts'
import { TWO_MINUTES } from '../store/generations.ts'
import type { Store } from '../store/store.ts'
import type { StoredSchedule } from '../store/stored-schedule.ts'
import { type Hand, type Pending, putInForce, withdraw } from './apply.ts'
import { locate } from './locate.ts'
import { isToGoOn } from './standing.ts'

/** What an apply of files did. */
export type AppliedFiles = {
  readonly generation: string
  /** Why nothing was applied, in words; null when the files are in force. */
  readonly refused: string | null
  /** The number of the generation that this one has taken over from; null when it has not. */
  readonly tookOver: number | null
  /** The environment from which this one has taken the namespace over; null when it has not. */
  readonly environmentBefore: string | null
  readonly applied: readonly string[]
  readonly unchanged: readonly string[]
  readonly withdrawn: readonly string[]
  /** Schedules that stand in no file any more and were left in force, because they are too many to go unasked. */
  readonly withheld: readonly string[]
  /** Every fault of every file, with its place. */
  readonly faults: readonly string[]
}

/** How files are applied. */
export type ApplyFilesParts = {
  readonly store: Store
  readonly by: string
  readonly tz: string
  readonly files: ScheduleFiles
  readonly environment: string
  /** Whether somebody said where the files are: then a folder that is not there is a fault, even if nothing was ever applied. */
  readonly told: boolean
  /** The number that the deployment gives to these files; null to have it counted. */
  readonly given: number | null
  /** Takes over from a newer generation whose processes live. */
  readonly force?: boolean
  /** Removes however many stand in no file any more. */
  readonly prune?: boolean
  /** What becomes of the waiting jobs of schedules that are removed. */
  readonly pending?: Pending
}

/** More than so many, and more than half of all, are not removed unasked. */
const MOST_REMOVED = 5

/**
 * Puts schedule files in force. What cannot be read removes nothing: a schedule goes only when every file was read and it
 * stands in none. Schedules made by the API live beside those from files. May stop anywhere and be run again.
 */
export async function applyFiles(parts: ApplyFilesParts): Promise<AppliedFiles> {
  const { store, files, environment, given, force = false } = parts
  const missing = unreadable(files)
  const isFault = missing.length > 0 && (parts.told || (await store.schedules.list()).length > 0)
  const faults = [...files.faults.map(formatFault), ...(isFault ? missing : [])]
  const nothing = {
    applied: [],
    unchanged: [],
    withdrawn: [],
    withheld: [],
    faults,
    tookOver: null,
    environmentBefore: null,
  }
  if (files.digest === null) return { ...nothing, generation: '', refused: null }
  const now = await store.inspector.time()
  const environmentBefore = await store.environments.hold(environment, now)
  const living = await numbersLiving(store, now, given !== null)
  const reign = await store.schedules.reign({ hash: files.digest, given, living, now, force })
  const generation = given === null ? `${reign.number}` : `v${reign.number}`
  if (reign.kind !== 'reigns')
    return { ...nothing, environmentBefore, generation, refused: refusal(reign.kind, generation, reign.before) }
  const stands = await store.schedules.list()
  const hand: Hand = { store, by: parts.by, generation, reign: reign.reign, tz: parts.tz }
  const wanted = files.schedules.filter((each) => runsIn(each, environment))
  const changes = await putAll(hand, wanted, stands)
  const removed = await removeAll(hand, parts, wanted, stands)
  const tookOver = reign.before > reign.number ? reign.before : null
  return { generation, refused: null, tookOver, environmentBefore, ...changes, ...removed, faults }
}

/** Why files do not come into force, in words. */
export function refusal(kind: 'older' | 'forced' | 'clash' | 'uncounted', generation: string, before: number): string {
  switch (kind) {
    case 'older':
      return `generation ${before} of the schedule files is in force and its processes live; these are generation ${generation}: they take over two minutes after the last of those has gone, or at once with morrow schedule apply --force`
    case 'forced':
      return `generation ${before} of the schedule files was put in force by morrow schedule apply --force; these are generation ${generation}, which it replaced: they take over two minutes after its last process has gone, or at once in the same way`
    case 'clash':
      return `generation ${generation} stands for other schedule files already; give these another number (MORROW_GENERATION)`
    case 'uncounted':
      return `generation ${before} of the schedule files was given by MORROW_GENERATION, and these have no number; set it, or use morrow schedule apply --force`
  }
}

/** The numbers of generations, given or counted, that processes seen within two minutes had. */
export async function numbersLiving({ registry }: Store, now: number, given: boolean): Promise<readonly number[]> {
  const generations = await registry.generations(now, TWO_MINUTES)
  return generations.filter((text) => text.startsWith('v') === given).map((text) => Number(text.replace('v', '')))
}

/** Applies what is new or changed; what stands already is only looked at. */
async function putAll(
  hand: Hand,
  wanted: readonly ScheduleDefinition[],
  stands: readonly StoredSchedule[],
): Promise<Pick<AppliedFiles, 'applied' | 'unchanged'>> {
  const byName = new Map(stands.map((each) => [each.name, each]))
  const applied: string[] = []
  const unchanged: string[] = []
  for (const definition of wanted) {
    const stored = byName.get(definition.name)
    const same = stored !== undefined && isSame(hand, definition, stored)
    const answer = same ? 'unchanged' : await putInForce(hand, definition, 'file')
    if (answer === 'applied') applied.push(definition.name)
    else unchanged.push(definition.name)
  }
  return { applied, unchanged }
}

/** What has the same text has the same version. */
const isSame = ({ reign, tz }: Hand, definition: ScheduleDefinition, stored: StoredSchedule): boolean =>
  stored.queue === (definition.queue ?? 'default') &&
  stored.origin === 'file' &&
  stored.reign === reign &&
  stored.tz >= tz &&
  stored.definition === JSON.stringify(definition)

/** Withdraws what stands in no file any more, unless it is too much at once. */
async function removeAll(
  hand: Hand,
  { files, prune = false, pending = 'cancel' }: ApplyFilesParts,
  wanted: readonly ScheduleDefinition[],
  stands: readonly StoredSchedule[],
): Promise<Pick<AppliedFiles, 'withdrawn' | 'withheld'>> {
  const gone = goneFrom(files, wanted, stands)
  const broken = files.unreadable.length > 0 ? [] : await brokenOff(hand.store, wanted, stands)
  if (!prune && isTooMuch(gone, stands)) return { withdrawn: [], withheld: gone }
  const withdrawn: string[] = []
  for (const name of [...gone, ...broken]) {
    if ((await withdraw(hand, name, pending)) === 'withdrawn') withdrawn.push(name)
  }
  return { withdrawn, withheld: [] }
}

/** Says whether so many schedules are not removed unasked: more than five, and more than half of those from files. */
export const isTooMuch = (gone: readonly string[], stands: readonly StoredSchedule[]): boolean =>
  gone.length > MOST_REMOVED && gone.length > stands.filter(({ origin }) => origin === 'file').length / 2

/** Schedules from files whose move to another queue was broken off between the two; these files hold them no more. */
async function brokenOff(
  store: Store,
  wanted: readonly ScheduleDefinition[],
  stands: readonly StoredSchedule[],
): Promise<readonly string[]> {
  const known = new Set([...wanted, ...stands].map(({ name }) => name))
  const others = [...(await store.schedules.homes()).keys()].filter((name) => !known.has(name))
  const located = await Promise.all(others.map(async (name) => ({ name, stands: (await locate(store, name))?.stands })))
  return located.flatMap(({ name, stands }) => (isToGoOn(stands) && stands.origin === 'file' ? [name] : []))
}

/** The names of the schedules from files that these files, all of them read, hold no more. */
export function goneFrom(
  files: ScheduleFiles,
  wanted: readonly ScheduleDefinition[],
  stands: readonly StoredSchedule[],
): readonly string[] {
  if (files.unreadable.some(({ kind }) => kind !== 'schedule')) return []
  const standing = new Set(stands.map(({ name }) => name))
  // One that stands beside the schedule that took it over came back with older files, and goes again.
  const inherited = wanted.flatMap(({ name, policies: { was = name } }) => (standing.has(name) ? [] : [was]))
  const names = new Set([...wanted.map(({ name }) => name), ...inherited])
  return stands
    .filter(({ name, origin }) => origin === 'file' && !names.has(name))
    .map(({ definition }) => definitionOf(definition))
    .filter((definition) => !isKept(files.unreadable, definition))
    .map(({ name }) => name)
}

const unreadable = ({ unreadable }: ScheduleFiles): string[] =>
  unreadable.flatMap((each) => (each.kind === 'folder' ? [each.reason] : []))
