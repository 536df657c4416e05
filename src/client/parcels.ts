import type { Receipt } from '../job/client.ts'
import type { JobContract } from '../job/contract.ts'
import type { Extension } from '../job/record.ts'
import type { Clock } from '../time/clock.ts'
import { inTime, type Until } from './in-time.ts'
import type { Asked } from './requests.ts'
import { type Due, dueOf, type RedisTime } from './when.ts'

/** A job to be put: its payload as text, its due time, an id of the caller's own, and what it says of itself. */
export type Parcel = Due & {
  readonly job: JobContract
  readonly text: string
  readonly id: string | undefined
  readonly extension: Extension | undefined
  /** By when the call must be settled, if some of its time has passed already. */
  readonly until: Until | undefined
}

/** The receipt of a job that was made. */
export function created(
  { job, note }: Parcel,
  { id, dueAt }: { readonly id: string; readonly dueAt: number },
): Receipt {
  const known = { id, queue: job.queue, dueAt: new Date(dueAt), outcome: 'created' } as const
  return note === undefined ? known : { ...known, note }
}

/** Makes parcels of what is asked for; at once unless Redis' clock has to be looked at, which is counted as time of the call. */
export function parcels({
  time,
  clock,
  timeout,
}: {
  readonly time: RedisTime
  readonly clock: Clock
  readonly timeout: number
}): (asked: Asked) => Parcel | Promise<Parcel> {
  return ({ job, text, id, when, extension }) => {
    if (when === undefined) return { job, text, id, extension, at: '', note: undefined, until: undefined }
    const due = dueOf(when, time)
    if (!(due instanceof Promise)) return { job, text, id, extension, at: due.at, note: due.note, until: undefined }
    const until = clock.monotonic() + timeout
    return inTime(due, until, clock).then(({ at, note }) => ({ job, text, id, extension, at, note, until }))
  }
}
