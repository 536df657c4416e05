import type { StoredLimits } from './limits.ts'
import type { RetryOverride } from './retry.ts'

/** What became of one failed attempt, as it is kept with the job. */
export type AttemptError = {
  readonly attempt: number
  /** When it began, and when it had failed. */
  readonly from?: number
  readonly at: number
  /** Host and process that ran it. */
  readonly worker?: string
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
  /** Why it is dead, or was discarded. */
  readonly reason?: string
  /** When it was first due; said once another due instant stands in the page. */
  readonly since?: number
  /** How often each rule by error has counted a failure, by its label. */
  readonly rules?: Readonly<Record<string, number>>
  /** How often it was snoozed in this life. */
  readonly snoozes?: number
  /** How many claims it had in its lives before it was revived last. */
  readonly past?: number
  /** What the job's schedule says otherwise than the retry policy of its type. */
  readonly retry?: RetryOverride
  /** The lane of ready in which it waits, if not in that of plain jobs: its priority. Scripts read it too. */
  readonly lane?: string
} & StoredLimits

/** A job as it lies in its slot: everything but its state, claim number and instants, which stand in the page's head. */
export type JobRecord = {
  readonly name: string
  readonly ownId: string
  readonly failures: number
  /** Claims that burnt no attempt: hand-backs, and those that the extension tells, snoozes and the claims of earlier lives. */
  readonly interruptions: number
  readonly extension: Extension
  readonly payload: string
}

/** How often a job was handed back in this life. */
export const handBacksOf = ({ interruptions, extension: { snoozes = 0, past = 0 } }: JobRecord): number =>
  Math.max(0, interruptions - snoozes - past)

/** The payload of a record above this many bytes lies in a key of its own. */
export const APART = 1024

/** The newest version of a record that this release reads. */
export const RECORD_VERSION = 2

const KEPT_ERRORS = 10
const KEPT_BYTES = 16 * 1024

/**
 * The failed attempts of a job and one more: the newest 10, in at most about 16 KiB of text. Where that is too little the
 * oldest lose first their stacks, then their place; the newest is kept whole.
 */
export function withAttempt(errors: readonly AttemptError[], newest: AttemptError): readonly AttemptError[] {
  const kept = [newest]
  let bytes = Buffer.byteLength(JSON.stringify(newest))
  for (const error of errors.slice(1 - KEPT_ERRORS).reverse()) {
    const { stack: _stack, ...bare } = error
    const size = Buffer.byteLength(JSON.stringify(error))
    const told = bytes + size <= KEPT_BYTES ? error : bare
    bytes += told === error ? size : Buffer.byteLength(JSON.stringify(bare))
    if (bytes > KEPT_BYTES) break
    kept.unshift(told)
  }
  return kept
}

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
