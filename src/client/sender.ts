import type { Receipt } from '../job/client.ts'
import type { JobContract } from '../job/contract.ts'
import type { Emit } from '../job/events.ts'
import { idAt, placeOf } from '../job/id.ts'
import { errorOf, faultOf, OutcomeUnknownError } from '../store/errors.ts'
import type { Entered, Line } from '../store/line.ts'
import { ownEntry, type QueueDoor } from '../store/queue.ts'
import type { Store } from '../store/store.ts'
import { type Clock, duration } from '../time/clock.ts'
import { entryOf, payloadHash } from './entry.ts'
import { ConflictError } from './errors.ts'
import type { Due } from './when.ts'

/** A job to be put: its payload as text, its due time, and an id of the caller's own. */
export type Parcel = Due & { readonly job: JobContract; readonly text: string; readonly id: string | undefined }

/** Takes jobs to their queues, each queue over a numbered line of its own. */
export type Sender = {
  put(parcel: Parcel): Promise<Receipt>
  /** Waits for the calls under way. */
  close(): Promise<void>
}

type SenderParts = {
  readonly store: () => Promise<Store>
  readonly clock: Clock
  readonly timeout: number
  readonly emit: Emit
}

type Way = { readonly line: Line; readonly door: QueueDoor }

/** How many ids of unknown outcome are remembered, so that they may be sent again. */
const MOST_UNKNOWN = 10_000

/** Opens a sender. */
export function sender(parts: SenderParts): Sender {
  const ways = new Map<string, Promise<Way>>()
  const ready = new Map<string, Way>()
  /** Ids of unknown outcome, each with the id under which it was sent last. */
  const unknown = new Map<string, string>()
  const wayTo = (queue: string): Promise<Way> => {
    const known = ways.get(queue)
    if (known) return known
    const way = openWay(parts, queue)
    ways.set(queue, way)
    way.then(
      (open) => ready.set(queue, open),
      () => ways.delete(queue),
    )
    return way
  }
  return {
    put: async (parcel) => {
      const { job, id } = parcel
      const way = ready.get(job.queue) ?? (await wayTo(job.queue))
      const sentAs = id === undefined ? undefined : unknown.get(id)
      if (id !== undefined && sentAs !== undefined) return again(way, parcel, { id, sentAs, unknown })
      const stood = id === undefined ? undefined : await formerly(parts, parcel, id)
      if (stood) return stood
      try {
        return await receiptOf(way, parcel, await way.line.enter(entryOf(job, parcel.text, parcel.at, id)))
      } catch (error) {
        if (error instanceof OutcomeUnknownError && unknown.size < MOST_UNKNOWN) unknown.set(error.id, error.id)
        throw error
      }
    },
    close: async () => {
      await Promise.all([...ready.values()].map(({ line }) => line.settled()))
      for (const { line } of ready.values()) line.close()
    },
  }
}

async function openWay({ store, clock, timeout, emit }: SenderParts, queue: string): Promise<Way> {
  try {
    const opened = await store()
    const onRolledBack = (lost: number): void => emit({ kind: 'store.rolledBack', queue, lost })
    return {
      door: await opened.queue(queue),
      line: await opened.line(queue, { clock, timeout: duration(timeout), onRolledBack }),
    }
  } catch (error) {
    throw errorOf(faultOf(error))
  }
}

type Doubt = { readonly id: string; readonly sentAs: string; readonly unknown: Map<string, string> }

/** A job whose call was never answered: once its number is closed for good, it stands or it never will. */
async function again(way: Way, parcel: Parcel, { id, sentAs, unknown }: Doubt): Promise<Receipt> {
  await way.line.closeOff()
  const { job, text, at } = parcel
  const { page, slot } = placeOf(sentAs)
  const found = await way.door.get(page, slot)
  if (found.kind === 'job') {
    if (found.job.record.payload !== text) throw new ConflictError(job.name, id)
    return receipt(parcel, { id: sentAs, dueAt: found.job.dueAt, outcome: 'exists' })
  }
  try {
    const made = await receiptOf(way, parcel, await way.line.enter(entryOf(job, text, at, undefined)))
    unknown.set(id, made.id)
    return made
  } catch (error) {
    if (!(error instanceof OutcomeUnknownError)) throw error
    for (const known of [id, error.id]) unknown.set(known, error.id)
    throw error
  }
}

/** An id of the caller's own that stands in a queue that the job type had before names the same job. */
async function formerly({ store }: SenderParts, parcel: Parcel, id: string): Promise<Receipt | undefined> {
  for (const queue of parcel.job.formerQueues) {
    const door = await (await store()).queue(queue)
    const entry = await door.own(parcel.job.name, id)
    if (entry) return existing(door, parcel, `${entry.page} ${entry.slot} ${entry.hash}`, Number.NaN)
  }
  return undefined
}

async function receiptOf({ door }: Way, parcel: Parcel, { id, dueAt, stood }: Entered): Promise<Receipt> {
  return stood === '' ? receipt(parcel, { id, dueAt, outcome: 'created' }) : existing(door, parcel, stood, dueAt)
}

async function existing(door: QueueDoor, parcel: Parcel, stood: string, dueAt: number): Promise<Receipt> {
  const { page, slot, hash } = ownEntry(stood)
  if (hash !== payloadHash(parcel.text)) throw new ConflictError(parcel.job.name, parcel.id ?? '')
  const found = await door.get(page, slot)
  const due = found.kind === 'job' ? found.job.dueAt : dueAt
  return {
    ...receipt(parcel, { id: idAt(door.token, page, slot), dueAt: due, outcome: 'exists' }),
    queue: door.queue,
  }
}

const receipt = (
  { job, note }: Parcel,
  { id, dueAt, outcome }: { readonly id: string; readonly dueAt: number; readonly outcome: Receipt['outcome'] },
): Receipt => {
  const known = { id, queue: job.queue, dueAt: new Date(dueAt), outcome }
  return note === undefined ? known : { ...known, note }
}
