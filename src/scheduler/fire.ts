import type { Emit } from '../job/events.ts'
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
  /** Called with each schedule whose ledger has grown. */
  readonly onTold?: (schedule: string, entries: number) => void
}

/** How many due schedules one turn looks at. */
const MOST_DUE = 250
/** Schedules with more to decide on than this come after the others: what is caught up delays no live tick. */
const FEW = 12
/** After a turn in which others did everything, and after one in which nothing could be done. */
const LATER = duration(20)
const MUCH_LATER = duration(5_000)

/** Decides on the due ticks of the schedules that feed a queue; answers in how long to look again. */
export async function fireDue(parts: FireParts, queue: string): Promise<Duration | null> {
  const { store } = parts
  const { now, restAt, due } = await store.schedules.due(queue, MOST_DUE)
  if (due.length === 0) return restAt === null ? null : duration(Math.max(0, restAt - now))
  const doing = `reading the schedules of queue ${queue}`
  const compiled = await compileAll(store, queue, due, (error) => parts.emit({ kind: 'error', doing, error }))
  const all = due.flatMap((schedule, index) => {
    const known = compiled[index]
    return known === undefined ? [] : [plan(parts, queue, schedule, known, now)]
  })
  const rows = [all.filter(({ steps }) => steps.length <= FEW), all.filter(({ steps }) => steps.length > FEW)]
  let done = 0
  for (const row of rows) done += await draw(parts, queue, row)
  if (done > 0) return duration(0)
  return all.length > 0 ? LATER : MUCH_LATER
}

/** What is planned for one schedule. */
type Planned = { readonly name: string; readonly steps: readonly TickStep[]; readonly draws: readonly Draw[] }

function plan({ tz }: FireParts, queue: string, schedule: DueSchedule, compiled: Compiled, now: number): Planned {
  const standing = { cursor: instant(schedule.nextAt), now: instant(now), ...pausesOf(schedule) }
  const planned = planTicks(compiled.rule, standing)
  const draws = drawsOf({ ...schedule, queue }, compiled, planned, { tz })
  return { name: compiled.definition.name, steps: planned.steps, draws }
}

/** Draws what was planned; who comes second finds that the schedule has moved on. Answers how many steps were drawn. */
async function draw(parts: FireParts, queue: string, planned: readonly Planned[]): Promise<number> {
  const draws = planned.flatMap((each) => each.draws)
  if (draws.length === 0) return 0
  const answers = await parts.store.schedules.fire(queue, parts.id, draws)
  let done = 0
  let index = 0
  for (const { name, draws } of planned) {
    for (const draw of draws) {
      const drawn = answers[index++]
      if (drawn?.kind !== 'fired') continue
      done += draw.steps.length
      tell(parts, queue, name, draw, drawn)
      parts.onTold?.(draw.id, draw.steps.length)
    }
  }
  return done
}

function tell({ emit }: FireParts, queue: string, schedule: string, draw: Draw, drawn: Drawn): void {
  let job = 0
  for (const step of draw.steps) {
    if (step.kind === 'rest') {
      emit({ kind: 'tick.skipped', schedule, plannedAt: new Date(step.last), reason: step.fate, count: step.count })
      continue
    }
    const made = drawn.kind === 'fired' ? drawn.jobs[job++] : undefined
    const plannedAt = new Date(step.plannedAt)
    if (made === undefined) return
    if (made.id === null) emit({ kind: 'tick.skipped', schedule, plannedAt, reason: made.fate, count: 1 })
    else emit({ kind: 'tick.fired', schedule, plannedAt, standsFor: step.standsFor, id: made.id, queue })
  }
}
