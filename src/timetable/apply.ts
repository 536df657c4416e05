import { newClient } from '../job/id.ts'
import { definitionOf, fingerprint, type ScheduleDefinition } from '../schedule/definition.ts'
import { countPlanned, dueOf, nextPlanned, previousPlanned, type Rule, ruleOf } from '../schedule/rule.ts'
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

/** What an apply did; `newer` when a later generation has put its own definition in force. */
export type Applied = 'applied' | 'unchanged' | 'newer'

/** Others may be at it too: so often it is tried again with what they left. */
const TRIES = 50

/**
 * Puts a definition in force from now on. What was planned up to now belongs to the definition before it and is settled by
 * that one first; the first tick of the new one is the first after now. A schedule that is new owes nothing from before.
 */
export async function putInForce(hand: Hand, definition: ScheduleDefinition, origin: 'file' | 'api'): Promise<Applied> {
  const queue = definition.queue ?? 'default'
  await hand.store.queue(queue)
  for (let left = TRIES; left > 0; left--) {
    const done = await tryToApply(hand, definition, queue, origin)
    if (done !== 'moved') return done
  }
  throw new Error(`schedule ${definition.name} changed ${TRIES} times while it was applied`)
}

async function tryToApply(
  hand: Hand,
  definition: ScheduleDefinition,
  queue: string,
  origin: 'file' | 'api',
): Promise<Applied | 'moved'> {
  const { schedules } = hand.store
  const home = await homeFor(hand.store, definition, queue)
  const stands = await schedules.read(home)
  if (home.queue !== queue) return moveTo(hand, definition, origin, home, stands, queue)
  return apply(hand, definition, origin, home, stands, {})
}

/** The home of a name; a schedule that had another name before keeps the one it has. */
async function homeFor({ schedules }: Store, { name, policies }: ScheduleDefinition, queue: string): Promise<Home> {
  const home = await schedules.home(name)
  if (home) return home
  const former = policies.was === undefined ? undefined : await schedules.home(policies.was)
  if (former === undefined || policies.was === undefined) return schedules.settle(name, { id: newClient(), queue })
  const settled = await schedules.settle(name, former)
  await schedules.move(policies.was, null)
  return settled
}

/** What a schedule brings along, and from when it goes on. */
type Inherited = { readonly since?: number; readonly brings?: Readonly<Record<string, string | number>> }

async function apply(
  hand: Hand,
  definition: ScheduleDefinition,
  origin: 'file' | 'api',
  home: Home,
  stands: StoredSchedule | undefined,
  { since, brings = {} }: Inherited,
): Promise<Applied | 'moved'> {
  const { store, by, generation, reign, tz } = hand
  const version = fingerprint(definition)
  const inForce = stands !== undefined && stands.version !== ''
  const now = instant(since ?? (await store.inspector.time()))
  const same = inForce && stands.version === version && stands.tz >= tz
  const from = inForce && !same ? await settle(hand, stands, now) : (stands?.nextAt ?? null)
  if (from === 'moved') return from
  const counted = stands?.counted ?? Number(brings['counted'] ?? 0)
  return store.schedules.apply(home, {
    rev: stands?.rev ?? '',
    reign,
    version,
    name: definition.name,
    definition: JSON.stringify(definition),
    origin,
    tz,
    since: now,
    from,
    next: firstAfter(ruleOf(definition), now, definition, counted),
    generation,
    context: contextOf({ generation, version, queue: home.queue }, tz),
    by,
    brings,
  })
}

function firstAfter(
  rule: Rule,
  after: Instant,
  { policies }: ScheduleDefinition,
  counted: number,
): { readonly at: number; readonly dueAt: number } | null {
  if (policies.limit !== undefined && counted >= policies.limit) return null
  const at = nextPlanned(rule, after)
  return at === null ? null : { at, dueAt: dueOf(rule, at) }
}

