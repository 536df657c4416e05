import type { Client } from '../job/client.ts'
import type { JobContext, JobLog, JobTick, Services } from '../job/context.ts'
import { describeError } from '../job/error-description.ts'
import { AttemptEndedError, InvalidPayloadError } from '../job/errors.ts'
import type { JobHandler } from '../job/handler.ts'
import { type Failure, type Outcome, outcomeOf, snoozed } from '../job/outcome.ts'
import { readPayload, writeResult } from '../job/payload.ts'
import { handBacksOf } from '../job/record.ts'
import type { RetryPolicy } from '../job/retry.ts'
import type { ClaimedJob } from '../store/claimed-job.ts'
import { unlessLeapt } from '../store/clock-watch.ts'
import type { Clock } from '../time/clock.ts'
import { formatDuration, parseDuration } from '../time/duration.ts'
import { attemptOf } from './settle.ts'

/** What every attempt in a process shares. */
export type AttemptParts = {
  readonly clock: Clock
  readonly client: Client
  readonly services: Services
  readonly log: (job: ClaimedJob) => JobLog
  readonly random: () => number
  /** Host and process, as failed attempts tell it; nothing unless said. */
  readonly worker?: string
  /** What Redis' clock should say; null when nobody knows. */
  readonly expected?: (() => number | null) | undefined
}

/** How an attempt ended, and what was thrown in it. */
export type Ended = { readonly outcome: Outcome; readonly error: unknown }

/** What tells a handler to stop, and until when it may go on in any case. Its signal is made when somebody asks for it: most never do, and it costs more than a short job. */
export type Stop = { reason: unknown; controller: AbortController | undefined; leaseUntil: number }

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

/** What the handler asked of its context by `snooze` or `discard`. */
type Asked = { outcome: Outcome | undefined }

/** Runs a handler on a claimed job; never throws. */
export async function attempt(parts: AttemptParts, handler: JobHandler, job: ClaimedJob, stop: Stop): Promise<Ended> {
  const began = parts.clock.monotonic()
  const failed = (failure: Failure): Ended => {
    const { error } = failure
    if (stop.reason === STOPPING) return { outcome: { kind: 'handed-back' }, error }
    const { rules, since = job.dueAt } = job.record.extension
    const tookMs = parts.clock.monotonic() - began
    const expected = parts.expected?.() ?? null
    // Redis' clock may have leapt when the job was claimed: what it said then makes no job old.
    const ageMs = unlessLeapt(job.claimedAt, expected === null ? null : expected - tookMs) + tookMs - since
    const past = { attempt: attemptOf(job), ageMs, ...(rules === undefined ? {} : { counted: rules }) }
    return { outcome: outcomeOf(failure, retryOf(handler, job), past, parts.random), error }
  }
  let payload: unknown
  try {
    payload = readPayload(handler.job, job.record.payload)
    if (payload instanceof Promise) payload = await payload
  } catch (error) {
    return failed({ kind: error instanceof InvalidPayloadError ? 'payload' : 'thrown', error })
  }
  const asked: Asked = { outcome: undefined }
  try {
    const result = await handler.run(payload, contextOf(parts, handler, job, stop, asked))
    if (asked.outcome !== undefined) return { outcome: asked.outcome, error: undefined }
    const text = handler.job.result === undefined ? '' : await writeResult(handler.job, result)
    return { outcome: { kind: 'completed', result: text }, error: undefined }
  } catch (error) {
    return asked.outcome === undefined
      ? failed({ kind: 'thrown', error })
      : { outcome: asked.outcome, error: undefined }
  }
}

const BEHIND = Symbol('what a context is made of')

type Behind = { readonly parts: AttemptParts; readonly job: ClaimedJob; readonly stop: Stop; readonly asked: Asked }

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
  get snooze(): JobContext['snooze'] {
    const { asked, job } = behind(this)
    return (wait) => {
      const delay = parseDuration(wait, 'context.snooze')
      asked.outcome ??= snoozed(delay, job.claim)
      throw new AttemptEndedError(`to be snoozed for ${formatDuration(delay)}`)
    }
  },
  get discard(): JobContext['discard'] {
    const { asked } = behind(this)
    return (reason) => {
      const told = typeof reason === 'string' ? describeError(reason).message : 'no reason was given'
      asked.outcome ??= { kind: 'discarded', reason: told }
      throw new AttemptEndedError('to be discarded')
    }
  },
  get leaseUntil(): Date {
    return new Date(behind(this).stop.leaseUntil)
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

function contextOf(parts: AttemptParts, handler: JobHandler, job: ClaimedJob, stop: Stop, asked: Asked): JobContext {
  const context: OwnContext & typeof onDemand & { [BEHIND]: Behind } = Object.create(onDemand)
  context[BEHIND] = { parts, job, stop, asked }
  context.id = job.id
  context.job = job.record.name
  context.queue = job.queue
  context.attempt = attemptOf(job)
  context.attempts = retryOf(handler, job).attempts
  context.interruptions = handBacksOf(job.record)
  context.snoozes = job.record.extension.snoozes ?? 0
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
