import type { Emit } from '../job/events.ts'
import type { ScheduleDefinition } from '../schedule/definition.ts'
import { dueOf } from '../schedule/rule.ts'
import { planTicks, type TickStep } from '../schedule/tick-plan.ts'
import { type Draw, type Drawn, wired } from '../store/firing.ts'
import type { Store } from '../store/store.ts'
import type { DueSchedule, DueSchedules } from '../store/stored-schedule.ts'
import { type Clock, type Duration, duration, instant } from '../time/clock.ts'
import { pausesOf } from '../timetable/apply.ts'
import { drawsOf } from '../timetable/draw.ts'
import { type Compiled, compileAll } from '../timetable/rules.ts'
import { openAhead } from './ahead.ts'

/** What firing needs. */
export type FireParts = {
  readonly store: Store
  readonly emit: Emit
  readonly clock: Pick<Clock, 'monotonic'>
  /** Names this scheduler in the ledger. */
  readonly id: string
  /** The version of its time-zone data. */
  readonly tz: string
  /** What Redis' clock says at most unless it has leapt. */
  readonly latest?: () => number | null
  /** Called with each schedule whose ledger has grown. */
  readonly onTold?: (schedule: string, entries: number) => void
}

/** How many due schedules one turn looks at: a job that falls due meanwhile waits for its end. */
const MOST_DUE = 125
/** So many are planned and sent at once: Redis draws them while the next ones are planned. */
const AT_ONCE = 25
/** Schedules with more to decide on than this come after the others: what is caught up delays no live tick. */
const FEW = 12
/** After a turn in which others did everything, and after one in which nothing could be done. */
const LATER = duration(20)
const MUCH_LATER = duration(5_000)
/** Ticks are planned so long before they are due, so many in a turn and at most so many in all; a look comes every 5 s at least. */
const AHEAD = duration(7_500)
const MOST_COMING = 50
const MOST_AHEAD = 10_000

/** Decides on the ticks of a queue's schedules that are due, and plans those that soon are; answers in how long to look again. */
export function openFiring(parts: FireParts, queue: string): () => Promise<Duration | null> {
  const { store, clock } = parts
  const ahead = openAhead<readonly Planned[]>(clock)
  let passed = 0
  return async () => {
    const ripe = ahead.take(MOST_DUE)
    if (ripe.length > 0) {
      await draw(parts, queue, ripe.flat())
      return duration(0)
    }
    const looked = ahead.size() < MOST_AHEAD ? AHEAD : duration(0)
    const seen = await store.schedules.due(queue, MOST_DUE, {
      ahead: looked,
      coming: MOST_COMING,
      passed,
      known: ahead.size(),
    })
    const began = clock.monotonic() - seen.now
    if (isAmiss(parts, seen)) return duration(0)
    if (seen.due.length > 0) {
      const fired = await fireSome(parts, queue, seen)
      passed = seen.due.length === MOST_DUE ? passed + fired.left : 0
      return seen.due.length === MOST_DUE ? duration(0) : fired.rest
    }
    for (const { planned, dueAt } of await planComing(parts, queue, seen)) ahead.put(planned, began + dueAt)
    const rest = restOf(seen, passed > 0)
    passed = 0
    return seen.coming.length === MOST_COMING ? duration(0) : rest
  }
}

/** A clock that has leapt is asked about before anything is done by it. */
const isAmiss = ({ latest }: FireParts, { now }: DueSchedules): boolean => now > (latest?.() ?? now)

function restOf({ restAt, now }: DueSchedules, isStuck: boolean): Duration | null {
  if (restAt === null) return isStuck ? MUCH_LATER : null
  return duration(Math.min(isStuck ? MUCH_LATER : Infinity, Math.max(0, restAt - now)))
}

/** What came of a turn: how many stay where they were, and in how long to look again. */
type Fired = { readonly left: number; readonly rest: Duration }

async function fireSome(parts: FireParts, queue: string, { now, due }: DueSchedules): Promise<Fired> {
  const known = await compiledOf(parts, queue, due)
  const slow: Planned[] = []
  let idle = due.length - known.length
  const drawSome = async (some: readonly Known[]): Promise<number> => {
    const all = some.map((each) => plan(parts, queue, each, now))
    idle += all.filter(({ draws }) => draws.length === 0).length
    slow.push(...all.filter(({ steps }) => steps.length > FEW))
    const quick = all.filter(({ steps }) => steps.length <= FEW)
    return draw(parts, queue, quick)
  }
  const done = await Promise.all(inGroups(known, AT_ONCE).map(drawSome))
  done.push(await draw(parts, queue, slow))
  if (done.some((steps) => steps > 0)) return { left: idle, rest: duration(0) }
  return { left: idle, rest: idle < due.length ? LATER : dueLater(known, now) }
}

