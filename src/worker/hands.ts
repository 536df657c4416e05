import type { Emit } from '../job/events.ts'
import type { JobHandler } from '../job/handler.ts'
import { DEFAULT_RETRY } from '../job/retry.ts'
import type { Bell } from '../lifecycle/loop.ts'
import type { ClaimedJob } from '../store/claimed-job.ts'
import type { Owner } from '../store/owner.ts'
import type { Settlement } from '../store/settlement.ts'
import type { Clock } from '../time/clock.ts'
import { type AttemptParts, attempt, STOPPING, type Stop } from './attempt.ts'
import { CancelledError, LeaseLostError } from './errors.ts'
import { lateToBegin } from './expiry.ts'
import { attemptOf, handBack, lostBefore, settlementOf, tooManyLost } from './settle.ts'
import { tellToStop } from './stop.ts'
import { about, madeBy, tell, tellHandBack } from './tell.ts'
import { limited, timeoutOf } from './timeout.ts'

/** A job that runs here. */
type Running = { readonly job: ClaimedJob; readonly stop: Stop }

/** The jobs that a worker has in its hands: what runs, and what has ended and is not settled yet. */
export type Hands = {
  /** Starts a job and answers at once. */
  take(job: ClaimedJob): void
  running(): number
  runningIn(queue: string): number
  /** Whether one of these runs. */
  has(which: (job: ClaimedJob) => boolean): boolean
  /** Those that run. */
  jobs(): readonly ClaimedJob[]
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
  /** These are cancelled: each ends so, whichever way its handler does. Answers how many run here. */
  cancel(which: (job: ClaimedJob) => boolean): number
  /** The lease over these holds until then, by Redis' clock. */
  renewed(which: (job: ClaimedJob) => boolean, until: number): void
  /** The lease over these jobs is gone: another worker may have them. */
  lose(which: (job: ClaimedJob) => boolean): void
  /** The store refused to settle these: another worker had claimed them. */
  refuse(jobs: readonly ClaimedJob[]): void
}

export type HandsParts = {
  readonly attempt: AttemptParts
  readonly handlers: ReadonlyMap<string, JobHandler>
  readonly clock: Clock
  /** Length of the lease under which jobs come, in milliseconds. */
  readonly lease: number
  readonly emit: Emit
  /** What Redis' clock should say; null when nobody knows. */
  readonly expected?: () => number | null
  /** Whether word has come already that a job is cancelled which is taken just now. */
  readonly isCancelled?: (job: ClaimedJob) => boolean
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
  const attempt = { ...parts.attempt, expected: parts.expected }
  const state: State = { ...parts, attempt, running: new Set(), ended: new Map(), stopping: false }
  const { running, ended, emit } = state
  return {
    take: (job) => take(state, job),
    running: () => running.size,
    runningIn: (queue) => [...running].reduce((count, { job }) => count + (job.queue === queue ? 1 : 0), 0),
    has: (which) => [...running].some(({ job }) => which(job)),
    jobs: () => [...running].map(({ job }) => job),
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
    cancel: (which) => cancel(state, which),
    renewed: (which, until) => {
      for (const { job, stop } of running) if (which(job)) stop.leaseUntil = until
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
  const handler = state.handlers.get(job.record.name)
  if (handler && lostBefore(job) >= handler.job.retry.crashes) {
    const at = state.clock.now()
    put(state, tooManyLost(job, { began: at, at, worker: '' }))
    state.emit({ kind: 'job.dead', ...about(job), reason: 'lost-worker', attempt: attemptOf(job) })
    return
  }
  const lateMs = lateToBegin(job, handler, state.expected?.() ?? null)
  if (lateMs > 0) {
    put(state, { kind: 'end', end: 'expired', job })
    state.emit({ kind: 'job.expired', ...about(job), ...madeBy(job), lateMs })
    return
  }
  if (state.isCancelled?.(job)) {
    endCancelled(state, job, 0)
    return
  }
  const each = { job, stop: { reason: undefined, controller: undefined, leaseUntil: job.claimedAt + state.lease } }
  state.running.add(each)
  void run(state, each)
}

async function run(state: State, each: Running): Promise<void> {
  const { job, stop } = each
  const { clock, emit, handlers } = state
  const handler = handlers.get(job.record.name)
  if (!handler) return
  const began = clock.now()
  const { outcome, error } = await attempt(state.attempt, within(state, handler, each), job, stop)
  if (!state.running.delete(each)) return
  const at = clock.now()
  if (stop.reason instanceof CancelledError) return endCancelled(state, job, at - began)
  const { retry } = handler.job
  const settlement = settlementOf(job, outcome, { began, at, worker: state.attempt.worker ?? '' }, retry)
  put(state, settlement)
  tell(emit, { job, outcome, error, began, at, attempts: retry.attempts, isDead: settlement.kind === 'bury' })
}

/** Without a limit of time the handler itself: most jobs have none, and pay nothing for those that do. */
function within({ clock, emit }: State, handler: JobHandler, { job, stop }: Running): JobHandler {
  const timeout = timeoutOf(handler, job)
  if (timeout === undefined) return handler
  const onOver = (abandoned: boolean): void =>
    emit({ kind: 'job.timedOut', ...about(job), attempt: attemptOf(job), timeoutMs: timeout, abandoned })
  return limited(handler, { timeout, clock, stop, onOver })
}

function giveBack(state: State, job: ClaimedJob): void {
  const at = state.clock.now()
  const policy = state.handlers.get(job.record.name)?.job.retry ?? DEFAULT_RETRY
  const settlement = handBack(job, { began: at, at, worker: state.attempt.worker ?? '' }, policy)
  put(state, settlement)
  tellHandBack(state.emit, job, settlement.kind === 'bury')
}

function cancel({ running }: State, which: (job: ClaimedJob) => boolean): number {
  const told = [...running].filter(({ job }) => which(job))
  for (const { job, stop } of told) tellToStop(stop, new CancelledError(job.id))
  return told.length
}

function endCancelled(state: State, job: ClaimedJob, tookMs: number): void {
  put(state, { kind: 'end', end: 'cancelled', job })
  state.emit({ kind: 'job.cancelled', ...about(job), attempt: attemptOf(job), tookMs })
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

const sayLost = (emit: Emit, job: ClaimedJob): void =>
  emit({ kind: 'lease.lost', ...about(job), attempt: attemptOf(job) })
