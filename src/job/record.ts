import type { RetryOverride } from './retry.ts'

/** What became of one failed attempt, as it is kept with the job. */
export type AttemptError = {
  readonly attempt: number
  readonly at: number
  readonly name: string
  readonly message: string
  readonly stack?: string
}

/** The tick that made a job: instants in milliseconds. */
export type TickMark = {
  readonly schedule: string
  readonly plannedAt: number
  readonly standsFor: number
  readonly previousAt: number | null
  /** When it was due; the planned instant unless it was spread. */
  readonly dueAt?: number
  /** After this instant it does not begin any more. */
  readonly until?: number
  /** Whether the next run of the schedule waits for the end of this one. */
  readonly follows?: true
}

/** What only some jobs carry beside name and payload. */
export type Extension = {
  readonly tick?: TickMark
  readonly errors?: readonly AttemptError[]
  readonly reason?: string
  /** What the job's schedule says otherwise than the retry policy of its type. */
  readonly retry?: RetryOverride
}

/** A job as it lies in its slot: everything but its state, claim number and instants, which stand in the page's head. */
export type JobRecord = {
  readonly name: string
  readonly ownId: string
  readonly failures: number
  readonly interruptions: number
  readonly extension: Extension
  readonly payload: string
}

/** The payload of a record above this many bytes lies in a key of its own. */
export const APART = 1024

/** The newest version of a record that this release reads. */
export const RECORD_VERSION = 2

/** A record as text: five lines (version with counters, name, own id, extension, payload); '2' says that the payload lies apart. */
export function encodeRecord(record: JobRecord): { readonly head: string; readonly apart: string } {
  const counters = record.failures + record.interruptions > 0 ? `${record.failures},${record.interruptions}` : ''
  const extension = Object.keys(record.extension).length > 0 ? JSON.stringify(record.extension) : ''
  const rest = `${counters}\n${record.name}\n${record.ownId}\n${extension}\n`
  return Buffer.byteLength(record.payload) <= APART
    ? { head: `1${rest}${record.payload}`, apart: '' }
    : { head: `2${rest}`, apart: record.payload }
}

/** The plain record of a new job with neither own id nor extension; the hot path of enqueue. */
export const plainRecord = (name: string, payload: string): string => `1\n${name}\n\n\n${payload}`

/** Reads a record; null when a newer release wrote it. */
export function decodeRecord(text: string): JobRecord | null {
  if (text.charCodeAt(0) - 48 > RECORD_VERSION) return null
  const first = text.indexOf('\n')
  const second = text.indexOf('\n', first + 1)
  const third = text.indexOf('\n', second + 1)
  const fourth = text.indexOf('\n', third + 1)
  const [failures = '0', interruptions = '0'] = first > 1 ? text.slice(1, first).split(',') : []
  return {
    name: text.slice(first + 1, second),
    ownId: text.slice(second + 1, third),
    failures: Number(failures),
    interruptions: Number(interruptions),
    extension: fourth > third + 1 ? extensionIn(text.slice(third + 1, fourth)) : {},
    payload: text.slice(fourth + 1),
  }
}

/** One that somebody has damaged by hand must not keep the jobs beside it from being claimed: it is left out. */
function extensionIn(text: string): Extension {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}
