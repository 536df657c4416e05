import { types } from 'node:util'
import { excerpt } from '../errors.ts'
import { contractOf, type JobContract } from '../job/contract.ts'
import { InvalidJobError } from '../job/errors.ts'
import { LIMIT_OPTIONS, readLimits, type StoredLimits } from '../job/limits.ts'
import { ownId } from '../job/names.ts'
import { fieldsOf, noting } from '../job/options.ts'
import { writePayload } from '../job/payload.ts'
import { laneOf, NORMAL, readPriority } from '../job/priority.ts'
import type { Extension } from '../job/record.ts'
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
  /** What the job says of itself; undefined when that is nothing. */
  readonly extension: Extension | undefined
}

/** Whether a call takes a time: never, always, or at will. */
export type Timing = 'now' | 'later' | 'either'

type Options = Pick<Asked, 'id' | 'when' | 'extension'> & { readonly priority: number | undefined }

const NONE: Options = { id: undefined, when: undefined, extension: undefined, priority: undefined }

/** Looks at all of a request that can be told without Redis; synchronous unless the payload's schema is not. */
export function askedOf(request: Request, timing: Timing, payloadLimit: number): Asked | Promise<Asked> {
  const job = contractOf(request.job)
  const options = request.options === undefined && timing !== 'later' ? NONE : readOptions(request.options, timing)
  const { id, when } = options
  const extension = inLane(options.extension, options.priority ?? job.priority)
  const text = writePayload(job, request.payload, payloadLimit)
  if (typeof text === 'string') return { job, text, id, when, extension }
  return text.then((late) => ({ job, text: late, id, when, extension }))
}

function readOptions(given: unknown, timing: Timing): Options {
  if (typeof given !== 'object' || given === null || Array.isArray(given) || types.isDate(given)) {
    if (timing === 'later') parseWhenOf(given)
    const expected = `must be an object such as { id: 'trial:42' }, got ${excerpt(given)}`
    throw new InvalidJobError('the options of a call', [expected])
  }
  const { id, timeout, expiresIn, deadline, priority, ...rest } = given as Readonly<Record<string, unknown>>
  const faults: string[] = []
  const limits = readLimits({ timeout, expiresIn, deadline }, faults)
  const level = readPriority(priority, 'priority', faults)
  const isTimed = timing === 'later' || Object.values(rest).some((value) => value !== undefined)
  const readId = (): string | undefined => (id === undefined ? undefined : ownId(id, 'id'))
  const readWhen = (): ParsedWhen | undefined => (isTimed ? timeOf(rest, timing) : undefined)
  if (faults.length > 0) {
    noting<unknown>(faults, undefined, readWhen)
    noting<unknown>(faults, undefined, readId)
    throw new InvalidJobError('the options of a call', faults)
  }
  const when = readWhen()
  refuseNever(limits, when)
  return { id: readId(), when, extension: limits, priority: level }
}

/** What a job says of itself, with its lane if it has one. */
function inLane(extension: Extension | undefined, priority: number = NORMAL): Extension | undefined {
  const lane = laneOf(priority)
  return lane === undefined ? extension : { ...extension, lane }
}

/** What is due after its deadline could never begin. */
function refuseNever(limits: StoredLimits | undefined, when: ParsedWhen | undefined): void {
  if (limits?.until === undefined || when?.kind !== 'instant' || when.at <= limits.until) return
  const [deadline, at] = [limits.until, when.at].map((each) => new Date(each).toISOString())
  throw new InvalidJobError('the options of a call', [
    `deadline, at: expected a deadline that is not before at, got deadline ${deadline} and at ${at}: it could never begin`,
  ])
}

function timeOf(rest: Readonly<Record<string, unknown>>, timing: Timing): ParsedWhen {
  if (timing !== 'now') return parseWhenOf(rest)
  if (rest['in'] !== undefined || rest['at'] !== undefined) {
    throw new InvalidTimeError(`expected no time, because enqueue means now, got ${excerpt(rest)}: call schedule`)
  }
  const faults: string[] = []
  fieldsOf(rest, 'enqueue', ['id', 'priority', ...LIMIT_OPTIONS], faults)
  throw new InvalidJobError('the options of a call', faults)
}

/** A request of enqueueMany, when it looks like one; else InvalidJobError. */
export function requestOf(value: unknown): Request {
  if (typeof value === 'object' && value !== null && 'job' in value) return value
  throw new InvalidJobError('a request', [`must be what the request(…) of a job type answers, got ${excerpt(value)}`])
}
