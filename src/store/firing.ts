import { type JobId, jobId, tokenOf } from '../job/id.ts'
import { type LedgerFate, letterOf } from '../schedule/ledger.ts'
import type { OverlapPolicy } from '../schedule/policies.ts'
import { queueKeys } from './keys.ts'
import { portions } from './portions.ts'
import type { StoreParts } from './queue.ts'
import { part, type Reply } from './reply.ts'
import { run } from './script.ts'
import { scripts } from './scripts.ts'

/** What a schedule has to do about its ticks: what was planned, and what it was planned from. Instants in milliseconds. */
export type Draw = {
  readonly id: string
  /** The next tick, as it was read; or the token of a person's call, which leaves it where it is. */
  readonly from: { readonly kind: 'tick'; readonly at: number } | { readonly kind: 'call'; readonly token: string }
  readonly rev: string
  /** The next tick once this is done, and when that is due; null when there is none. */
  readonly next: { readonly at: number; readonly dueAt: number } | null
  /** Before this instant it is too early; null when it is not asked. */
  readonly ripeAt: number | null
  /** After this instant the plan is too old to be true, as of a process that was frozen; without one it stays so. */
  readonly freshUntil?: number
  readonly overlap: OverlapPolicy
  readonly limit: number | null
  /** What is in force, as the ledger tells it. */
  readonly context: string
  /** The time-zone data that `next` was computed with, where it is not the one that the schedule tells. */
  readonly tz?: string
  readonly steps: readonly DrawStep[]
  /** As it travels, when that was made beforehand. */
  readonly wired?: readonly string[]
}

/** Neighbouring ticks that make no job, or one that does. */
export type DrawStep =
  | {
      readonly kind: 'rest'
      readonly fate: LedgerFate
      readonly first: number
      readonly last: number
      readonly count: number
      readonly into: number | null
    }
  | {
      readonly kind: 'job'
      readonly fate: 'fired' | 'late' | 'backfilled' | 'by-hand'
      readonly plannedAt: number
      readonly standsFor: number
      /** When it is due: an instant, or so long after now; `since` is when its tick was, unless at its planned instant. */
      readonly due: { readonly at: number } | { readonly in: number; readonly since?: number }
      /** After this instant it is not made any more. */
      readonly deadline: number | null
      readonly record: string
      /** The payload, when the record says that it lies apart; else empty. */
      readonly apart: string
    }

/** What became of a draw: its jobs in order, each made or not and why; or why nothing was done. */
export type Drawn =
  /** `at` is Redis' time. */
  | { readonly kind: 'fired'; readonly at: number; readonly jobs: readonly DrawnJob[] }
  | { readonly kind: 'moved' | 'early' | 'known' }

/** One job of a draw; without an id its tick was kept from running by an overlap or its deadline. */
export type DrawnJob = { readonly fate: 'made' | 'overlap' | 'deadline'; readonly id: JobId | null }

/** Draws what was planned, in as few calls as their size allows; the answers stand in the order of the draws. */
export async function fire(parts: StoreParts, queue: string, by: string, draws: readonly Draw[]): Promise<Drawn[]> {
  const keys = queueKeys(parts.prefix, queue)
  const bytes = (draw: Draw): number => draw.steps.reduce((sum, step) => sum + bytesOf(step), 0)
  const calls = portions(draws, bytes, ({ steps }) => SCHEDULE + TICK * steps.length).map((some) =>
    run(parts.connection, scripts.fire, keys, {
      args: { now: parts.now(), queue },
      rest: some.flatMap((draw) => draw.wired ?? wire(draw, by)),
    }),
  )
  const answers = (await Promise.all(calls)).flatMap((reply) =>
    (part(reply, 1) as readonly Reply[]).map((answer) => ({ answer: String(answer), at: Number(part(reply, 0)) })),
  )
  return answers.map(({ answer, at }, index) => drawn(answer, at, tokenOf(queue), draws[index]?.id ?? ''))
}

/** A tick takes Redis about as long as two jobs that are moved, and its schedule as long as three. */
export const TICK = 2
const SCHEDULE = 3

/** How many bytes of a call a step takes. */
export const bytesOf = (step: DrawStep): number =>
  step.kind === 'rest' ? 40 : Buffer.byteLength(step.record) + Buffer.byteLength(step.apart)

/** A draw that waits until it is due, with all that can be done before. */
export const wired = (draw: Draw, by: string): Draw => ({ ...draw, wired: wire(draw, by) })

function wire(draw: Draw, by: string): string[] {
  const { id, from, rev, next, ripeAt, freshUntil, overlap, limit, context, tz = '' } = draw
  const steps = draw.steps.flatMap(wireStep)
  const head = [id, from.kind === 'tick' ? from.at : `!${from.token}`, rev, next?.at ?? '', next?.dueAt ?? '']
  return [...head, ripeAt ?? '', freshUntil ?? '', overlap, limit ?? '', context, by, tz, steps.length, ...steps].map(
    String,
  )
}

function wireStep(step: DrawStep): readonly (string | number)[] {
  const letter = letterOf(step.fate)
  if (step.kind === 'rest') return [letter, step.first, step.last, step.count, step.into ?? 0]
  const { plannedAt, due, deadline, record, apart } = step
  const whole = [
    letter,
    plannedAt,
    'at' in due ? due.at : `${due.since ?? plannedAt}+${due.in}`,
    deadline ?? '',
    record,
  ]
  return apart === '' ? whole : [...whole, apart]
}

function drawn(answer: string, at: number, token: string, id: string): Drawn {
  const [kind, ...jobs] = answer.split(' ')
  if (kind !== 'fired') return { kind: kind as 'moved' | 'early' | 'known' }
  return { kind, at, jobs: jobs.map((job) => drawnJob(job, token, id)) }
}

function drawnJob(text: string, token: string, id: string): DrawnJob {
  if (text.startsWith('o')) return { fate: 'overlap', id: null }
  if (text.startsWith('d')) return { fate: 'deadline', id: null }
  return { fate: 'made', id: jobId(token, id, Number(text.slice(1))) }
}
