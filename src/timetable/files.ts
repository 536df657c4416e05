import { definitionOf, runsIn, type ScheduleDefinition } from '../schedule/definition.ts'
import { formatFault } from '../schedule/fault.ts'
import { isKept, type ScheduleFiles } from '../schedule/files.ts'
import { foreseeReign, nameOf, type Reign, TWO_MINUTES } from '../store/generations.ts'
import type { Store } from '../store/store.ts'
import type { StoredSchedule } from '../store/stored-schedule.ts'
import { type Hand, type Pending, withdraw } from './apply.ts'
import { putManyInForce } from './apply-many.ts'
import { restore } from './declare.ts'
import { keepInMind, mendHomes, stillKept } from './kept.ts'
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

/** What an apply did, and how to ask whether there is anything to do again. */
export type Applying = {
  readonly done: AppliedFiles
  /** Says, at little cost, whether another apply of the same files would change nothing and answer the same. */
  holds(): Promise<boolean>
}

/**
 * Puts schedule files in force. What cannot be read removes nothing: a schedule goes only when every file was read and it
 * stands in none. Schedules made by the API live beside those from files. May stop anywhere and be run again.
 */
export const applyFiles = async (parts: ApplyFilesParts): Promise<AppliedFiles> => (await applyAndWatch(parts)).done

/** Like `applyFiles`, for one who looks again and again. */
export async function applyAndWatch(parts: ApplyFilesParts): Promise<Applying> {
  const { store, files, environment, given, force = false } = parts
  const faults = [...files.faults.map(formatFault), ...(await missingFiles(parts))]
  const nothing = { ...NOTHING, faults }
  const hash = files.digest
  if (hash === null) return { done: { ...nothing, generation: '', refused: null }, holds: async () => false }
  const now = await store.inspector.time()
  const environmentBefore = await store.environments.hold(environment, now)
  const living = await store.registry.generations(now, TWO_MINUTES)
  const reign = await store.schedules.reign({ hash, given, living, now, force })
  const generation = nameOf(reign.number, given !== null)
  if (reign.kind !== 'reigns') {
    const refused = refusal(reign.kind, generation, reign.beforeName)
    return {
      done: { ...nothing, environmentBefore, generation, refused },
      holds: () => isSaidAgain(parts, hash, reign),
    }
  }
  const stands = await store.schedules.list()
  await mendHomes(store, stands)
  const hand: Hand = { store, by: parts.by, generation, reign: reign.reign, tz: parts.tz }
  const wanted = files.schedules.filter((each) => runsIn(each, environment))
  const changes = await putAll(hand, wanted, stands)
  // A name that was to be taken over is gone now, unless what takes it over was in force already: then that one goes too.
  const names = new Set(stands.map(({ name }) => name))
  const isRenamed = wanted.some(({ name, policies: { was = name } }) => was !== name && names.has(was))
  const removed = await removeAll(hand, parts, wanted, isRenamed ? await store.schedules.list() : stands)
  const tookOver = reign.before > reign.number ? reign.before : null
  const done = { generation, refused: null, tookOver, environmentBefore, ...changes, ...removed, faults }
  const others = new Set([...wanted.map(({ name }) => name), ...removed.withdrawn])
  const staying = stands.filter(({ name, origin }) => origin === 'file' && !others.has(name))
  let kept = await keepInMind(store, wanted, { reign: hand.reign, tz: hand.tz, staying })
  const holds = async (): Promise<boolean> => {
    if (kept === undefined || !(await isSaidAgain(parts, hash, reign))) return false
    kept = await stillKept(store, kept)
    return kept !== undefined
  }
  return { done, holds }
}

const NOTHING = {
  applied: [],
  unchanged: [],
  withdrawn: [],
  withheld: [],
  tookOver: null,
  environmentBefore: null,
} as const

/** What is said of a folder without files: nothing where nobody asked for one and no schedule is in force. */
async function missingFiles({ store, files, told }: ApplyFilesParts): Promise<readonly string[]> {
  const missing = unreadable(files)
  return missing.length > 0 && (told || (await store.schedules.any())) ? missing : []
}

