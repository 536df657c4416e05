import { types } from 'node:util'
import { excerpt } from '../errors.ts'
import { contractOf, type JobContract } from '../job/contract.ts'
import { InvalidJobError } from '../job/errors.ts'
import { ownId } from '../job/names.ts'
import { fieldsOf } from '../job/options.ts'
import { writePayload } from '../job/payload.ts'
import type { ParsedWhen } from '../time/due.ts'
import { InvalidTimeError } from '../time/invalid-time.ts'
import { parseWhenOf } from '../time/parse-when.ts'

/** What a caller gives for one job, not looked at yet. */
export type Request = { readonly job: unknown; readonly payload?: unknown; readonly options?: unknown }

/** A request that has been looked at. Without `when` the job is for now. */
export type Asked = {
  readonly job: JobContract
  readonly text: string
  readonly id: string | undefined
  readonly when: ParsedWhen | undefined
}

/** Whether a call takes a time: never, always, or at will. */
export type Timing = 'now' | 'later' | 'either'

type Options = Pick<Asked, 'id' | 'when'>

const NONE: Options = { id: undefined, when: undefined }

/** Looks at all of a request that can be told without Redis; synchronous unless the payload's schema is not. */
export function askedOf(request: Request, timing: Timing, payloadLimit: number): Asked | Promise<Asked> {
  const job = contractOf(request.job)
  const { id, when } = request.options === undefined && timing !== 'later' ? NONE : readOptions(request.options, timing)
  const text = writePayload(job, request.payload, payloadLimit)
  return typeof text === 'string' ? { job, text, id, when } : text.then((late) => ({ job, text: late, id, when }))
}

function readOptions(given: unknown, timing: Timing): Options {
  if (typeof given !== 'object' || given === null || Array.isArray(given) || types.isDate(given)) {
    if (timing === 'later') parseWhenOf(given)
    const expected = `must be an object such as { id: 'trial:42' }, got ${excerpt(given)}`
    throw new InvalidJobError('the options of a call', [expected])
  }
  const { id, ...rest } = given as Readonly<Record<string, unknown>>
  const isTimed = timing === 'later' || Object.values(rest).some((value) => value !== undefined)
  const when = isTimed ? timeOf(rest, timing) : undefined
  return { id: id === undefined ? undefined : ownId(id, 'id'), when }
}

function timeOf(rest: Readonly<Record<string, unknown>>, timing: Timing): ParsedWhen {
  if (timing !== 'now') return parseWhenOf(rest)
  if (rest['in'] !== undefined || rest['at'] !== undefined) {
    throw new InvalidTimeError(`expected no time, because enqueue means now, got ${excerpt(rest)}: call schedule`)
  }
  const faults: string[] = []
  fieldsOf(rest, 'enqueue', ['id'], faults)
  throw new InvalidJobError('the options of a call', faults)
}

/** A request of enqueueMany, when it looks like one; else InvalidJobError. */
export function requestOf(value: unknown): Request {
  if (typeof value === 'object' && value !== null && 'job' in value) return value
  throw new InvalidJobError('a request', [`must be what the request(…) of a job type answers, got ${excerpt(value)}`])
}
