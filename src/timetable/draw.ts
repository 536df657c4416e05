import { laneOf, NORMAL } from '../job/priority.ts'
import { encodeRecord, type TickMark } from '../job/record.ts'
import type { ScheduleDefinition } from '../schedule/definition.ts'
import { dueOf } from '../schedule/rule.ts'
import type { TickPlan, TickRun, TickStep } from '../schedule/tick-plan.ts'
import { bytesOf, type Draw, type DrawStep, TICK } from '../store/firing.ts'
import { portions } from '../store/portions.ts'
import { instant } from '../time/clock.ts'
import type { Compiled } from './rules.ts'

/** What a plan was made from. */
export type Planned = {
  readonly id: string
  readonly queue: string
  readonly rev: string
  readonly version: string
  readonly generation: string
  /** The time-zone data that its next tick was computed with. */
  readonly tz: string
  readonly nextAt: number
}

/** What is in force, as a ledger tells it: generation, version, time-zone data, queue. */
export const contextOf = (
  { generation, version, queue }: Pick<Planned, 'generation' | 'version' | 'queue'>,
  tz: string,
): string => `${generation === '' ? '0' : generation} ${version} ${tz} ${queue}`

/** A plan as draws that one call can carry, each of which goes on from where the one before leaves the schedule. */
export function drawsOf(
  from: Planned,
  { definition, rule }: Compiled,
  plan: TickPlan,
  { tz, early = false }: { readonly tz: string; readonly early?: boolean },
): readonly Draw[] {
  const all = plan.steps.map((step) => ({ step, drawn: drawStep(definition, step, rule.deadline) }))
  const chunks = portions(
    all,
    ({ drawn }) => bytesOf(drawn),
    () => TICK,
  )
  const standing = (at: number | null): Draw['next'] => (at === null ? null : { at, dueAt: dueOf(rule, instant(at)) })
  const { overlap, limit = null } = definition.policies
  let at = from.nextAt
  return chunks.map((chunk, index) => {
    const steps = chunk.map(({ step }) => step)
    const next = chunks[index + 1]?.[0]?.step
    const draw: Draw = {
      id: from.id,
      from: { kind: 'tick', at },
      rev: from.rev,
      next: standing(next === undefined ? plan.next : firstOf(next)),
      ripeAt: early ? null : ripeAt(steps),
      freshUntil: plan.freshUntil,
      overlap,
      limit,
      context: contextOf(from, tz),
      ...(tz === from.tz ? {} : { tz }),
      steps: chunk.map(({ drawn }) => drawn),
    }
    at = draw.next?.at ?? at
    return draw
  })
}

const firstOf = (step: TickStep): number => (step.kind === 'run' ? step.plannedAt : step.first)

/** Before the last of its ticks is due a draw is too early. */
function ripeAt(steps: readonly TickStep[]): number | null {
  const runs = steps.filter((step) => step.kind === 'run')
  return runs.length === 0 ? null : Math.max(...runs.map(({ dueAt }) => dueAt))
}

function drawStep(definition: ScheduleDefinition, step: TickStep, deadline: number | null): DrawStep {
  if (step.kind === 'rest') return step
  const { fate, plannedAt, dueAt, standsFor, after } = step
  const due = after > 0 ? { in: after, since: dueAt } : { at: dueAt }
  const job = recordOf(definition, markOf(definition, step, deadline))
  return { kind: 'job', fate, plannedAt, standsFor, due, deadline: deadline === null ? null : dueAt + deadline, ...job }
}

/** What the job of a tick is told of it. */
const markOf = (
  { name, policies }: ScheduleDefinition,
  { plannedAt, dueAt, standsFor, previousAt }: TickRun,
  deadline: number | null,
): TickMark => ({
  schedule: name,
  plannedAt,
  standsFor,
  previousAt,
  ...(dueAt === plannedAt ? {} : { dueAt }),
  ...untilOf(dueAt, Math.min(deadline ?? Infinity, policies.expiresIn ?? Infinity)),
})

const untilOf = (dueAt: number, patience: number): { readonly until?: number } =>
  patience === Infinity ? {} : { until: dueAt + patience }

/** The record of a job that a schedule makes; `payload` replaces the definition's. */
export function recordOf(
  { job, payload, policies }: ScheduleDefinition,
  tick: TickMark,
): { readonly record: string; readonly apart: string } {
  const text = payload === undefined ? '' : JSON.stringify(payload)
  const { retry, overlap, timeout, priority = NORMAL } = policies
  const lane = laneOf(priority)
  const follows = overlap === 'queue-one' || overlap === 'cancel-previous'
  const extension = {
    tick: follows ? { ...tick, follows: true as const } : tick,
    ...(retry === undefined ? {} : { retry }),
    ...(timeout === undefined ? {} : { timeout }),
    ...(lane === undefined ? {} : { lane }),
  }
  const { head, apart } = encodeRecord({
    ownId: '',
    failures: 0,
    interruptions: 0,
    name: job,
    extension,
    payload: text,
  })
  return { record: head, apart }
}