/** Whether one who asked for the reign again would hear the same; nothing is asked for, so that nothing changes unsaid. */
async function isSaidAgain(
  { store, environment, given, force = false }: ApplyFilesParts,
  hash: string,
  { kind, number, before }: Reign,
): Promise<boolean> {
  const now = await store.inspector.time()
  if ((await store.environments.hold(environment, now)) !== null) return false
  const living = await store.registry.generations(now, TWO_MINUTES)
  const said = await foreseeReign(store.connection, store.prefix, { hash, given, living, now, force })
  return said.kind === kind && said.number === number && said.before === (kind === 'reigns' ? number : before)
}

/** Why files do not come into force, in words. */
export function refusal(kind: 'older' | 'forced' | 'clash' | 'uncounted', generation: string, before: string): string {
  switch (kind) {
    case 'older':
      return `generation ${before} of the schedule files is in force and its processes live; these are generation ${generation}: they take over two minutes after the last of those has gone, or at once with morrow schedule apply --force`
    case 'forced':
      return `generation ${before} of the schedule files was put in force by morrow schedule apply --force; these are generation ${generation}, which it replaced: they take over two minutes after its last process has gone, or at once in the same way`
    case 'clash':
      return `generation ${generation} stands for other schedule files already, or for the same with another MORROW_TZ or other queues of their jobs; give these another number (MORROW_GENERATION)`
    case 'uncounted':
      return `generation ${before} of the schedule files was given by MORROW_GENERATION, and these have no number; set it, or use morrow schedule apply --force`
  }
}

/** Applies what is new or changed; what stands already is only looked at. */
async function putAll(
  hand: Hand,
  wanted: readonly ScheduleDefinition[],
  stands: readonly StoredSchedule[],
): Promise<Pick<AppliedFiles, 'applied' | 'unchanged'>> {
  const byName = new Map(stands.map((each) => [each.name, each]))
  const others = wanted.filter((definition) => !isSame(hand, definition, byName.get(definition.name)))
  const answers = await putManyInForce(hand, others, byName)
  const applied = others.flatMap(({ name }, index) => (answers[index] === 'applied' ? [name] : []))
  const changed = new Set(applied)
  return { applied, unchanged: wanted.flatMap(({ name }) => (changed.has(name) ? [] : [name])) }
}

/** What has the same text has the same version. */
const isSame = ({ reign, tz }: Hand, definition: ScheduleDefinition, stored: StoredSchedule | undefined): boolean =>
  stored !== undefined &&
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
  const broken = await brokenOff(hand.store, wanted, stands)
  for (const { name, origin } of broken) if (origin === 'api') await restore(hand, name)
  const left = files.unreadable.length > 0 ? [] : broken.filter(({ origin }) => origin === 'file')
  if (!prune && isTooMuch(gone, stands)) return { withdrawn: [], withheld: gone }
  const withdrawn: string[] = []
  for (const name of [...gone, ...left.map((each) => each.name)]) {
    if ((await withdraw(hand, name, pending)) === 'withdrawn') withdrawn.push(name)
  }
  return { withdrawn, withheld: [] }
}

/** Says whether so many schedules are not removed unasked: more than five, and more than half of those from files. */
export const isTooMuch = (gone: readonly string[], stands: readonly StoredSchedule[]): boolean =>
  gone.length > MOST_REMOVED && gone.length > stands.filter(({ origin }) => origin === 'file').length / 2

/** Schedules whose move to another queue was broken off between the two; these files hold none of them. */
async function brokenOff(
  store: Store,
  wanted: readonly ScheduleDefinition[],
  stands: readonly StoredSchedule[],
): Promise<readonly StoredSchedule[]> {
  const known = new Set([...wanted, ...stands].map(({ name }) => name))
  const others = [...(await store.schedules.homes())].filter(([name]) => !known.has(name))
  const left = await store.schedules.readAll(others.map(([, home]) => home))
  const names = others.flatMap(([name], index) => (isToGoOn(left[index]) ? [name] : []))
  const located = await Promise.all(names.map(async (name) => (await locate(store, name))?.stands))
  return located.filter(isToGoOn)
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
