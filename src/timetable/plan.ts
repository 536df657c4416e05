import { compareSchedules, type ScheduleChange } from '../schedule/compare.ts'
import { definitionOf, type ScheduleDefinition } from '../schedule/definition.ts'
import type { ScheduleFiles } from '../schedule/files.ts'
import { type Intent, intentOf } from '../schedule/intent.ts'
import { type Foreseen, foreseeReign, nameOf, TWO_MINUTES } from '../store/generations.ts'
import type { Store } from '../store/store.ts'
import type { StoredPause, StoredSchedule } from '../store/stored-schedule.ts'
import { countUnended, type Unended } from '../store/unended.ts'
import { type Instant, instant } from '../time/clock.ts'
import { isTooMuch, refusal } from './files.ts'

/** What an apply would do to one schedule, and what it finds there. */
export type PlannedChange = ScheduleChange & {
  readonly before: ScheduleDefinition | null
  readonly after: ScheduleDefinition | null
  /** Pauses of people that have not ended: they survive. */
  readonly pauses: readonly StoredPause[]
  readonly unended: Unended | null
  /** How many of its jobs count towards its limit; null of one that is not in force. */
  readonly counted: number | null
  /** Made at run time until now; the files take it over. */
  readonly isTakenOver: boolean
  /** Removed though it stands in the files: it is not enabled, or not for this environment. */
  readonly isSilent: boolean
}

/** The generation of the files: which one they have or would get, empty when they would get none; and the one in force, empty for none. */
export type PlannedGeneration = Pick<Foreseen, 'isNew'> & { readonly name: string; readonly before: string }

/** What an apply of files would do. */
export type Plan = {
  readonly from: Instant
  readonly changes: readonly PlannedChange[]
  readonly unchanged: readonly string[]
  /** Names that stay because the files fail to say what shall become of them. */
  readonly kept: readonly string[]
  /** Names that would not be removed unasked, because they are too many. */
  readonly withheld: readonly string[]
  /** Names whose `was` has done its work in this namespace. */
  readonly spent: readonly string[]
  /** Null while the files are being changed or cannot be read at all, and where files are compared with files. */
  readonly generation: PlannedGeneration | null
  /** Why an apply would put nothing in force now; null when it would. */
  readonly refused: string | null
}

/** What the plan is for. */
export type PlanParts = {
  readonly store: Store
  readonly files: ScheduleFiles
  readonly environment: string
  /** The number that the deployment gives to these files; null to have it counted. */
  readonly given: number | null
}

/** Foresees what an apply of files would do now. Writes nothing. */
export async function planFiles({ store, files, environment, given }: PlanParts): Promise<Plan> {
  const from = instant(await store.inspector.time())
  const all = (await store.schedules.list()).map((stands) => ({ stands, before: definitionOf(stands.definition) }))
  const named = new Set(
    files.schedules.flatMap(({ name, policies: { was } }) => (was === undefined ? [name] : [name, was])),
  )
  const standing = all.filter(({ stands }) => stands.origin === 'file' || named.has(stands.name))
  const before = standing.map((each) => each.before)
  const ofFiles = standing.filter(({ stands }) => stands.origin === 'file')
  const { after, kept, gone } = intentOf(files, before, environment)
  const fromApi = standing.filter(({ stands }) => stands.origin === 'api' && gone.includes(stands.name))
  const left = [...after, ...fromApi.map((each) => each.before)]
  const stored = new Map(all.map(({ stands }) => [stands.name, stands]))
  const plan = planOf(before, { after: left, kept }, files.schedules, from, (name) => stored.get(name))
  const removed = plan.changes.flatMap(({ kind, name }) => (kind === 'removed' ? [name] : []))
  const withheld = isTooMuch(
    removed,
    ofFiles.map(({ stands }) => stands),
  )
    ? removed
    : []
  const spent = files.schedules.flatMap(({ name, policies: { was } }) =>
    was !== undefined && stored.has(name) && !stored.has(was) ? [name] : [],
  )
  const { generation, refused } = await foresee(store, files.digest, given)
  const owned = await store.environments.refusal(environment, from)
  const changes = await Promise.all(plan.changes.map(countedIn(store, stored)))
  return { ...plan, changes, withheld, spent, generation, refused: owned?.message ?? refused }
}

/** Compares what stands in files with what shall stand there, without Redis. Pure. */
export function planBetween(
  before: readonly ScheduleDefinition[],
  files: Pick<ScheduleFiles, 'schedules' | 'unreadable'>,
  from: Instant,
): Plan {
  const active = before.filter(({ enabled }) => enabled)
  const { after, kept } = intentOf(files, active, null)
  return planOf(active, { after, kept }, files.schedules, from, () => undefined)
}

function planOf(
  before: readonly ScheduleDefinition[],
  { after, kept }: Pick<Intent, 'after' | 'kept'>,
  declared: readonly ScheduleDefinition[],
  from: Instant,
  storedOf: (name: string) => StoredSchedule | undefined,
): Plan {
  const [old, fresh] = [byName(before), byName(after)]
  const [held, known] = [new Set(kept), byName(declared)]
  const all = compareSchedules(before, after, from).map((change): PlannedChange => {
    const former = change.kind === 'renamed' ? (change.was ?? change.name) : change.name
    const stands = storedOf(former)
    const pauses = stands?.pauses.filter(({ until }) => until === null || until > from) ?? []
    const isTakenOver = stands?.origin === 'api' && fresh.has(change.name) && fresh.get(change.name) !== old.get(former)
    const isSilent = change.kind === 'removed' && known.has(change.name)
    const definitions = { before: old.get(former) ?? null, after: fresh.get(change.name) ?? null }
    return { ...change, ...definitions, pauses, unended: null, counted: stands?.counted ?? null, isTakenOver, isSilent }
  })
  const changes = all.filter(({ kind, isTakenOver }) => kind !== 'unchanged' || isTakenOver)
  const unchanged = all.filter((each) => !changes.includes(each) && !held.has(each.name)).map(({ name }) => name)
  return { from, changes, unchanged, kept, withheld: [], spent: [], generation: null, refused: null }
}

const byName = (all: readonly ScheduleDefinition[]): ReadonlyMap<string, ScheduleDefinition> =>
  new Map(all.map((each) => [each.name, each]))

function countedIn(
  { connection, prefix }: Store,
  stored: ReadonlyMap<string, StoredSchedule>,
): (change: PlannedChange) => Promise<PlannedChange> {
  return async (change) => {
    const stands = change.before === null ? undefined : stored.get(change.before.name)
    return stands === undefined ? change : { ...change, unended: await countUnended(connection, prefix, stands) }
  }
}

async function foresee(
  store: Store,
  hash: string | null,
  given: number | null,
): Promise<Pick<Plan, 'generation' | 'refused'>> {
  if (hash === null) return { generation: null, refused: null }
  const now = await store.inspector.time()
  const living = await store.registry.generations(now, TWO_MINUTES)
  const claimant = { hash, given, living, now, force: false }
  const { kind, number, beforeName, isNew } = await foreseeReign(store.connection, store.prefix, claimant)
  const name = nameOf(number, given !== null)
  const generation = { name: number === 0 ? '' : name, before: beforeName, isNew }
  return { generation, refused: kind === 'reigns' ? null : refusal(kind, name, beforeName) }
}