/** What other time-zone data has stored may be due before it is by ours. */
function dueLater(known: readonly Known[], now: number): Duration {
  const dues = known.map(({ schedule, compiled }) => dueOf(compiled.rule, instant(schedule.nextAt)) - now)
  return duration(Math.max(LATER, Math.min(MUCH_LATER, ...dues)))
}

/** A due schedule whose definition could be compiled. */
type Known = { readonly schedule: DueSchedule; readonly compiled: Compiled }

async function compiledOf(
  { store, emit }: FireParts,
  queue: string,
  schedules: readonly DueSchedule[],
): Promise<readonly Known[]> {
  const doing = `reading the schedules of queue ${queue}`
  const compiled = await compileAll(store, queue, schedules, (error) => emit({ kind: 'error', doing, error }))
  return schedules.flatMap((schedule, index): readonly Known[] => {
    const found = compiled[index]
    return found === undefined ? [] : [{ schedule, compiled: found }]
  })
}

const inGroups = <Item>(all: readonly Item[], size: number): readonly (readonly Item[])[] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, n) => all.slice(n * size, (n + 1) * size))

/** What is planned for one schedule. */
type Planned = {
  readonly definition: ScheduleDefinition
  readonly steps: readonly TickStep[]
  readonly draws: readonly Draw[]
}

function plan({ tz }: FireParts, queue: string, { schedule, compiled }: Known, now: number): Planned {
  const standing = { cursor: instant(schedule.nextAt), now: instant(now), ...pausesOf(schedule) }
  const planned = planTicks(compiled.rule, standing)
  const draws = drawsOf({ ...schedule, queue }, compiled, planned, { tz })
  return { definition: compiled.definition, steps: planned.steps, draws }
}

/**
 * Plans the ticks that soon are due as they will stand then. What changes until then refuses the plan: a pause, another
 * definition, another scheduler; and so does a clock by which it is too early, or so late that the tick is missed. One of which
 * nothing can be planned takes its place in the row all the same: it is not looked at again before it is due.
 */
async function planComing(
  parts: FireParts,
  queue: string,
  { coming }: DueSchedules,
): Promise<readonly { readonly planned: readonly Planned[]; readonly dueAt: number }[]> {
  const known = new Map((await compiledOf(parts, queue, coming)).map((each) => [each.schedule, each]))
  return coming.map((schedule) => {
    const found = known.get(schedule)
    // Whether its run in a queue that it fed before has ended is asked when it is due, not before.
    if (found === undefined || schedule.isBehind) return { dueAt: schedule.dueAt, planned: [] }
    const dueAt = Math.max(schedule.dueAt, dueOf(found.compiled.rule, instant(schedule.nextAt)))
    const planned = plan(parts, queue, found, dueAt)
    const draws = planned.draws.map((each) => wired({ ...each, ripeAt: dueAt }, parts.id))
    return { dueAt, planned: [{ ...planned, draws }] }
  })
}

/** Draws what was planned; who comes second finds that the schedule has moved on. Answers how many steps were drawn. */
async function draw(parts: FireParts, queue: string, planned: readonly Planned[]): Promise<number> {
  const draws = planned.flatMap((each) => each.draws)
  if (draws.length === 0) return 0
  const answers = await parts.store.schedules.fire(queue, parts.id, draws)
  let done = 0
  let index = 0
  for (const { definition, draws } of planned) {
    for (const draw of draws) {
      const drawn = answers[index++]
      if (drawn?.kind !== 'fired') continue
      done += draw.steps.length
      tell(parts, queue, definition, draw, drawn)
      parts.onTold?.(draw.id, draw.steps.length)
    }
  }
  return done
}

function tell({ emit }: FireParts, queue: string, definition: ScheduleDefinition, draw: Draw, drawn: Drawn): void {
  if (drawn.kind !== 'fired') return
  const { name: schedule, policies } = definition
  const budget = policies.lateness === undefined ? {} : { budgetMs: policies.lateness.p99 }
  let job = 0
  for (const step of draw.steps) {
    if (step.kind === 'rest') {
      emit({ kind: 'tick.skipped', schedule, plannedAt: new Date(step.last), reason: step.fate, count: step.count })
      continue
    }
    const made = drawn.jobs[job++]
    const plannedAt = new Date(step.plannedAt)
    if (made === undefined) return
    if (made.id === null) emit({ kind: 'tick.skipped', schedule, plannedAt, reason: made.fate, count: 1 })
    else {
      const lateMs = Math.max(0, drawn.at - ('at' in step.due ? step.due.at : (step.due.since ?? step.plannedAt)))
      const { fate, standsFor } = step
      emit({ kind: 'tick.fired', schedule, plannedAt, fate, lateMs, ...budget, standsFor, id: made.id, queue })
    }
  }
}
