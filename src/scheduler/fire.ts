import type { Emit } from '../job/events.ts'
import { encodeRecord, type TickMark } from '../job/record.ts'
import { type ScheduleDefinition, timingOf } from '../schedule/definition.ts'
import { dueTicks } from '../schedule/due-ticks.ts'
import type { Timing } from '../schedule/timing.ts'
import type { StoredSchedule } from '../store/schedules.ts'
import type { Store } from '../store/store.ts'
import { type Duration, duration, instant } from '../time/clock.ts'

/** What firing needs. */
export type FireParts = { readonly store: Store; readonly emit: Emit }

type Compiled = { readonly definition: ScheduleDefinition; readonly timing: Timing }

const MOST_COMPILED = 20_000
const compiled = new Map<string, Compiled>()

/** Fires every due tick of the schedules that feed a queue; answers in how long the next one is due. */
export async function fireDue({ store, emit }: FireParts, queue: string): Promise<Duration | null> {
  const now = await store.inspector.time()
  const { due, nextAt } = await store.schedules.due(queue, now)
  for (const schedule of due) await fire({ store, emit }, schedule, now)
  return due.length > 0 ? duration(0) : nextAt === null ? null : duration(nextAt - now)
}

/** Each tick is one script, which moves on from the cursor it was planned for: who comes second finds that it has moved. */
async function fire({ store, emit }: FireParts, schedule: StoredSchedule, now: number): Promise<void> {
  const { definition, timing } = compile(schedule)
  const plan = dueTicks(timing, instant(schedule.nextAt ?? now), instant(now))
  let cursor = schedule.nextAt ?? now
  if (plan.skipped) {
    const { first, last, count } = plan.skipped
    const next = plan.fires[0]?.plannedAt ?? plan.next
    const entry = `skipped:missed ${first} ${last} ${count}`
    const skipped = { cursor, version: schedule.version, dueAt: first, next, record: '', entry }
    if ((await store.schedules.fire(schedule.queue, schedule.id, skipped)).kind !== 'fired') return
    emit({ kind: 'tick.skipped', schedule: schedule.name, plannedAt: new Date(last), reason: 'missed' })
    cursor = next ?? cursor
  }
  for (const { plannedAt, standsFor, previousAt, next } of plan.fires) {
    const tick: TickMark = { schedule: schedule.name, plannedAt, standsFor, previousAt }
    const fired = await store.schedules.fire(schedule.queue, schedule.id, {
      cursor,
      version: schedule.version,
      dueAt: plannedAt,
      next,
      ...recordOf(definition, tick),
      entry: `${standsFor > 1 ? 'coalesced' : 'fired'} ${plannedAt} ${plannedAt} ${standsFor}`,
    })
    if (fired.kind !== 'fired') return
    const id = fired.id ?? ''
    emit({
      kind: 'tick.fired',
      schedule: schedule.name,
      plannedAt: new Date(plannedAt),
      standsFor,
      id,
      queue: schedule.queue,
    })
    cursor = next ?? cursor
  }
}

function recordOf(
  { job, payload }: ScheduleDefinition,
  tick: TickMark,
): { readonly record: string; readonly apart: string } {
  const text = payload === undefined ? '' : JSON.stringify(payload)
  const counters = { ownId: '', failures: 0, interruptions: 0 }
  const { head, apart } = encodeRecord({ ...counters, name: job, extension: { tick }, payload: text })
  return { record: head, apart }
}

/** Definitions are compiled once a version; the text was checked when it was applied. */
function compile({ id, version, definition: text }: StoredSchedule): Compiled {
  const key = `${id} ${version}`
  const known = compiled.get(key)
  if (known) return known
  const definition = JSON.parse(text) as ScheduleDefinition
  const made = { definition, timing: timingOf(definition) }
  if (compiled.size >= MOST_COMPILED) compiled.clear()
  compiled.set(key, made)
  return made
}
