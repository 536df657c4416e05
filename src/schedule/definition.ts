import { createHash } from 'node:crypto'
import type { Json } from '../job/json.ts'
import { type Duration, duration } from '../time/clock.ts'
import { formatDuration } from '../time/duration.ts'
import { compileCron } from './cron.ts'
import { compileEvery } from './every.ts'
import type { Place } from './fault.ts'
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
  readonly source: Place
}

/** Compiles the timing of a definition; `H` is seeded by the schedule's name. Throws InvalidCronError, InvalidTimeError. */
export function timingOf({ name, timing, tz }: Pick<ScheduleDefinition, 'name' | 'timing' | 'tz'>): Timing {
  switch (timing.kind) {
    case 'cron':
      return compileCron(timing.cron, tz, { seed: name })
    case 'every':
      return compileEvery({ every: duration(timing.every), offset: duration(timing.offset) })
    case 'manual':
      return timing
  }
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

/** A stable hash of all that a definition says, without the place where it says it: equal when nothing has to be applied. */
export function fingerprint({ source: _source, ...said }: ScheduleDefinition): string {
  return createHash('sha256').update(canonical(said)).digest('base64url').slice(0, 22)
}

/** JSON with sorted keys, so that the order in which a map was written does not count. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const entries = Object.entries(value).filter(([, part]) => part !== undefined)
  const sorted = entries.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${sorted.map(([key, part]) => `${JSON.stringify(key)}:${canonical(part)}`).join(',')}}`
}
