import type { Receipt } from '../job/client.ts'
import { idAt, isJobId } from '../job/id.ts'
import type { Entered } from '../store/call.ts'
import { OutcomeUnknownError } from '../store/errors.ts'
import { ownEntry, type QueueDoor } from '../store/queue.ts'
import { entryOf, payloadHash } from './entry.ts'
import { ConflictError } from './errors.ts'
import { inTime } from './in-time.ts'
import { created, type Parcel } from './parcels.ts'
import { type Resends, resends } from './resend.ts'
import { openWays, type Way, type WayParts } from './way.ts'

/** Takes jobs to their queues, each queue over a numbered line of its own. */
export type Sender = {
  /** Settles before the parcel's `until`, or within the time of a call from now. */
  put(parcel: Parcel): Promise<Receipt>
  /** Waits for the calls under way. */
  close(): Promise<void>
}

/** Opens a sender. */
export function sender(parts: WayParts): Sender {
  const { clock, timeout } = parts
  const ways = openWays(parts)
  const resent = resends(parts)
  const open = async (parcel: Parcel): Promise<Receipt> => {
    const until = parcel.until ?? clock.monotonic() + timeout
    const way = await inTime(ways.to(parcel.job.queue), until, clock)
    return onWay(way, { ...parcel, until })
  }
  const onWay = (way: Way, parcel: Parcel): Promise<Receipt> => {
    const { job, id } = parcel
    if (id === undefined) return send(parts, way, parcel, resent)
    if (isJobId(id) && resent.isOurs(id)) return resent.again(way, { ...parcel, id })
    return job.formerQueues.length === 0 ? send(parts, way, parcel, resent) : named(way, { ...parcel, id })
  }
  const named = async (way: Way, parcel: Named): Promise<Receipt> => {
    const until = parcel.until ?? clock.monotonic() + timeout
    const stood = await inTime(formerly(parts, parcel), until, clock)
    return stood ?? send(parts, way, { ...parcel, until }, resent)
  }
  return {
    put: (parcel) => {
      const way = ways.ready.get(parcel.job.queue)
      return way === undefined ? open(parcel) : onWay(way, parcel)
    },
    close: ways.close,
  }
}

/** The hot path of a client: one promise beside the line's own. */
function send(parts: WayParts, way: Way, parcel: Parcel, resent: Resends): Promise<Receipt> {
  const { id, until } = parcel
  return way.line.enter(entryOf(parcel), until).then(
    (entered) => (entered.stood === '' ? created(parcel, entered) : stands(parts, way, parcel, entered)),
    (error: unknown) => {
      if (!(error instanceof OutcomeUnknownError)) throw error
      // An id of the caller's own says more than the one that its job may have got: it can be sent again by anybody.
      if (id !== undefined) throw new OutcomeUnknownError(id, { cause: error })
      resent.doubt(error.id)
      throw error
    },
  )
}

/** Nothing was stored: what stands under the own id is the job. */
function stands({ clock, timeout }: WayParts, { door }: Way, parcel: Parcel, entered: Entered): Promise<Receipt> {
  const now = (): Promise<number> => Promise.resolve(entered.dueAt)
  return inTime(existing(door, parcel, entered.stood, now), parcel.until ?? clock.monotonic() + timeout, clock)
}

type Named = Parcel & { readonly id: string }

/** An id of the caller's own that stands in a queue that the job type had before names the same job. */
async function formerly({ store }: WayParts, parcel: Named): Promise<Receipt | undefined> {
  const opened = await store()
  for (const queue of parcel.job.formerQueues) {
    const door = await opened.queue(queue)
    const entry = await door.own(parcel.job.name, parcel.id)
    if (entry) return existing(door, parcel, `${entry.page} ${entry.slot} ${entry.hash}`, opened.inspector.time)
  }
  return undefined
}

/** The receipt of the job that stands; of one that has gone meanwhile only the id is known, and that it is due no more. */
async function existing(door: QueueDoor, parcel: Parcel, stood: string, now: () => Promise<number>): Promise<Receipt> {
  const { page, slot, hash } = ownEntry(stood)
  if (hash !== payloadHash(parcel.text)) throw new ConflictError(parcel.job.name, parcel.id ?? '')
  const found = await door.get(page, slot)
  const dueAt = new Date(found.kind === 'job' ? found.job.dueAt : await now())
  return { id: idAt(door.token, page, slot), queue: door.queue, dueAt, outcome: 'exists' }
}
