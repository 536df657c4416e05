import { type JobId, jobId } from '../job/id.ts'
import { dueAt, type Entry } from './entry.ts'
import { OutcomeUnknownError } from './errors.ts'
import type { Recalled } from './recall.ts'

/** What became of an entry: its id, its due instant, and what stood under its own id before, if anything did. */
export type Entered = { readonly id: JobId; readonly dueAt: number; readonly stood: string }

/** An entry with the one who waits for its answer. */
export type Waiting = Entry & { readonly resolve: (entered: Entered) => void; readonly reject: (error: Error) => void }

/** A numbered call of a line, and what is known of its sendings. */
export type Call = {
  readonly client: string
  readonly first: number
  entries: readonly Waiting[]
  readonly deadline: number
  /** Whether it had time enough for its silence to say something of the socket. */
  readonly patient: boolean
  readonly done: (error?: Error) => void
  /** How many of its sendings may have been carried out. */
  doubts: number
  /** Why the store did not take it, when it said so last. */
  why: string
  again: boolean
}

/** What the store answered to a call that it has taken. */
export type Taken = {
  readonly now: number
  /** What stood under own ids, in the order of the entries that have one. */
  readonly stood: readonly string[]
  /** What the answer that was lost has said, when it was not the first. */
  readonly recalled: readonly Recalled[] | undefined
}

/** Tells everyone who waits for a call that the store has taken it. */
export function accept(token: string, { client, first, entries }: Call, { now, stood, recalled }: Taken): void {
  let named = 0
  entries.forEach((entry, index) => {
    const told = { dueAt: dueAt(entry.at, now), stood: entry.own === '' ? '' : (stood[named++] ?? '') }
    entry.resolve({ id: jobId(token, client, first + index), ...told, ...recalled?.[index] })
  })
}

/** Whether a job's due time counts from the moment at which the store takes it. */
export const isCounted = ({ at }: Entry): boolean => at.startsWith('+')

/** Takes those jobs out of a call that the store has not taken, and tells who waits for them why; answers how many others it has. */
export function refuseCounted(call: Call, error: Error): number {
  const counted = call.entries.filter(isCounted)
  call.entries = call.entries.filter((entry) => !isCounted(entry))
  for (const { reject } of counted) reject(error)
  return call.entries.length
}

/** Tells everyone who waits for a call that it failed. Whatever stands against it now, an earlier sending may have been carried out. */
export function refuse(token: string, { client, first, entries, doubts }: Call, error: Error): void {
  const errorFor = (id: JobId): Error => (doubts > 0 ? new OutcomeUnknownError(id, { cause: error }) : error)
  entries.forEach((entry, index) => {
    entry.reject(errorFor(jobId(token, client, first + index)))
  })
}
