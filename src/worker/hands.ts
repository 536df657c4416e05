import type { Emit } from '../job/events.ts'
import type { JobHandler } from '../job/handler.ts'
import type { Bell } from '../lifecycle/loop.ts'
import type { ClaimedJob } from '../store/claimed-job.ts'
import { unlessLeapt } from '../store/clock-watch.ts'
import type { Owner } from '../store/owner.ts'
import type { Settlement } from '../store/settlement.ts'
import type { Clock } from '../time/clock.ts'
import { type AttemptParts, attempt, attemptOf, handBack, STOPPING, type Stop, settlementOf } from './attempt.ts'
import { LeaseLostError } from './errors.ts'

/** A job that runs here. */
type Running = { readonly job: ClaimedJob; readonly stop: Stop }

/** Tells a handler to stop; the first reason counts. */
function tellToStop(stop: Stop, reason: unknown): void {
  stop.reason ??= reason
  stop.controller?.abort(stop.reason)
}

/** The jobs that a worker has in its hands: what runs, and what has ended and is not settled yet. */
export type Hands = {
  /** Starts a job and answers at once. */
  take(job: ClaimedJob): void
  running(): number
  runningIn(queue: string): number
  /** Whether one of these runs. */
  has(which: (job: ClaimedJob) => boolean): boolean
  /** What has ended in a queue since the last call. */
  ended(queue: string): readonly Settlement[]
  /** The queues in which something has ended since they were asked last. */
  endedIn(): readonly string[]
  /** Tells every running job that the process stops; a job that is taken later goes back at once. */
  abort(): void
  /** Takes back what could not be handed to the store. */
  putBack(settlements: readonly Settlement[]): void
  /** Takes what still runs out of the hands: it goes back, and what its handler still does counts no more. */
  letGo(): void
  /** The lease over these jobs is gone: another worker may have them. */
  lose(which: (job: ClaimedJob) => boolean): void
  /** The store refused to settle these: another worker had claimed them. */
  refuse(jobs: readonly ClaimedJob[]): void
}

export type HandsParts = {
  readonly attempt: AttemptParts
  readonly handlers: ReadonlyMap<string, JobHandler>
  readonly clock: Clock
  readonly emit: Emit
  /** What Redis' clock should say; null when nobody knows. */
  readonly expected?: () => number | null
  /** Rung whenever a job has ended. */
  readonly bell: Bell
}

type State = HandsParts & {
  readonly running: Set<Running>
  /** What has ended, by queue. */
  readonly ended: Map<string, Settlement[]>
  stopping: boolean
}

/** Opens a pair of empty hands. */
export function openHands(parts: HandsParts): Hands {
  const state: State = { ...parts, running: new Set(), ended: new Map(), stopping: false }
  const { running, ended, emit } = state
  return {
    take: (job) => take(state, job),
    running: () => running.size,
    runningIn: (queue) => [...running].reduce((count, { job }) => count + (job.queue === queue ? 1 : 0), 0),
    has: (which) => [...running].some(({ job }) => which(job)),
    ended: (queue) => {
      const some = ended.get(queue) ?? []
      ended.delete(queue)
      return some
    },
    endedIn: () => [...ended.keys()],
    abort: () => {
      state.stopping = true
      for (const each of running) tellToStop(each.stop, STOPPING)
    },
    letGo: () => {
      for (const { job } of running) giveBack(state, job)
      running.clear()
    },
    putBack: (settlements) => {
      for (const settlement of settlements) put(state, settlement)
    },
    lose: (which) => lose(state, which),
    refuse: (jobs) => {
      for (const job of jobs) sayLost(emit, job)
    },
  }
}

function put({ ended, bell }: State, settlement: Settlement): void {
  const { queue } = settlement.job
  const some = ended.get(queue)
  if (some) some.push(settlement)
  else ended.set(queue, [settlement])
  bell.ring()
}

