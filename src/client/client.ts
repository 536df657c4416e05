import type { Client, EnqueueOptions, JobRequest, Receipt, RequestOptions, ScheduleOptions } from '../job/client.ts'
import type { JobContract } from '../job/contract.ts'
import type { Emit } from '../job/events.ts'
import { ownId } from '../job/names.ts'
import { PAYLOAD_LIMIT_BYTES, writePayload } from '../job/payload.ts'
import { within } from '../lifecycle/deadline.ts'
import { RedisUnavailableError } from '../store/errors.ts'
import type { Store } from '../store/store.ts'
import { type Clock, duration } from '../time/clock.ts'
import type { When } from '../time/due.ts'
import { parseWhen } from '../time/parse-when.ts'
import { openCalls } from './calls.ts'
import { lookups } from './lookups.ts'
import { type Items, receiptPages } from './pages.ts'
import { type Parcel, type Sender, sender } from './sender.ts'
import { type Due, dueOf, type RedisTime, redisTime } from './when.ts'

/** What a client is made of. */
export type ClientParts = {
  /** Opens the store at the first call. */
  readonly store: () => Promise<Store>
  readonly clock: Clock
  /** How long a call may take, in milliseconds. */
  readonly timeout: number
  readonly payloadLimit?: number
  readonly emit?: Emit
  /** Closes what `store` opened; absent for a client that borrows a worker's connection. */
  readonly release?: () => Promise<void>
}

/** Opens a client; it connects at its first call. */
export function openClient(parts: ClientParts): Client {
  const { clock, timeout, emit = () => undefined } = parts
  const calls = openCalls()
  const store = inTime(parts)
  const lines = sender({ store, clock, timeout, emit })
  const time = redisTime(store, clock)
  const { enqueue, enqueueMany, schedule } = puts(lines, time, parts.payloadLimit ?? PAYLOAD_LIMIT_BYTES)
  const { get, cancel, reschedule } = lookups(store, time)
  const put = calls.counted(schedule)
  const close = calls.closing(async () => {
    await lines.close()
    await parts.release?.()
  })
  const client = {
    enqueue: calls.counted((job: JobContract, ...given: readonly unknown[]) => {
      const [payload, options] = payloadFirst(job, given)
      return enqueue(job, payload, (options ?? {}) as EnqueueOptions)
    }),
    schedule: (job: JobContract, ...given: readonly unknown[]) => {
      const [payload, options] = payloadFirst(job, given)
      return put(job, payload, (options ?? {}) as ScheduleOptions)
    },
    enqueueMany: calls.counted(enqueueMany),
    scheduleMany: (job: JobContract, items: Items) =>
      receiptPages(items, ({ payload, ...when }) => put(job, payload, when as ScheduleOptions)),
    get: calls.counted(get),
    cancel: calls.counted(cancel),
    reschedule: calls.counted(reschedule),
    close,
    [Symbol.asyncDispose]: close,
  }
  return client as Client
}

/** The calls that put a job. */
function puts(lines: Sender, time: RedisTime, payloadLimit: number) {
  const parcelOf = async (job: JobContract, payload: unknown, options: RequestOptions): Promise<Parcel> => {
    const { id, ...when } = options
    if (id !== undefined) ownId(id, 'id')
    const due = isTimed(options) ? await dueOf(when as When, time) : NOW
    return { job, text: await writePayload(job, payload, payloadLimit), id, ...due }
  }
  return {
    enqueue: async (job: JobContract, payload: unknown, { id }: EnqueueOptions): Promise<Receipt> => {
      if (id !== undefined) ownId(id, 'id')
      const written = writePayload(job, payload, payloadLimit)
      return lines.put({ job, text: typeof written === 'string' ? written : await written, id, ...NOW })
    },
    /** All are looked at before the first is sent: one that is refused leaves nothing behind. */
    enqueueMany: async (requests: Iterable<JobRequest>): Promise<readonly Receipt[]> => {
      const parcels = Array.from(requests, ({ job, payload, options }) => parcelOf(job, payload, options))
      return Promise.all((await Promise.all(parcels)).map(lines.put))
    },
    schedule: async (job: JobContract, payload: unknown, options: ScheduleOptions): Promise<Receipt> => {
      // Without a time it is no job for now: it gets the same words as any other time that cannot be read.
      if (!isTimed(options)) parseWhen(options)
      return lines.put(await parcelOf(job, payload, options))
    },
  }
}

const NOW: Due = { at: '', note: undefined }

/** The store, or RedisUnavailableError when it is not open in time. */
function inTime({ store, clock, timeout }: ClientParts): () => Promise<Store> {
  return async () => {
    const opened = await within(store(), duration(timeout), clock)
    if (opened.kind === 'done') return opened.value
    throw new RedisUnavailableError(`no connection within ${timeout} ms`)
  }
}

/** A job without payload takes its options right after the job type. */
const payloadFirst = (job: JobContract, given: readonly unknown[]): readonly [payload: unknown, options: unknown] =>
  job.payload === undefined && !(given.length > 1 && given[0] === undefined)
    ? [undefined, given[0]]
    : [given[0], given[1]]

const isTimed = (options: RequestOptions): options is ScheduleOptions =>
  ('in' in options && options.in !== undefined) || ('at' in options && options.at !== undefined)
