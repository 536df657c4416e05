import { type Client, payloadFirst, type Receipt } from '../job/client.ts'
import { contractOf } from '../job/contract.ts'
import type { Emit } from '../job/events.ts'
import { PAYLOAD_LIMIT_BYTES } from '../job/payload.ts'
import type { Store } from '../store/store.ts'
import type { Clock } from '../time/clock.ts'
import { openCalls } from './calls.ts'
import { openDeadJobs } from './dead.ts'
import { lookups } from './lookups.ts'
import { many, PAGE } from './many.ts'
import { pagesOf } from './pages.ts'
import { parcels } from './parcels.ts'
import { openQueues } from './queues.ts'
import { type Asked, askedOf, type Timing } from './requests.ts'
import { openSchedules } from './schedules.ts'
import { openJobs } from './select.ts'
import { sender } from './sender.ts'
import { steering } from './steer.ts'
import { redisTime } from './when.ts'

/** What a client is made of. */
export type ClientParts = {
  /** Opens the store at the first call. */
  readonly store: () => Promise<Store>
  readonly clock: Clock
  /** How long a call may take, in milliseconds. */
  readonly timeout: number
  readonly payloadLimit?: number
  readonly emit?: Emit
  /** The version of the time-zone data here. */
  readonly tz: string
  /** The environment that it is of; while another one has the namespace and lives, schedules are not changed. Unsaid, they always are. */
  readonly environment?: string
  /** Closes what `store` opened; absent for a client that borrows a worker's connection. */
  readonly release?: () => Promise<void>
}

/** Opens a client; it connects at its first call. */
export function openClient(parts: ClientParts): Client {
  const { store, clock, timeout, tz, emit = () => undefined, payloadLimit = PAYLOAD_LIMIT_BYTES } = parts
  const calls = openCalls()
  const time = redisTime({ store, clock, timeout })
  const lines = sender({ store, clock, timeout, emit, time })
  const parcelOf = parcels({ time, clock, timeout })
  const put = (asked: Asked): Promise<Receipt> => {
    const parcel = parcelOf(asked)
    return parcel instanceof Promise ? parcel.then(lines.put) : lines.put(parcel)
  }
  const one = (timing: Timing) =>
    calls.counted((job: unknown, ...given: readonly unknown[]): Promise<Receipt> => {
      const [payload, options] = payloadFirst(contractOf(job), given)
      const asked = askedOf({ job, payload, options }, timing, payloadLimit)
      return asked instanceof Promise ? asked.then(put) : put(asked)
    })
  const { listed, paged } = many({ put: lines.put, parcelOf, payloadLimit })
  const page = calls.counted(paged)
  const close = calls.closing(async () => {
    await lines.close()
    await parts.release?.()
  })
  const jobs = { store, time, clock, timeout, payloadLimit, counted: calls.counted }
  const client = {
    enqueue: one('now'),
    schedule: one('later'),
    enqueueMany: calls.counted(listed),
    scheduleMany: (job: unknown, given: unknown) =>
      pagesOf(given, PAGE, (items, first) => page(contractOf(job), items, first)),
    ...lookups({ store, time, clock, timeout }, calls.counted),
    ...steering(jobs),
    jobs: openJobs(jobs),
    schedules: openSchedules({ store, clock, tz, by: 'api', counted: calls.counted, environment: parts.environment }),
    queues: openQueues({ store, clock, tz, by: 'api', counted: calls.counted, environment: parts.environment }),
    dead: openDeadJobs({ store, payloadLimit, counted: calls.counted }),
    close,
    [Symbol.asyncDispose]: close,
  }
  return client as unknown as Client
}
