import { createHash } from 'node:crypto'
import type { JobContract } from '../job/contract.ts'
import { ownId } from '../job/names.ts'
import { APART, type Extension, encodeRecord, plainRecord } from '../job/record.ts'
import type { Entry } from '../store/entry.ts'

/** Eight bytes of a payload's SHA-256: enough to tell another payload under the same id. The order of properties does not count. */
export const payloadHash = (text: string): string =>
  createHash('sha256').update(sorted(text)).digest().subarray(0, 8).toString('base64url')

/** A text that is no JSON (that of no payload, or of another hand) stays as it is. */
function sorted(text: string): string {
  if (!text.includes('{')) return text
  try {
    return JSON.stringify(JSON.parse(text, inOrder))
  } catch {
    return text
  }
}

function inOrder(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
}

/** What a job is made of: `at` is a due time as the store takes it, `id` one of the caller's own. */
export type Made = {
  readonly job: JobContract
  readonly text: string
  readonly at: string
  readonly id: string | undefined
  readonly extension: Extension | undefined
}

/** A job as the store takes it. */
export function entryOf({ job, text: payload, at, id, extension }: Made): Entry {
  if (id === undefined && extension === undefined && payload.length <= APART / 3) {
    return { at, own: '', record: plainRecord(job.name, payload), apart: '' }
  }
  const own = id === undefined ? '' : ownId(id)
  const { head, apart } = encodeRecord({
    name: job.name,
    ownId: own,
    failures: 0,
    interruptions: 0,
    extension: extension ?? {},
    payload,
  })
  const hashed = own === '' ? '' : `${job.name} ${own} ${payloadHash(payload)}`
  return { at, own: hashed, record: head, apart, lane: extension?.lane }
}
