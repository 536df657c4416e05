import { createHash } from 'node:crypto'
import type { Json } from '../job/json.ts'
import { type Duration, duration, instant } from '../time/clock.ts'
import { formatDuration } from '../time/duration.ts'
import { compileCron } from './cron.ts'
import { compileEvery } from './every.ts'
import type { Place } from './fault.ts'
import { DEFAULT_POLICIES, type Policies, withoutDefaults } from './policies.ts'
import type { Timing } from './timing.ts'

/** When a schedule ticks, as its definition says it. */
export type TimingText =
  | { readonly kind: 'cron'; readonly cron: readonly string[] }
  | { readonly kind: 'every'; readonly every: Duration; readonly offset: Duration }
  | { readonly kind: 'manual' }

/** A declared promise to run a job again and again; plain data that survives JSON. */
export type ScheduleDefinition = {
  readonly name: string
  readonly timing: TimingText
  /** The zone of cron readings; of the others, the zone in which their times are shown. */
  readonly tz: string
  readonly job: string
  /** Undefined only where no catalogue was there to tell the queue of the job. */
  readonly queue?: string
  readonly payload?: Json
  readonly description?: string
  readonly enabled: boolean
  /** The environments it runs in; undefined means in each. */
  readonly env?: readonly string[]
  readonly policies: Policies
  readonly source: Place
}

/** What a timing is compiled from; policies move it where they are given. */
export type TimingSource = Pick<ScheduleDefinition, 'name' | 'timing' | 'tz'> & { readonly policies?: Policies }

/**
 * Compiles the timing of a definition; `H` is seeded by the schedule's name, and the grid of `every` begins at `starts`.
 * Ticks before `starts` and after `ends` are not left out here. Throws InvalidCronError, InvalidTimeError.
 */
export function timingOf({ name, timing, tz, policies }: TimingSource): Timing {
  switch (timing.kind) {
    case 'cron':
      return compileCron(timing.cron, tz, { seed: name, ...(policies?.dst ? { dst: policies.dst } : {}) })
    case 'every': {
      const anchor = policies?.starts === undefined ? {} : { anchor: instant(policies.starts) }
      return compileEvery({ every: duration(timing.every), offset: duration(timing.offset), ...anchor })
    }
    case 'manual':
      return timing
  }
}

/** A definition from the JSON in which it is kept; what was applied by a release without policies has those said by default. */
export function definitionOf(text: string): ScheduleDefinition {
  const stored = JSON.parse(text) as Omit<ScheduleDefinition, 'policies'> & { readonly policies?: Partial<Policies> }
  return { ...stored, policies: { ...DEFAULT_POLICIES, ...stored.policies } }
}

/** The timing as people write it: '30 2 * * * Europe/Berlin', 'every 15 min', 'manual'. */
export function timingText({ timing, tz }: Pick<ScheduleDefinition, 'timing' | 'tz'>): string {
  switch (timing.kind) {
    case 'cron':
      return timing.cron
        .map((text) => (text.trim().endsWith(` ${tz}`) ? text.trim() : `${text.trim()} ${tz}`))
        .join(', ')
    case 'every':
      return `every ${formatDuration(timing.every)}${timing.offset > 0 ? ` from ${formatDuration(timing.offset)}` : ''}`
    case 'manual':
      return 'manual'
  }
}

/** Says whether a schedule ticks in an environment (MORROW_ENV). */
export const runsIn = (definition: Pick<ScheduleDefinition, 'enabled' | 'env'>, environment: string): boolean =>
  definition.enabled && (definition.env === undefined || definition.env.includes(environment))

/**
 * A stable hash of all that a definition says, without the place where it says it: equal when nothing has to be applied.
 * What is said by default does not count, so a definition without policies has the hash it had before there were any.
 */
export function fingerprint({ source: _source, policies, ...said }: ScheduleDefinition): string {
  const beside = withoutDefaults(policies)
  return hashOf(Object.keys(beside).length === 0 ? said : { ...said, policies: beside })
}

/**
 * A stable hash of what decides when it ticks and what becomes of its ticks: timing, zone, whether it is enabled, the policies
 * that move or drop ticks, and its name where `H` or `spread` are drawn from it. Equal means that no tick appears, vanishes or moves.
 */
export function timingFingerprint(definition: ScheduleDefinition): string {
  const { name, timing, tz, enabled, policies } = definition
  const { missed, overlap, dst, spread, deadline, starts, ends, limit, exclude } = withoutDefaults(policies)
  const drawn = spread !== undefined || (timing.kind === 'cron' && timing.cron.some(isHashed))
  const zoned = timing.kind === 'cron' || exclude !== undefined
  return hashOf({
    timing: timing.kind === 'cron' ? { ...timing, cron: patternsOf(timing.cron, tz) } : timing,
    tz: zoned ? tz : undefined,
    enabled,
    policies: { missed, overlap, dst, spread, deadline, starts, ends, limit },
    exclude: exclude && {
      dates: [...new Set(exclude.flatMap(({ dates }) => dates))].sort(),
      weekly: [...new Set(exclude.flatMap(({ weekly }) => weekly.map(canonical)))].sort(),
    },
    drawnFrom: drawn ? name : undefined,
  })
}

/** Says whether an expression holds an `H`; a zone such as 'Hongkong' or the day THU is none. */
const isHashed = (text: string): boolean => /(^|[\s,])H($|[\s,(/])/.test(text)

/** The expressions without their order and without the zone that stands beside them anyway. */
const patternsOf = (texts: readonly string[], tz: string): readonly string[] =>
  texts
    .map((text) => text.trim().split(/\s+/))
    .map((words) => (words.at(-1) === tz && words.length > 1 ? words.slice(0, -1) : words).join(' '))
    .sort()

const hashOf = (said: object): string => createHash('sha256').update(canonical(said)).digest('base64url').slice(0, 22)

/** JSON with sorted keys, so that the order in which a map was written does not count. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const entries = Object.entries(value).filter(([, part]) => part !== undefined)
  const sorted = entries.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${sorted.map(([key, part]) => `${JSON.stringify(key)}:${canonical(part)}`).join(',')}}`
}