function take(state: State, job: ClaimedJob): void {
  if (state.stopping) {
    giveBack(state, job)
    return
  }
  if (isTooLate(job, state.expected?.() ?? null)) {
    expire(state, job)
    return
  }
  const each = { job, stop: { reason: undefined, controller: undefined } }
  state.running.add(each)
  void run(state, each)
}

async function run(state: State, each: Running): Promise<void> {
  const { job, stop } = each
  const { clock, emit, handlers } = state
  const handler = handlers.get(job.record.name)
  if (!handler) return
  const began = clock.now()
  const { outcome, error } = await attempt(state.attempt, handler, job, stop)
  if (!state.running.delete(each)) return
  const at = clock.now()
  put(state, settlementOf(job, outcome, at))
  tell(emit, { job, outcome, error, began, at, attempts: handler.job.retry.attempts })
}

/** A job that has begun once goes on, however late it is. No clock that leaps ends one. */
function isTooLate({ claim, claimedAt, record: { extension } }: ClaimedJob, expected: number | null): boolean {
  const until = extension.tick?.until
  return until !== undefined && claim === 1 && unlessLeapt(claimedAt, expected) > until
}

function expire(state: State, job: ClaimedJob): void {
  const { schedule = '', until = 0 } = job.record.extension.tick ?? {}
  put(state, { kind: 'expire', job })
  state.emit({ kind: 'job.expired', ...about(job), schedule, lateMs: job.claimedAt - until })
}

function giveBack(state: State, job: ClaimedJob): void {
  put(state, handBack(job, state.clock.now()))
  state.emit({ kind: 'job.handedBack', ...about(job), interruptions: job.record.interruptions + 1 })
}

function lose({ running, emit, bell }: State, which: (job: ClaimedJob) => boolean): void {
  for (const each of running) {
    if (!which(each.job)) continue
    running.delete(each)
    tellToStop(each.stop, new LeaseLostError(each.job.id))
    sayLost(emit, each.job)
    bell.ring()
  }
}

/** Which owner a claimed job is under. */
export const isUnder =
  (owner: Owner | string) =>
  (job: ClaimedJob): boolean =>
    job.owner === (typeof owner === 'string' ? owner : owner.id())

const about = (job: ClaimedJob) => ({ id: job.id, job: job.record.name, queue: job.queue })

const madeBy = ({ record: { extension } }: ClaimedJob): { readonly schedule?: string } =>
  extension.tick ? { schedule: extension.tick.schedule } : {}

const sayLost = (emit: Emit, job: ClaimedJob): void =>
  emit({ kind: 'lease.lost', ...about(job), attempt: attemptOf(job) })

type Told = Awaited<ReturnType<typeof attempt>> & {
  readonly job: ClaimedJob
  readonly began: number
  readonly at: number
  readonly attempts: number
}

function tell(emit: Emit, { job, outcome, error, began, at, attempts }: Told): void {
  const tookMs = at - began
  const attempt = attemptOf(job)
  switch (outcome.kind) {
    case 'completed':
      emit({
        kind: 'job.completed',
        ...about(job),
        ...madeBy(job),
        attempt,
        lateMs: Math.max(0, began - job.dueAt),
        tookMs,
      })
      break
    case 'handed-back':
      emit({ kind: 'job.handedBack', ...about(job), interruptions: job.record.interruptions + 1 })
      break
    case 'retry': {
      const willRetryAt = new Date(at + outcome.delay)
      emit({ kind: 'job.failed', ...about(job), error, attempt, attempts, tookMs, willRetryAt })
      if (outcome.fault !== undefined) {
        emit({ kind: 'error', doing: `choosing the wait of job ${job.record.name}`, error: new Error(outcome.fault) })
      }
      break
    }
    case 'dead':
      emit({ kind: 'job.failed', ...about(job), error, attempt, attempts, tookMs })
      emit({ kind: 'job.dead', ...about(job), reason: outcome.reason, attempt })
  }
}
