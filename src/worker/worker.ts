import type { Client } from '../job/client.ts'
import type { JobLog, Services } from '../job/context.ts'
import type { Emit } from '../job/events.ts'
import type { JobHandler } from '../job/handler.ts'
import type { QueueOrder } from '../job/queue-choice.ts'
import { aborted, within } from '../lifecycle/deadline.ts'
import { type Bell, bell, loop } from '../lifecycle/loop.ts'
import { type Service, service } from '../lifecycle/service.ts'
import type { ClaimedJob } from '../store/claimed-job.ts'
import type { Connection } from '../store/connection.ts'
import { KEPT, LOOK } from '../store/keeper.ts'
import type { Store } from '../store/store.ts'
import { type Clock, type Duration, duration } from '../time/clock.ts'
import { type Cancels, openCancels } from './cancels.ts'
import { type Hands, isUnder, openHands } from './hands.ts'
import { openRenewal, type Renewal, type RenewalParts } from './renewal.ts'
import { type Rounds, rounds } from './rounds.ts'

/** What a worker is made of. */
export type WorkerParts = {
  readonly store: Store
  /** A second connection, which hears wake-ups; without it the worker looks every 5 s. */
  readonly ears: Connection | undefined
  readonly renewal: Omit<RenewalParts, 'onLost' | 'onRenewed' | 'onFault' | 'clock' | 'lease' | 'layout'> | undefined
  readonly clock: Clock
  readonly handlers: ReadonlyMap<string, JobHandler>
  readonly queues: QueueOrder
  readonly concurrency: number
  readonly lease: Duration
  /** How long running jobs may take after `stop`. */
  readonly shutdownTimeout: Duration
  readonly client: Client
  readonly services: Services
  readonly log: (job: ClaimedJob) => JobLog
  readonly emit: Emit
  readonly random?: () => number
  /** What Redis' clock should say; null when nobody knows. */
  readonly expected?: () => number | null
  /** Host and process, as failed attempts tell it. */
  readonly name?: string
  /** Stops by itself when no job is ready and none runs. */
  readonly untilEmpty?: boolean
}

/** A worker, as a service, and what others may see of it. */
export type Worker = Service & { running(): number }

/** How long the last words to Redis may take once the deadline has passed. */
const LAST_WORDS = duration(2_000)

/** Opens a worker: it claims as many jobs as it has free hands, runs them, and settles what has ended in the same breath. */
export function openWorker(parts: WorkerParts): Worker {
  const { clock, emit } = parts
  const wake = bell()
  const urgent = new AbortController()
  const { client, services, log, name = '', random = Math.random } = parts
  const cancels = openCancels({ store: parts.store, clock, hands: () => hands, emit })
  const hands: Hands = openHands({
    attempt: { clock, client, services, log, random, worker: name },
    handlers: parts.handlers,
    clock,
    emit,
    expected: parts.expected ?? (() => null),
    lease: parts.lease,
    isCancelled: cancels.heardOf,
    bell: wake,
  })
  const renewal = renewalOf(parts, hands, cancels)
  const work = rounds({ ...parts, hands, wake, kept: KEPT.ended, look: LOOK, renewal })
  const onError = (error: unknown): void => emit({ kind: 'error', doing: 'claiming and settling jobs', error })
  const worker = service({
    name: 'the worker',
    start: async () => {
      await renewal?.start()
      await listen(parts, cancels, work)
    },
    run: async (signal) => {
      const done = new AbortController()
      const working = loop({ tick: () => work.tick(signal, done), clock, signal: done.signal, onError, wake })
      await Promise.race([aborted(signal), aborted(done.signal)])
      await windDown({ ...parts, hands, work, working, done, wake, urgent: urgent.signal })
    },
    stop: async () => renewal?.close(),
    hurry: () => urgent.abort(),
  })
  return { ...worker, running: hands.running }
}

function renewalOf(parts: WorkerParts, hands: Hands, cancels: Cancels): Renewal | undefined {
  const { clock, emit, lease, store } = parts
  const { layout } = store.space.keys
  const onLost = (owner: string): void => hands.lose(isUnder(owner))
  const onRenewed = (owner: string, until: number, noted: boolean): void => {
    hands.renewed(isUnder(owner), until)
    if (noted) void cancels.look(isUnder(owner))
  }
  const onFault = (error: unknown): void => emit({ kind: 'error', doing: 'renewing leases', error })
  return parts.renewal && openRenewal({ ...parts.renewal, clock, onLost, onRenewed, onFault, lease, layout })
}

/** Wake-ups and cancels come over the same channel. */
const listen = async ({ ears, store }: WorkerParts, ...all: readonly Pick<Rounds, 'hear'>[]): Promise<void> =>
  ears?.listen(store.space.keys.wakes, (_channel, message) => {
    for (const each of all) each.hear(message)
  })

type WindDown = WorkerParts & {
  readonly hands: Hands
  readonly work: Rounds
  readonly working: Promise<void>
  readonly done: AbortController
  readonly wake: Bell
  /** Aborts when nobody waits for the running jobs any longer. */
  readonly urgent: AbortSignal
}

/**
 * Lets running jobs finish and hands back what has not by the deadline. The rounds go on until the store has been told
 * all: two of them at once would give two calls the same number.
 */
async function windDown(parts: WindDown): Promise<void> {
  const { hands, work, working, done, wake, urgent, clock, shutdownTimeout } = parts
  const unfinished = (): boolean => hands.running() > 0 || work.owes()
  hands.abort()
  wake.ring()
  await settling(parts, () => unfinished() && !urgent.aborted, shutdownTimeout, aborted(urgent))
  hands.letGo()
  await settling(parts, work.owes, LAST_WORDS)
  done.abort()
  wake.ring()
  await within(working, LAST_WORDS, clock)
  await within(work.leave(), LAST_WORDS, clock)
}

/** Waits round by round while something is open, for at most `rest`; `early` ends the wait for a round. */
async function settling(
  { work, done, clock }: WindDown,
  open: () => boolean,
  rest: Duration,
  early?: Promise<void>,
): Promise<void> {
  const until = clock.monotonic() + rest
  while (open() && clock.monotonic() < until && !done.signal.aborted) {
    const round = early ? Promise.race([work.settled(), early]) : work.settled()
    await within(round, duration(until - clock.monotonic()), clock)
  }
}
