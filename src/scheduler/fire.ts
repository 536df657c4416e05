import type { Emit } from '../job/events.ts'
import type { ScheduleDefinition } from '../schedule/definition.ts'
import { planTicks, type TickStep } from '../schedule/tick-plan.ts'
import type { Draw, Drawn } from '../store/firing.ts'
import type { Store } from '../store/store.ts'
import type { DueSchedule } from '../store/stored-schedule.ts'
import { type Duration, duration, instant } from '../time/clock.ts'
import { pausesOf } from '../timetable/apply.ts'
import { drawsOf } from '../timetable/draw.ts'
import { type Compiled, compileAll } from '../timetable/rules.ts'

/** What firing needs. */
export type FireParts = {
  readonly store: Store
  readonly emit: Emit
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

/** Decides on the due ticks of the schedules that feed a queue; answers in how long to look again. */
export async function fireDue(parts: FireParts, queue: string): Promise<Duration | null> {
  const { store } = parts
  const { now, restAt, due } = await store.schedules.due(queue, MOST_DUE)
  if (now > (parts.latest?.() ?? now)) return duration(0)
  if (due.length === 0) return restAt === null ? null : duration(Math.max(0, restAt - now))
  const doing = `reading the schedules of queue ${queue}`
  const compiled = await compileAll(store, queue, due, (error) => parts.emit({ kind: 'error', doing, error }))
  const known = due.flatMap((schedule, index): readonly Known[] => {
    const found = compiled[index]
    return found === undefined ? [] : [{ schedule, compiled: found }]
  })
  const slow: Planned[] = []
  const drawSome = async (some: readonly Known[]): Promise<number> => {
    const all = some.map((each) => plan(parts, queue, each, now))
    slow.push(...all.filter(({ steps }) => steps.length > FEW))
    const quick = all.filter(({ steps }) => steps.length <= FEW)
    return draw(parts, queue, quick)
  }
  const done = await Promise.all(inGroups(known, AT_ONCE).map(drawSome))
  done.push(await draw(parts, queue, slow))
  if (done.some((steps) => steps > 0)) return duration(0)
  return known.length > 0 ? LATER : MUCH_LATER
}

/** A due schedule whose definition could be compiled. */
type Known = { readonly schedule: DueSchedule; readonly compiled: Compiled }

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
