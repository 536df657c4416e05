import { MorrowError } from '../errors.ts'
import type { JobContract } from '../job/contract.ts'
import { InvalidJobError } from '../job/errors.ts'
import { LIMIT_OPTIONS, readLimits, type StoredLimits } from '../job/limits.ts'
import { fieldsOf } from '../job/options.ts'
import { writePayload } from '../job/payload.ts'
import { encodeRecord, type JobRecord } from '../job/record.ts'
import type { ReadJob } from '../store/selection.ts'
import { payloadOf } from './matches.ts'

/** A record as it shall stand. */
export type Rewritten = { readonly head: string; readonly apart: string }

/** Makes the record that a job shall have of the one that it has. */
export type Rewrite = (read: ReadJob) => Promise<Rewritten>

/**
 * Reads what of jobs is replaced; the job type is needed for a payload. One that is given passes the schema now, one that is
 * made of another when it is made: InvalidPayloadError then names its job.
 */
export async function rewriteOf(job: JobContract | undefined, given: unknown, payloadLimit: number): Promise<Rewrite> {
  const faults: string[] = []
  const fields = fieldsOf(given ?? {}, 'update', ['payload', ...LIMIT_OPTIONS], faults)
  const limits = readLimits(fields, faults)
  const hasPayload = 'payload' in fields
  if (hasPayload && job === undefined) faults.push(NO_TYPE)
  if (!hasPayload && limits === undefined && faults.length === 0) faults.push(NOTHING)
  if (faults.length > 0) throw new InvalidJobError('the changes of a call', faults)
  const make = job && hasPayload ? await payloadsOf(job, fields['payload'], payloadLimit) : undefined
  return async (read) => {
    const record = limited(read.job.record, limits)
    return encodeRecord(make === undefined ? record : { ...record, payload: await make(read) })
  }
}

const NO_TYPE = 'job: must be a job type (what defineJob answers), because a payload is held against its schema'
const NOTHING = `update: must say what is replaced: payload, ${LIMIT_OPTIONS.join(', ')}`

type MakePayload = (read: ReadJob) => Promise<string>

async function payloadsOf(job: JobContract, given: unknown, payloadLimit: number): Promise<MakePayload> {
  if (typeof given !== 'function') {
    const text = await writePayload(job, given, payloadLimit)
    return async () => text
  }
  const make = given as (before: unknown) => unknown
  return (read) => ofJob(read, async () => writePayload(job, make(payloadOf(read)), payloadLimit))
}

/** An end that is said takes the place of the other way to say it. */
function limited(record: JobRecord, limits: StoredLimits | undefined): JobRecord {
  if (limits === undefined) return record
  const { expiresIn, until, ...others } = record.extension
  const saysEnd = limits.expiresIn !== undefined || limits.until !== undefined
  return { ...record, extension: { ...(saysEnd ? others : record.extension), ...limits } }
}

/** Names the job in an error of ours. */
async function ofJob<Answer>({ job: { id } }: ReadJob, make: () => Promise<Answer>): Promise<Answer> {
  try {
    return await make()
  } catch (error) {
    if (error instanceof MorrowError) error.message = `job ${id}: ${error.message}`
    throw error
  }
}
