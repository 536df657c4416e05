import { type Instant, instant } from '../time/clock.ts'
import { DAY, HOUR, MINUTE } from '../time/duration.ts'
import type { ScheduleDefinition } from './definition.ts'
import type { FileFinding, PlaceOf } from './file-finding.ts'
import { dueOf, nextPlanned, type Rule, ruleOf } from './rule.ts'

/** So many schedules that are due at one instant are a crowd. */
const CROWD = 10
/** How many ticks of all schedules are looked at, and of each at least and at most. */
const BUDGET = 500_000
const LEAST_EACH = 24
const MOST_EACH = 1_440
const MOST_NAMED = 3

type Member = { readonly definition: ScheduleDefinition; readonly rule: Rule }

/** Schedules that are due at the same instant of the day after `from` as many others, each told once, at its fullest. Pure. */
export function lintCrowds(
  schedules: readonly ScheduleDefinition[],
  from: Instant,
  placeOf: PlaceOf,
): readonly FileFinding[] {
  if (schedules.length < CROWD) return []
  const members = schedules.map((definition): Member => ({ definition, rule: ruleOf(definition) }))
  const crowds = [...dueAt(members, from)].filter(([, those]) => those.length >= CROWD)
  const told = new Set<Member>()
  return crowds
    .sort(([at, some], [other, more]) => more.length - some.length || at - other)
    .flatMap(([at, those]): readonly FileFinding[] => {
      const fresh = those.filter((member) => !told.has(member))
      if (fresh.length < CROWD) return []
      for (const member of fresh) told.add(member)
      return [findingOf(instant(at), those, from, placeOf)]
    })
}

function dueAt(members: readonly Member[], from: Instant): ReadonlyMap<number, Member[]> {
  const most = Math.max(LEAST_EACH, Math.min(MOST_EACH, Math.floor(BUDGET / members.length)))
  const found = new Map<number, Member[]>()
  for (const member of members) {
    let at = nextPlanned(member.rule, from)
    for (let seen = 0; at !== null && at <= from + DAY && seen < most; at = nextPlanned(member.rule, at), seen++) {
      if (member.rule.excludes?.(at)) continue
      const due = dueOf(member.rule, at)
      const there = found.get(due)
      if (there === undefined) found.set(due, [member])
      else there.push(member)
    }
  }
  return found
}

function findingOf(at: Instant, those: readonly Member[], from: Instant, placeOf: PlaceOf): FileFinding {
  const sorted = those.map(({ definition }) => definition).sort(inOrder)
  const names = sorted.slice(0, MOST_NAMED).map(({ name }) => name)
  const more = those.length > MOST_NAMED ? ` and ${those.length - MOST_NAMED} more` : ''
  const [first = those[0]?.definition] = sorted
  const place = first === undefined ? { file: '', line: 0, column: 0 } : placeOf(first, 'cron')
  return {
    ...place,
    severity: 'warning',
    code: 'crowded-instant',
    message: `${those.length} schedules are due at one instant, ${new Date(at).toISOString().replace('.000Z', 'Z')}: ${names.join(', ')}${more}`,
    fix: `write spread: ${spreadFor(those, from)} in them or in defaults: each is put off by a share of its own`,
  }
}

const inOrder = ({ source: a }: ScheduleDefinition, { source: b }: ScheduleDefinition): number =>
  a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1

/** A spread that is small beside the shortest period among them. */
function spreadFor(those: readonly Member[], from: Instant): string {
  const periods = those.map(({ rule }) => {
    const first = nextPlanned(rule, from)
    const second = first === null ? null : nextPlanned(rule, first)
    return first === null || second === null ? DAY : second - first
  })
  const least = Math.min(...periods)
  if (least >= 2 * HOUR) return '10m'
  if (least >= 30 * MINUTE) return '5m'
  return least >= 5 * MINUTE ? '1m' : '20s'
}
