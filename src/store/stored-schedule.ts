import { part, type Reply } from './reply.ts'

/** The id of a schedule, which it keeps for ever, and the queue it feeds. */
export type Home = { readonly id: string; readonly queue: string }

/** A time in which ticks are not run, who said so and why; without an end it lasts. Instants in milliseconds. */
export type StoredPause = {
  readonly since: number
  readonly until: number | null
  readonly by: string
  readonly reason: string
  /** Who ended it, where a person did. */
  readonly endedBy?: string
}

/** Who called off which ticks, when and why; without a word the reason is empty. Instants in milliseconds. */
export type StoredSkip = {
  readonly since: number
  readonly at: readonly number[]
  readonly by: string
  readonly reason: string
}

/** What people say of a schedule beside its definition. */
export type Notes = {
  readonly pauses?: readonly StoredPause[]
  readonly skips?: readonly number[]
  readonly calledOff?: readonly StoredSkip[]
}

/** A schedule as it stands; one that was retired has no version. Instants in milliseconds. */
export type StoredSchedule = Home & {
  readonly name: string
  readonly version: string
  /** The text that was applied. */
  readonly definition: string
  /** Grows with each change of what ticks are planned from. */
  readonly rev: string
  readonly reign: number
  /** The generation of files that it was applied from. */
  readonly generation: string
  readonly origin: 'file' | 'api'
  readonly tz: string
  /** From when the definition is in force. */
  readonly since: number
  /** The next planned tick, and when that is due. */
  readonly nextAt: number | null
  readonly dueAt: number | null
  readonly lastPlannedAt: number | null
  readonly lastFiredAt: number | null
  /** How many jobs it has made, and how many of those count towards its limit. */
  readonly made: number
  readonly counted: number
  readonly pauses: readonly StoredPause[]
  /** The ticks that were called off, and who said so. */
  readonly skips: readonly number[]
  readonly calledOff: readonly StoredSkip[]
  /** The queues that it fed before, the latest last. */
  readonly former: readonly string[]
  /** The number of a run in one of those that has not ended as far as is known; '?' when nobody has asked yet, '' when none. */
  readonly behind: string
  /** Where one that was retired goes on; empty otherwise. */
  readonly heir: string
  /** Ledger entries up to this instant have been dropped. */
  readonly dropped: number | null
}

/** A schedule whose next tick is due, with all that its ticks are planned from but the definition. */
export type DueSchedule = Pick<StoredSchedule, 'id' | 'rev' | 'version' | 'generation' | 'tz' | 'pauses' | 'skips'> & {
  readonly nextAt: number
  readonly dueAt: number
  /** Whether a run in a queue that it fed before may be in the way: that is asked when it is due. */
  readonly isBehind: boolean
}

/** The schedules that are due, the time, and when the first of the others is; when none is due, those that soon are. */
export type DueSchedules = {
  readonly now: number
  readonly restAt: number | null
  readonly due: readonly DueSchedule[]
  readonly coming: readonly DueSchedule[]
}

/** The fields of a schedule, in the order in which `storedOf` reads them. */
export const SCHEDULE_FIELDS = [
  'name',
  'version',
  'definition',
  'rev',
  'reign',
  'generation',
  'origin',
  'tz',
  'since',
  'next',
  'lastPlannedAt',
  'lastFiredAt',
  'made',
  'counted',
  'pauses',
  'skips',
  'calledOff',
  'former',
  'behind',
  'heir',
  'dropped',
] as const

const PLACES: Readonly<Record<string, number>> = Object.fromEntries(SCHEDULE_FIELDS.map((name, index) => [name, index]))

/** Reads a schedule from its fields; undefined when there is none. */
export function storedOf(home: Home, fields: Reply, dueAt: Reply): StoredSchedule | undefined {
  const at = (name: (typeof SCHEDULE_FIELDS)[number]): Reply => part(fields, PLACES[name] ?? -1)
  const name = at('name')
  if (typeof name !== 'string') return undefined
  return {
    ...home,
    name,
    version: String(at('version') ?? ''),
    definition: String(at('definition') ?? ''),
    rev: String(at('rev') ?? ''),
    reign: Number(at('reign') ?? 0),
    generation: String(at('generation') ?? ''),
    origin: at('origin') === 'api' ? 'api' : 'file',
    tz: String(at('tz') ?? ''),
    since: Number(at('since') ?? 0),
    nextAt: number(at('next')),
    dueAt: number(dueAt),
    lastPlannedAt: number(at('lastPlannedAt')),
    lastFiredAt: number(at('lastFiredAt')),
    made: Number(at('made') ?? 0),
    counted: Number(at('counted') ?? 0),
    pauses: listIn(at('pauses')),
    skips: listIn(at('skips')),
    calledOff: listIn(at('calledOff')),
    behind: String(at('behind') ?? ''),
    former: String(at('former') ?? '')
      .split(' ')
      .filter((queue) => queue !== ''),
    heir: String(at('heir') ?? ''),
    dropped: number(at('dropped')),
  }
}

const WIDTH = 9

/** Reads the answer of the script that looks at what is due. */
export function dueIn(reply: Reply): DueSchedules {
  const fields = part(reply, 2) as readonly Reply[]
  const former = part(reply, 3)
  const behind = new Set(Array.isArray(former) ? former.map(String) : [])
  const all: DueSchedule[] = []
  for (let index = 0; index < fields.length; index += WIDTH) {
    const [id, dueAt, next, rev, version, generation, tz, pauses, skips] = fields.slice(index, index + WIDTH)
    const known = {
      isBehind: behind.has(String(id)),
      id: String(id),
      rev: String(rev),
      version: String(version),
      nextAt: Number(next),
    }
    const made = { dueAt: Number(dueAt), generation: String(generation), tz: String(tz) }
    all.push({ ...known, ...made, pauses: listIn(pauses ?? null), skips: listIn(skips ?? null) })
  }
  const [now, rest] = [Number(part(reply, 0)), part(reply, 1)]
  const areDue = all[0] !== undefined && all[0].dueAt <= now
  return { now, restAt: rest === '' ? null : Number(rest), due: areDue ? all : [], coming: areDue ? [] : all }
}

/** Notes as fields and values. */
export function fieldsOf({ pauses, skips, calledOff }: Notes): string[] {
  return Object.entries({ pauses, skips, calledOff }).flatMap(([field, said]) =>
    said === undefined ? [] : [field, said.length === 0 ? '' : JSON.stringify(said)],
  )
}

const number = (value: Reply): number | null => (value === null || value === '' ? null : Number(value))

function listIn<Item>(value: Reply): readonly Item[] {
  return value === null || value === '' ? NOTHING : (JSON.parse(String(value)) as readonly Item[])
}

const NOTHING: readonly never[] = []
