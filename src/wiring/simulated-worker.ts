import { openClient } from '../client/client.ts'
import type { QueueOrder } from '../config.ts'
import type { JobContext, Services } from '../job/context.ts'
import { defineJob } from '../job/definition.ts'
import type { Emit } from '../job/events.ts'
import { handlersByName, type JobHandler } from '../job/handler.ts'
import { aborted } from '../lifecycle/deadline.ts'
import { bell } from '../lifecycle/loop.ts'
import { LOOK } from '../store/keeper.ts'
import type { Store } from '../store/store.ts'
import { type Duration, duration } from '../time/clock.ts'
import { DAY, LONGEST } from '../time/duration.ts'
import { openCancels } from '../worker/cancels.ts'
import { type Hands, openHands } from '../worker/hands.ts'
import { rounds } from '../worker/rounds.ts'
import { COMMAND_TIMEOUT } from './redis.ts'
import type { SimulatedClock } from './simulated-clock.ts'
import { TZ_DATA } from './version.ts'

/** What a worker is made of whose jobs do nothing but take their time. */
export type SimulatedWorkerParts = {
  readonly store: Store
  readonly clock: SimulatedClock
  /** The names of the job types that it knows. */
  readonly names: readonly string[]
  /** The queues that jobs come into. */
  readonly feeds: readonly string[]
  /** How long each job takes. */
  readonly takes: Duration
  readonly queues: QueueOrder
  readonly concurrency: number
  readonly emit: Emit
  readonly onStart: (id: string) => void
  readonly onEnd: (id: string) => void
  /** Whether a job may be cancelled while it runs: then it ends at once. */
  readonly cancels: boolean
  readonly signal: AbortSignal
}

/** Settles what has ended and claims what is ready, until neither is left or no hand is free. */
export type SimulatedWorker = () => Promise<void>

/** Whatever a schedule says its jobs are about will do. */
const ANYTHING = {
  '~standard': { version: 1, vendor: 'morrow', validate: (value: unknown) => ({ value }) },
} as const

/** Ended jobs are dropped early: nobody looks at them here. */
const KEPT = { count: 250, age: DAY }

/** Opens the rounds of a worker, the real ones, with one handler for all jobs. */
export function openSimulatedWorker(parts: SimulatedWorkerParts): SimulatedWorker {
  const { store, clock, takes, queues, concurrency, emit, signal } = parts
  const work = async (_: unknown, { id, signal }: JobContext): Promise<void> => {
    parts.onStart(id)
    await Promise.race([clock.rest(takes), aborted(signal)])
    if (!signal.aborted) parts.onEnd(id)
  }
  const handlers = handlersByName(
    parts.names.map((name): JobHandler => defineJob({ name, payload: ANYTHING }).handle(work)),
  )
  const wake = bell()
  const client = openClient({ store: () => Promise.resolve(store), clock, timeout: COMMAND_TIMEOUT, tz: TZ_DATA })
  const attempt = { clock, client, services: {} as Services, log: () => SILENT, random: () => 0.5 }
  // Nobody dies here, so the lease is never renewed.
  const lease = LONGEST
  const hands: Hands = openHands({ attempt, handlers, clock, lease, emit, bell: wake })
  const cancels = openCancels({ store, clock, hands: () => hands, emit })
  const shared = { store, clock, handlers, queues, concurrency, lease, hands, wake, kept: KEPT, emit }
  const { tick, hear } = rounds({ ...shared, renewal: undefined, look: LOOK })
  const done = new AbortController()
  signal.addEventListener('abort', () => done.abort(), { once: true })
  const serve = async (): Promise<void> => {
    for (const queue of parts.feeds) hear(`ready ${queue}`)
    for (let rest = duration(0); rest <= 0 && !signal.aborted; ) rest = await tick(signal, done)
  }
  return async () => {
    const before = hands.running()
    if (parts.cancels) await cancels.look(() => true)
    await serve()
    // What waited for the end of a cancelled one begins now.
    if (parts.cancels && before > 0) await serve()
  }
}

const nothing = (): void => undefined
const SILENT = { debug: nothing, info: nothing, warn: nothing, error: nothing }
