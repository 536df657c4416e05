import { countPlanned, previousPlanned } from '../schedule/rule.ts'
import { planTicks } from '../schedule/tick-plan.ts'
import type { Store } from '../store/store.ts'
import type { Home, StoredSchedule } from '../store/stored-schedule.ts'
import { type Instant, instant } from '../time/clock.ts'
import { contextOf, drawsOf } from './draw.ts'
import { compile } from './rules.ts'

/** Who changes schedules, in the name of which generation of files, and with which time-zone data. */
export type Hand = {
  readonly store: Store
  /** The process that does it, as the ledger names it. */
  readonly by: string
  readonly generation: string
  /** Grows each time another generation takes over: an older one changes nothing any more. */
  readonly reign: number
  readonly tz: string
}

/** Decides on all ticks that were planned up to an instant, due or not; answers the tick that stands then. */
export async function settle(hand: Hand, stands: StoredSchedule, until: Instant): Promise<number | null | 'moved'> {
  const { store, by, tz } = hand
  const compiled = compile(stands.id, stands.version, stands.definition)
  if (stands.behind !== '') await store.schedules.admit(stands)
  for (let cursor = stands.nextAt; cursor !== null; ) {
    const { pauses, skips } = pausesOf(stands)
    const plan = planTicks(compiled.rule, { cursor: instant(cursor), now: until, until, pauses, skips })
    if (plan.steps.length === 0) return cursor
    const draws = drawsOf({ ...stands, nextAt: cursor }, compiled, plan, { tz, early: true })
    for (const draw of draws) {
      const [drawn] = await store.schedules.fire(stands.queue, by, [draw])
      if (drawn?.kind !== 'fired') return 'moved'
      cursor = draw.next?.at ?? null
    }
  }
  return null
}

/** Pauses and ticks called off as instants. */
export const pausesOf = ({ pauses, skips }: Pick<StoredSchedule, 'pauses' | 'skips'>) => ({
  pauses: pauses.map(({ since, until }) => ({ since: instant(since), until: until === null ? null : instant(until) })),
  skips: skips.map(instant),
})

/** Takes a schedule out of force; without an heir what it still owes is recorded as superseded, else it is settled first. */
export async function retire(hand: Hand, stands: StoredSchedule, heir: string): Promise<'retired' | 'moved' | 'newer'> {
  const { store, by, generation, reign, tz } = hand
  const now = instant(await store.inspector.time())
  const from = heir === '' ? stands.nextAt : await settle(hand, stands, now)
  if (from === 'moved') return from
  const context = contextOf({ generation, version: stands.version, queue: stands.queue }, tz)
  const owed = heir === '' ? owedBy(stands, now) : null
  const retiring = { rev: stands.rev, reign, since: now, context, by, from, heir, owed }
  const answer = await store.schedules.retire(stands, retiring)
  return answer === 'unknown' ? 'moved' : answer
}

function owedBy(stands: StoredSchedule, now: Instant): { first: number; last: number; count: number } | null {
  const { nextAt } = stands
  if (nextAt === null || nextAt > now) return null
  const { rule } = compile(stands.id, stands.version, stands.definition)
  const first = instant(nextAt)
  const last = Math.max(first, previousPlanned(rule, instant(now + 1)) ?? first)
  return { first, last, count: 1 + countPlanned(rule, instant(first + 1), instant(now + 1)) }
}

/**
 * Bars those of an earlier generation from putting a schedule in force in a queue, so that one who wakes up in the middle of
 * its move there does not make it tick in two.
 */
export async function bar(hand: Hand, home: Home): Promise<'barred' | 'moved' | 'newer'> {
  const answer = await goElsewhere(hand, home, '', '')
  return answer === 'unknown' ? 'barred' : answer === 'newer' ? answer : 'moved'
}

/** Names the queue in which a schedule that is out of force goes on; none ('') if it does not. */
export async function redirect(
  hand: Hand,
  stands: StoredSchedule,
  heir: string,
): Promise<'retired' | 'moved' | 'newer'> {
  const answer = await goElsewhere(hand, stands, stands.rev, heir)
  return answer === 'unknown' ? 'moved' : answer
}

async function goElsewhere({ store, by, reign }: Hand, home: Home, rev: string, heir: string) {
  const since = await store.inspector.time()
  return store.schedules.retire(home, { rev, reign, since, context: '', by, from: null, heir, owed: null })
}
