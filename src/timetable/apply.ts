import { definitionOf, fingerprint, type ScheduleDefinition } from '../schedule/definition.ts'
import { dueOf, nextPlanned, type Rule, ruleOf } from '../schedule/rule.ts'
import type { Home, StoredSchedule } from '../store/stored-schedule.ts'
import { type Instant, instant } from '../time/clock.ts'
import { contextOf } from './draw.ts'
import { giveUpName, locate, locateOrSettle, note } from './locate.ts'
import { bar, type Hand, redirect, retire, settle } from './retire.ts'
import { isToGoOn, type Standing } from './standing.ts'

export { type Hand, pausesOf } from './retire.ts'

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
  const { store } = hand
  const located = await locateOrSettle(store, definition, queue)
  if (located === undefined || !(await note(store, definition.name, located))) return 'moved'
  const { home } = located
  const { name, policies } = definition
  const answer =
    home.queue === queue
      ? await goOn(hand, definition, origin, located)
      : await moveTo(hand, definition, origin, located, queue)
  if (answer !== 'applied' && answer !== 'unchanged') return answer
  if (home.queue !== queue) await store.schedules.rehome(name, home, { id: home.id, queue })
  if (policies.was !== undefined && policies.was !== name) await giveUpName(store, policies.was, home)
  return answer
}

/** What a schedule brings along, and from when it goes on: from now unless said. */
type Inherited = { readonly since?: number; readonly brings?: Readonly<Record<string, string | number>> }

/** Puts a definition in force where it stands, or new; `moved` when that has changed since it was read. */
export async function applyTo(
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
  const counted = Number(brings['counted'] ?? stands?.counted ?? 0)
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
    // What has this revision has this version and goes on as it does.
    next: same ? null : firstAfter(ruleOf(definition), now, definition, counted),
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

/** In the queue where it is; a move to another one that was broken off is taken back, and it owes what was due meanwhile. */
async function goOn(
  hand: Hand,
  definition: ScheduleDefinition,
  origin: 'file' | 'api',
  { home, stands }: Standing,
): Promise<Applied | 'moved'> {
  if (!isToGoOn(stands)) return applyTo(hand, definition, origin, home, stands, {})
  const barred = await bar(hand, { id: home.id, queue: stands.heir })
  if (barred !== 'barred') return barred
  const former = [...new Set([...stands.former, stands.heir])].join(' ')
  return applyTo(hand, definition, origin, home, stands, { since: stands.since, brings: { former } })
}

/**
 * A schedule that feeds another queue than before is retired in the old one first, then goes on in the new one from that
 * instant: a crash in between makes it late, never double.
 */
async function moveTo(
  hand: Hand,
  definition: ScheduleDefinition,
  origin: 'file' | 'api',
  { home, stands }: Standing,
  queue: string,
): Promise<Applied | 'moved'> {
  const { schedules } = hand.store
  const heir: Home = { id: home.id, queue }
  const answer = stands === undefined ? 'retired' : await leave(hand, stands, queue)
  if (answer !== 'retired') return answer
  const [left, there] = [await schedules.read(home), await schedules.read(heir)]
  if (left === undefined || (there !== undefined && there.version !== ''))
    return applyTo(hand, definition, origin, heir, there, {})
  if (!isToGoOn(left) || left.heir !== queue) return 'moved'
  return applyTo(hand, definition, origin, heir, there, { since: left.since, brings: broughtBy(left, there) })
}

/** Takes it out of force where it is, to go on in another queue; what was on its way to a third one goes there instead. */
async function leave(hand: Hand, stands: StoredSchedule, queue: string): Promise<'retired' | 'moved' | 'newer'> {
  if (stands.version !== '') return retire(hand, stands, queue)
  if (!isToGoOn(stands)) return redirect(hand, stands, queue)
  if (stands.heir === queue) return 'retired'
  const barred = await bar(hand, { id: stands.id, queue: stands.heir })
  return barred === 'barred' ? redirect(hand, stands, queue) : barred
}

/**
 * Pauses and ticks called off are said also when there are none: what stood there long ago may have had some. Runs that it made
 * where it was may not have ended: nobody has asked yet. Where it has been before, its first run that has not ended is known.
 */
const broughtBy = (
  left: StoredSchedule,
  there: StoredSchedule | undefined,
): Readonly<Record<string, string | number>> => ({
  made: left.made,
  counted: left.counted,
  ...(there === undefined || there.name === '' ? { open: left.made } : {}),
  behind: '?',
  former: [...new Set([...left.former, left.queue])].join(' '),
  ...(left.lastPlannedAt === null ? {} : { lastPlannedAt: left.lastPlannedAt }),
  ...(left.lastFiredAt === null ? {} : { lastFiredAt: left.lastFiredAt }),
  pauses: left.pauses.length === 0 ? '' : JSON.stringify(left.pauses),
  skips: left.skips.length === 0 ? '' : JSON.stringify(left.skips),
  calledOff: left.calledOff.length === 0 ? '' : JSON.stringify(left.calledOff),
})

/** What becomes of the jobs of a removed schedule that wait. */
export type Pending = 'cancel' | 'keep'

/** Takes a schedule out of force; its name keeps its home, so that it is the same one if it comes back. */
export async function withdraw(hand: Hand, name: string, pending: Pending): Promise<'withdrawn' | 'unknown' | 'newer'> {
  const { schedules } = hand.store
  for (let left = TRIES; left > 0; left--) {
    const located = await locate(hand.store, name)
    const { noted, home, stands } = located ?? {}
    if (!noted || !home || !stands || (stands.version === '' && !isToGoOn(stands))) return 'unknown'
    // The jobs first: who stops in between leaves it in force, for the next one to do it again; a tick that fires meanwhile is `moved`.
    const queues = pending === 'cancel' && stands.reign <= hand.reign ? new Set([home.queue, ...stands.former]) : []
    for (const queue of queues) await schedules.callOff({ id: home.id, queue }, { reign: hand.reign })
    const answer = await leave(hand, stands, '')
    if (answer === 'newer') return answer
    if (answer === 'moved') continue
    return 'withdrawn'
  }
  throw new Error(`schedule ${name} changed ${TRIES} times while it was withdrawn`)
}

/** The definition that is in force. */
export const inForce = (stands: StoredSchedule): ScheduleDefinition => definitionOf(stands.definition)
