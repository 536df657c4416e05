import { definitionOf, fingerprint, runsIn, type ScheduleDefinition } from '../schedule/definition.ts'
import { formatFault } from '../schedule/fault.ts'
import { isKept, type ScheduleFiles } from '../schedule/files.ts'
import type { Store } from '../store/store.ts'
import type { StoredSchedule } from '../store/stored-schedule.ts'
import { type Hand, type Pending, putInForce, withdraw } from './apply.ts'

/** What an apply of files did. */
export type AppliedFiles = {
  readonly generation: string
  /** Why nothing was applied, in words; null when the files are in force. */
  readonly refused: string | null
  /** The number of the generation that this one has taken over from; null when it has not. */
  readonly tookOver: number | null
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
/** A generation whose last process was seen longer ago than this may be taken over by an older one. */
const TWO_MINUTES = 120_000

/**
 * Puts schedule files in force. What cannot be read removes nothing: a schedule goes only when every file was read and it
 * stands in none. Schedules made by the API live beside those from files. May stop anywhere and be run again.
 */
export async function applyFiles(parts: ApplyFilesParts): Promise<AppliedFiles> {
  const { store, files, environment, given, force = false } = parts
  const stands = await store.schedules.list()
  const faults = [...files.faults.map(formatFault), ...(parts.told || stands.length > 0 ? unreadable(files) : [])]
  const nothing = { applied: [], unchanged: [], withdrawn: [], withheld: [], faults, tookOver: null }
  if (files.digest === null) return { ...nothing, generation: '', refused: null }
  const living = await newestLiving(store, given !== null)
  const reign = await store.schedules.reign({ hash: files.digest, given, living, force })
  const generation = given === null ? `${reign.number}` : `v${reign.number}`
  if (reign.kind !== 'reigns') return { ...nothing, generation, refused: refusal(reign.kind, generation, reign.before) }
  const hand: Hand = { store, by: parts.by, generation, reign: reign.reign, tz: parts.tz }
  const wanted = files.schedules.filter((each) => runsIn(each, environment))
  const changes = await putAll(hand, wanted, stands)
  const removed = await removeAll(hand, parts, wanted, stands)
  const tookOver = reign.before > reign.number ? reign.before : null
  return { generation, refused: null, tookOver, ...changes, ...removed, faults }
}

function refusal(kind: 'older' | 'clash' | 'uncounted', generation: string, before: number): string {
  switch (kind) {
    case 'older':
      return `generation ${before} of the schedule files is in force and its processes live; these are generation ${generation}: they take over two minutes after the last of those has gone, or at once with morrow schedule apply --force`
    case 'clash':
      return `generation ${generation} stands for other schedule files already; give these another number (MORROW_GENERATION)`
    case 'uncounted':
      return `generation ${before} of the schedule files was given by MORROW_GENERATION, and these have no number; set it, or use morrow schedule apply --force`
  }
}

/** The highest number of a generation, given or counted, that a process seen within two minutes has. */
async function newestLiving({ inspector, registry }: Store, given: boolean): Promise<number> {
  const seen = await registry.living(await inspector.time(), TWO_MINUTES)
  const numbers = seen.flatMap(({ generation = '' }) => (generation.startsWith('v') === given ? [generation] : []))
  return Math.max(0, ...numbers.map((text) => Number(text.replace('v', ''))))
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

const isSame = ({ reign, tz }: Hand, definition: ScheduleDefinition, stored: StoredSchedule): boolean =>
  stored.version === fingerprint(definition) &&
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
  const ofFiles = stands.filter(({ origin }) => origin === 'file').length
  if (!prune && gone.length > MOST_REMOVED && gone.length > ofFiles / 2) return { withdrawn: [], withheld: gone }
  const withdrawn: string[] = []
  for (const name of gone) {
    if ((await withdraw(hand, name, pending)) === 'withdrawn') withdrawn.push(name)
  }
  return { withdrawn, withheld: [] }
}

/** The names of the schedules from files that these files, all of them read, hold no more. */
export function goneFrom(
  files: ScheduleFiles,
  wanted: readonly ScheduleDefinition[],
  stands: readonly StoredSchedule[],
): readonly string[] {
  if (files.unreadable.some(({ kind }) => kind !== 'schedule')) return []
  const names = new Set(wanted.flatMap(({ name, policies: { was } }) => (was === undefined ? [name] : [name, was])))
  return stands
    .filter(({ name, origin }) => origin === 'file' && !names.has(name))
    .map(({ definition }) => definitionOf(definition))
    .filter((definition) => !isKept(files.unreadable, definition))
    .map(({ name }) => name)
}

const unreadable = ({ unreadable }: ScheduleFiles): string[] =>
  unreadable.flatMap((each) => (each.kind === 'folder' ? [each.reason] : []))
