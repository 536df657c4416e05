import { openClient } from '../../src/client/client.ts'
import { parseQueues } from '../../src/config.ts'
import type { Client, JobView } from '../../src/job/client.ts'
import type { Services } from '../../src/job/context.ts'
import type { MorrowEvent } from '../../src/job/events.ts'
import { type HandlerSource, handlersByName } from '../../src/job/handler.ts'
import { bell } from '../../src/lifecycle/loop.ts'
import { openScheduler, type Scheduler } from '../../src/scheduler/scheduler.ts'
import { KEPT, LOOK } from '../../src/store/keeper.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { type Duration, duration, instant } from '../../src/time/clock.ts'
import { DAY } from '../../src/time/duration.ts'
import { openCancels } from '../../src/worker/cancels.ts'
import { type Hands, openHands } from '../../src/worker/hands.ts'
import { rounds } from '../../src/worker/rounds.ts'
import { connectTo } from '../store/test-queue.ts'
import { type FakeClock, fakeClock } from '../support/fake-clock.ts'
import { freePrefix, testRedisUrl } from '../support/redis.ts'

/** A worker whose rounds a test calls. */
export type HandWorker = {
  /** Claims, runs and settles until nothing is ready any more. */
  work(): Promise<void>
  /** A message came: `ready QUEUE`, `cancel QUEUE PAGE SLOT`. */
  hear(message: string): void
  /** Looks which of its jobs are cancelled, as after a renewal that says that some are. */
  look(): Promise<void>
  /** One round; answers how long to rest. */
  tick(): Promise<number>
  /** A last round that only settles. */
  stop(): Promise<number>
  readonly hands: Hands
}

/** What a worker serves, how many jobs at once, and for how long it holds them: nobody renews that here. */
export type WorkerOptions = { readonly queues?: string; readonly concurrency?: number; readonly lease?: Duration }

/** Morrow on a real Redis in a namespace of its own, with a clock that the test moves; nothing runs by itself. */
export type World = {
  readonly store: Store
  readonly client: Client
  readonly clock: FakeClock
  readonly events: readonly MorrowEvent[]
  /** Lets time pass for Redis and for every process alike. */
  pass(milliseconds: number): Promise<void>
  /** Sets Redis' clock so far ahead of that of every process. */
  leap(milliseconds: number): void
  scheduler(options?: { readonly clockHeld?: () => boolean; readonly latest?: () => number }): Scheduler
  worker(handlers: Iterable<HandlerSource>, options?: WorkerOptions): HandWorker
  view(id: string): Promise<JobView>
}

/** Opens a world in which it is 2026-01-01T00:00:00Z, unless said. */
export async function openWorld(start = '2026-01-01T00:00:00Z'): Promise<World> {
  const clock = fakeClock(instant(Date.parse(start)))
  const connection = await connectTo(await testRedisUrl())
  let leapt = 0
  const now = (): string => String(clock.now() + leapt)
  const store = openStore({ connection, prefix: freePrefix(), now, longestLease: DAY })
  const events: MorrowEvent[] = []
  const emit = (event: MorrowEvent): void => {
    events.push(event)
  }
  const client = openClient({ store: () => Promise.resolve(store), clock, timeout: 2_000, tz: '2026a', emit })
  return {
    store,
    client,
    clock,
    events,
    pass: (milliseconds) => clock.advance(duration(milliseconds)),
    leap: (milliseconds) => {
      leapt = milliseconds
    },
    scheduler: ({ clockHeld = () => false, latest } = {}) =>
      openScheduler({
        store,
        ears: undefined,
        clock,
        id: freePrefix(),
        tz: '2026a',
        unknownFor: duration(7 * DAY),
        emit,
        clockHeld,
        ...(latest === undefined ? {} : { latest }),
      }),
    worker: (sources, { queues = '*', concurrency = 100, lease = duration(15_000) } = {}) => {
      const handlers = handlersByName(sources)
      const wake = bell()
      const log = () => ({ debug: nothing, info: nothing, warn: nothing, error: nothing })
      const attempt = { clock, client, services: {} as Services, log, random: () => 0.5 }
      const expected = () => clock.now()
      const cancels = openCancels({ store, clock, hands: () => hands, emit })
      const isCancelled = cancels.heardOf
      const hands: Hands = openHands({ attempt, handlers, clock, lease, emit, expected, isCancelled, bell: wake })
      const kept = KEPT.ended
      const route = parseQueues(queues, 'queues')
      const parts = { store, clock, handlers, queues: route, concurrency, lease, hands, wake, kept, emit, expected }
      const work = rounds({ ...parts, renewal: undefined, look: LOOK })
      const toTheEnd = rounds({ ...parts, renewal: undefined, look: LOOK, untilEmpty: true })
      return {
        hands,
        hear: (message) => {
          cancels.hear(message)
          work.hear(message)
        },
        look: () => cancels.look(() => true),
        tick: () => work.tick(new AbortController().signal, new AbortController()),
        stop: () => work.tick(AbortSignal.abort(), new AbortController()),
        work: async () => {
          const done = new AbortController()
          while (!done.signal.aborted) await toTheEnd.tick(new AbortController().signal, done)
        },
      }
    },
    view: async (id) => {
      const view = await client.get(id)
      if (view === undefined) throw new Error(`expected job ${id} in the store, found none`)
      return view
    },
  }
}

const nothing = (): void => undefined