/** Decides on all ticks that were planned up to an instant, due or not; answers the tick that stands then. */
async function settle(hand: Hand, stands: StoredSchedule, until: Instant): Promise<number | null | 'moved'> {
  const { store, by, tz } = hand
  const compiled = compile(stands.id, stands.version, stands.definition)
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

/**
 * A schedule that feeds another queue than before is retired in the old one first, then goes on in the new one from that
 * instant: a crash in between makes it late, never double.
 */
async function moveTo(
  hand: Hand,
  definition: ScheduleDefinition,
  origin: 'file' | 'api',
  home: Home,
  stands: StoredSchedule | undefined,
  queue: string,
): Promise<Applied | 'moved'> {
  const { schedules } = hand.store
  const heir: Home = { id: home.id, queue }
  const goesOn = stands !== undefined && (stands.version !== '' || stands.heir === queue)
  if (stands !== undefined && stands.version !== '') {
    const retired = await retire(hand, stands, queue)
    if (retired === 'moved' || retired === 'newer') return retired
  }
  const left = await schedules.read(home)
  const there = await schedules.read(heir)
  const inherited = goesOn && left ? { since: left.since, brings: broughtBy(left, home.queue) } : {}
  const applied = await apply(hand, definition, origin, heir, there, inherited)
  if (applied === 'applied' || applied === 'unchanged') await schedules.move(definition.name, heir)
  return applied
}

const broughtBy = (left: StoredSchedule, queue: string): Readonly<Record<string, string | number>> => ({
  made: left.made,
  counted: left.counted,
  open: left.made,
  former: [...new Set([...left.former, queue])].join(' '),
  ...(left.lastPlannedAt === null ? {} : { lastPlannedAt: left.lastPlannedAt }),
  ...(left.lastFiredAt === null ? {} : { lastFiredAt: left.lastFiredAt }),
  ...(left.pauses.length === 0 ? {} : { pauses: JSON.stringify(left.pauses) }),
  ...(left.skips.length === 0 ? {} : { skips: JSON.stringify(left.skips) }),
})

/** Takes a schedule out of force; without an heir what it still owes is recorded as superseded, else it is settled first. */
async function retire(hand: Hand, stands: StoredSchedule, heir: string): Promise<'retired' | 'moved' | 'newer'> {
  const { store, by, generation, reign, tz } = hand
  const now = instant(await store.inspector.time())
  const from = heir === '' ? stands.nextAt : await settle(hand, stands, now)
  if (from === 'moved') return from
  const context = contextOf({ generation, version: stands.version, queue: stands.queue }, tz)
  const owed = heir === '' ? owedBy(stands, now) : null
  const retiring = { rev: stands.rev, reign, since: now, context, by, from, heir, owed }
  const answer = await store.schedules.retire(stands, retiring)
  return answer === 'unknown' ? 'retired' : answer
}

function owedBy(stands: StoredSchedule, now: Instant): { first: number; last: number; count: number } | null {
  const { nextAt } = stands
  if (nextAt === null || nextAt > now) return null
  const { rule } = compile(stands.id, stands.version, stands.definition)
  const first = instant(nextAt)
  const last = Math.max(first, previousPlanned(rule, instant(now + 1)) ?? first)
  return { first, last, count: 1 + countPlanned(rule, instant(first + 1), instant(now + 1)) }
}

/** What becomes of the jobs of a removed schedule that wait. */
export type Pending = 'cancel' | 'keep'

/** Takes a schedule out of force; its name keeps its home, so that it is the same one if it comes back. */
export async function withdraw(hand: Hand, name: string, pending: Pending): Promise<'withdrawn' | 'unknown' | 'newer'> {
  const { schedules } = hand.store
  for (let left = TRIES; left > 0; left--) {
    const home = await schedules.home(name)
    const stands = home && (await schedules.read(home))
    if (!home || !stands || stands.version === '') return 'unknown'
    const answer = await retire(hand, stands, '')
    if (answer === 'newer') return answer
    if (answer === 'moved') continue
    if (pending === 'cancel') await schedules.callOff(home)
    return 'withdrawn'
  }
  throw new Error(`schedule ${name} changed ${TRIES} times while it was withdrawn`)
}

/** The definition that is in force. */
export const inForce = (stands: StoredSchedule): ScheduleDefinition => definitionOf(stands.definition)
