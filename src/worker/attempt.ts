import type { Client } from '../job/client.ts'
import type { JobContext, JobLog, JobTick, Services } from '../job/context.ts'
import { InvalidPayloadError } from '../job/errors.ts'
import type { JobHandler } from '../job/handler.ts'
import { type Failure, type Outcome, outcomeOf } from '../job/outcome.ts'
import { readPayload, writeResult } from '../job/payload.ts'
import { type AttemptError, encodeRecord } from '../job/record.ts'
import type { RetryPolicy } from '../job/retry.ts'
import type { ClaimedJob } from '../store/claimed-job.ts'
import type { Settlement } from '../store/settlement.ts'
import type { Clock } from '../time/clock.ts'

/** What every attempt in a process shares. */
export type AttemptParts = {
  readonly clock: Clock
  readonly client: Client
  readonly services: Services
  readonly log: (job: ClaimedJob) => JobLog
  readonly random: () => number
}

/** How an attempt ended, and what was thrown in it. */
export type Ended = { readonly outcome: Outcome; readonly error: unknown }

/** What tells a handler to stop. Its signal is made when somebody asks for it: most never do, and it costs more than a short job. */
export type Stop = { reason: unknown; controller: AbortController | undefined }

function signalOf(stop: Stop): AbortSignal {
  stop.controller ??= new AbortController()
  if (stop.reason !== undefined) stop.controller.abort(stop.reason)
  return stop.controller.signal
}

/**
 * Why a signal aborts: the process stops, so what a handler throws from then on is no failure of the job. An AbortError,
 * as `fetch` and its kin throw it and their callers look for it.
 */
export const STOPPING = new DOMException('the process stops: what is unfinished is handed back', 'AbortError')

const KEPT_ERRORS = 10
const MOST_HAND_BACKS = 10

/** Every claim is an attempt, but for those that were handed back. */
export const attemptOf = ({ claim, record }: ClaimedJob): number => claim - record.interruptions

/** Runs a handler on a claimed job; never throws. */
export async function attempt(parts: AttemptParts, handler: JobHandler, job: ClaimedJob, stop: Stop): Promise<Ended> {
  const failed = (failure: Failure): Ended =>
    stop.reason === STOPPING
      ? { outcome: { kind: 'handed-back' }, error: failure.error }
      : { outcome: outcomeOf(failure, retryOf(handler, job), attemptOf(job), parts.random), error: failure.error }
  let payload: unknown
  try {
    payload = readPayload(handler.job, job.record.payload)
    if (payload instanceof Promise) payload = await payload
  } catch (error) {
    return failed({ kind: error instanceof InvalidPayloadError ? 'payload' : 'thrown', error })
  }
  try {
    const result = await handler.run(payload, contextOf(parts, handler, job, stop))
    const text = handler.job.result === undefined ? '' : await writeResult(handler.job, result)
    return { outcome: { kind: 'completed', result: text }, error: undefined }
  } catch (error) {
    return failed({ kind: 'thrown', error })
  }
}

/** What the store shall do with a job whose attempt ended so. */
export function settlementOf(job: ClaimedJob, outcome: Outcome, at: number): Settlement {
  switch (outcome.kind) {
    case 'completed':
      return { kind: 'complete', job }
    case 'retry':
      return { kind: 'retry', job, delay: outcome.delay, record: failedRecord(job, outcome.error, at) }
    case 'dead':
      return { kind: 'bury', job, record: failedRecord(job, outcome.error, at, outcome.reason) }
    case 'handed-back':
      return handBack(job, at)
  }
}

/** A job that goes back unfinished; one that was handed back too often is dead. */
export function handBack(job: ClaimedJob, at: number): Settlement {
  const interruptions = job.record.interruptions + 1
  if (interruptions > MOST_HAND_BACKS) {
    const error = {
      name: 'HandedBackError',
      message: `handed-back: ${MOST_HAND_BACKS} processes stopped before it ended`,
    }
    return { kind: 'bury', job, record: failedRecord(job, error, at, 'handed-back') }
  }
  return { kind: 'handBack', job, record: encodeRecord({ ...job.record, interruptions }).head }
}

function failedRecord(
  job: ClaimedJob,
  { name, message, stack }: { readonly name: string; readonly message: string; readonly stack?: string },
  at: number,
  reason?: string,
): string {
  const { record } = job
  const error: AttemptError = { attempt: attemptOf(job), at, name, message, ...(stack === undefined ? {} : { stack }) }
  const errors = [...(record.extension.errors ?? []).slice(1 - KEPT_ERRORS), error]
  const extension = { ...record.extension, errors, ...(reason === undefined ? {} : { reason }) }
  return encodeRecord({ ...record, failures: record.failures + 1, extension }).head
}

const BEHIND = Symbol('what a context is made of')

type Behind = { readonly parts: AttemptParts; readonly job: ClaimedJob; readonly stop: Stop }

const behind = (context: object): Behind => (context as { readonly [BEHIND]: Behind })[BEHIND]

/** What few handlers ask for is made when one does: together it costs more than a short job. */
const onDemand = {
  get signal(): AbortSignal {
    return signalOf(behind(this).stop)
  },
  get log(): JobLog {
    const { parts, job } = behind(this)
    return parts.log(job)
  },
  get createdAt(): Date {
    return new Date(behind(this).job.createdAt)
  },
  get dueAt(): Date {
    return new Date(behind(this).job.dueAt)
  },
}

/** The job type's policy, and what the schedule that made the job says otherwise. */
const retryOf = ({ job: type }: JobHandler, { record }: ClaimedJob): RetryPolicy =>
  record.extension.retry === undefined ? type.retry : { ...type.retry, ...record.extension.retry }

type OwnContext = { -readonly [Key in Exclude<keyof JobContext, keyof typeof onDemand>]: JobContext[Key] }

function contextOf(parts: AttemptParts, handler: JobHandler, job: ClaimedJob, stop: Stop): JobContext {
  const context: OwnContext & typeof onDemand & { [BEHIND]: Behind } = Object.create(onDemand)
  context[BEHIND] = { parts, job, stop }
  context.id = job.id
  context.job = job.record.name
  context.queue = job.queue
  context.attempt = attemptOf(job)
  context.attempts = retryOf(handler, job).attempts
  context.interruptions = job.record.interruptions
  context.tick = tickOf(job)
  context.fence = job.claim
  context.client = parts.client
  context.services = parts.services
  return context
}

function tickOf({ createdAt, record }: ClaimedJob): JobTick | null {
  const { tick } = record.extension
  if (!tick) return null
  return {
    schedule: tick.schedule,
    plannedAt: new Date(tick.plannedAt),
    firedAt: new Date(createdAt),
    standsFor: tick.standsFor,
    latenessMs: Math.max(0, createdAt - (tick.dueAt ?? tick.plannedAt)),
    previousAt: tick.previousAt === null ? null : new Date(tick.previousAt),
  }
}
