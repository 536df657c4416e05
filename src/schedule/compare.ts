import type { Instant } from '../time/clock.ts'
import { DAY } from '../time/duration.ts'
import { readingAt, type Zone, zoneOf } from '../time/zone.ts'
import { fingerprint, type ScheduleDefinition, timingFingerprint } from './definition.ts'
import { dueOf, nextPlanned, ruleOf } from './rule.ts'

/** A tick that is due at another instant than before, on the same day of the schedule's zone. */
export type MovedTick = { readonly from: Instant; readonly to: Instant }

/** What becomes of the ticks of the next days; `all` is false when there are too many to look at each. */
export type TickChanges = {
  readonly appear: readonly Instant[]
  readonly vanish: readonly Instant[]
  readonly move: readonly MovedTick[]
  readonly all: boolean
}

/** What an apply would do to one schedule. */
export type ScheduleChange = {
  readonly name: string
  readonly kind: 'added' | 'changed' | 'removed' | 'renamed' | 'unchanged'
  /** The name it had; of one that is added, the removed one that it looks like. */
  readonly was: string | null
  /** The keys that say something else than before. */
  readonly fields: readonly string[]
  readonly ticks: TickChanges
}

/** How many days ahead ticks are compared, and how many of a schedule at most. */
export const DAYS_AHEAD = 7
const MOST_TICKS = 20_000

const NONE: TickChanges = { appear: [], vanish: [], move: [], all: true }

/** Compares what is in force with what shall be, from an instant on; sorted by name, unchanged ones included. Pure. */
export function compareSchedules(
  before: readonly ScheduleDefinition[],
  after: readonly ScheduleDefinition[],
  from: Instant,
): readonly ScheduleChange[] {
  const old = new Map(before.map((each) => [each.name, each]))
  const fresh = new Map(after.map((each) => [each.name, each]))
  const renamed = new Set(after.flatMap(({ name, policies: { was } }) => (was && !old.has(name) ? [was] : [])))
  const gone = before.filter(({ name }) => !fresh.has(name) && !renamed.has(name))
  const changes = after.map((definition): ScheduleChange => {
    const { name, policies } = definition
    const former = old.get(name) ?? (policies.was === undefined ? undefined : old.get(policies.was))
    if (former === undefined) return added(definition, gone, from)
    const same = fingerprint(former) === fingerprint(definition)
    const kind = former.name !== name ? 'renamed' : same ? 'unchanged' : 'changed'
    const was = former.name === name ? null : former.name
    return { name, kind, was, fields: fieldsThatDiffer(former, definition), ticks: ticksOf(former, definition, from) }
  })
  const removed = gone.map(
    (definition): ScheduleChange => ({
      name: definition.name,
      kind: 'removed',
      was: null,
      fields: [],
      ticks: ticksOf(definition, undefined, from),
    }),
  )
  return [...changes, ...removed].sort((a, b) => (a.name < b.name ? -1 : 1))
}

function added(definition: ScheduleDefinition, gone: readonly ScheduleDefinition[], from: Instant): ScheduleChange {
  const alike = gone.find((other) => fingerprint({ ...other, name: '' }) === fingerprint({ ...definition, name: '' }))
  const ticks = ticksOf(undefined, definition, from)
  return { name: definition.name, kind: 'added', was: alike?.name ?? null, fields: [], ticks }
}

/** The keys of a definition that differ, as they are written in a file. */
function fieldsThatDiffer(before: ScheduleDefinition, after: ScheduleDefinition): readonly string[] {
  const parts = ({ source: _source, policies, timing, ...rest }: ScheduleDefinition): Record<string, unknown> => ({
    ...rest,
    ...policies,
    ...(timing.kind === 'manual' ? { manual: true } : timing),
    kind: undefined,
  })
  const [old, fresh] = [parts(before), parts(after)]
  const keys = [...new Set([...Object.keys(old), ...Object.keys(fresh)])]
  return keys.filter((key) => JSON.stringify(old[key]) !== JSON.stringify(fresh[key])).sort()
}

function ticksOf(
  before: ScheduleDefinition | undefined,
  after: ScheduleDefinition | undefined,
  from: Instant,
): TickChanges {
  if (before && after && timingFingerprint(before) === timingFingerprint(after)) return NONE
  const [old, fresh] = [duesOf(before, from), duesOf(after, from)]
  const end = Math.min(old.until, fresh.until)
  const within = (dues: readonly Instant[]): readonly Instant[] => dues.filter((due) => due <= end)
  const [had, has] = [new Set(old.dues), new Set(fresh.dues)]
  const zone = zoneOf((after ?? before)?.tz ?? 'UTC')
  const vanish = within(old.dues).filter((due) => !has.has(due))
  const appear = within(fresh.dues).filter((due) => !had.has(due))
  return { ...paired(vanish, appear, zone), all: old.all && fresh.all }
}

type Dues = { readonly dues: readonly Instant[]; readonly until: number; readonly all: boolean }

/** When the ticks of the next days are due, without those that a calendar excludes. */
function duesOf(definition: ScheduleDefinition | undefined, from: Instant): Dues {
  const until = from + DAYS_AHEAD * DAY
  if (definition === undefined) return { dues: [], until, all: true }
  const rule = ruleOf(definition)
  const dues: Instant[] = []
  let at = nextPlanned(rule, from)
  for (let seen = 0; at !== null && at <= until; at = nextPlanned(rule, at), seen++) {
    if (seen === MOST_TICKS) return { dues, until: dues.at(-1) ?? from, all: false }
    if (!rule.excludes?.(at)) dues.push(dueOf(rule, at))
  }
  return { dues, until, all: true }
}

/** A tick that vanishes and one that appears on the same day are one that moves. */
function paired(vanish: readonly Instant[], appear: readonly Instant[], zone: Zone): Omit<TickChanges, 'all'> {
  const dayOf = (at: Instant): number => Math.floor(readingAt(zone, at) / DAY)
  const days = new Map<number, Instant[]>()
  for (const at of appear) days.set(dayOf(at), [...(days.get(dayOf(at)) ?? []), at])
  const move: MovedTick[] = []
  const left = vanish.filter((at) => {
    const to = days.get(dayOf(at))?.shift()
    if (to !== undefined) move.push({ from: at, to })
    return to === undefined
  })
  return {
    vanish: left,
    appear: [...days.values()].flat().sort((a, b) => a - b),
    move,
  }
}
