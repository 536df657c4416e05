import type { StandardSchemaV1 } from '@standard-schema/spec'
import { excerpt } from '../errors.ts'
import { type Duration, duration } from '../time/clock.ts'
import { DAY, type DurationInput, parseDuration } from '../time/duration.ts'
import { type EnqueueArguments, type JobRequest, payloadFirst, type RequestOptions } from './client.ts'
import type { JobContract } from './contract.ts'
import { InvalidJobError } from './errors.ts'
import type { JobHandler, Run } from './handler.ts'
import type { MustTakeJson } from './json-type.ts'
import { readLimit } from './limits.ts'
import { jobName, queueName } from './names.ts'
import { fieldsOf, noting } from './options.ts'
import { NORMAL, type Priority, readPriority } from './priority.ts'
import { type RetryOptions, readRetry } from './retry.ts'
import { type DiscardRuleOptions, type RetryRuleOptions, withRules } from './rules.ts'
import { notJsonInputs } from './schema.ts'

type NoSchema = StandardSchemaV1<undefined, undefined>
type In<Schema extends StandardSchemaV1> = StandardSchemaV1.InferInput<Schema>
type Out<Schema extends StandardSchemaV1> = StandardSchemaV1.InferOutput<Schema>

/** What a job type is made of. */
export type JobOptions<Payload extends StandardSchemaV1, Result extends StandardSchemaV1> = {
  readonly name: string
  /** `default` unless said. */
  readonly queue?: string
  readonly formerQueues?: readonly string[]
  /** A Standard Schema whose input is JSON; a job without one takes no payload. */
  readonly payload?: Payload & MustTakeJson<Payload, 'payload'>
  /** What the handler must return: an attempt that returns something else has failed. */
  readonly result?: Result & MustTakeJson<Result, 'result'>
  readonly retry?: RetryOptions
  /** Errors that are retried otherwise than the rest; the first that is about an error counts, each has attempts of its own. */
  readonly retryOn?: readonly RetryRuleOptions[]
  /** Errors that end a job as `discarded`; they are looked at before `retryOn`. */
  readonly discardOn?: readonly DiscardRuleOptions[]
  /** How often a job may be handed back by processes that stop, 0 to 1,000; with the next it is dead. 10 unless said. */
  readonly interruptions?: number
  /** Over how many lost workers a job is dead, 1 to 3; 3 unless said. */
  readonly crashes?: number
  /** How long an attempt may take: then its signal aborts, and it has failed however its handler ends; unlimited unless said. */
  readonly timeout?: DurationInput
  /** How long after it is due a job may begin: then it ends as `expired`; however late unless said. */
  readonly expiresIn?: DurationInput
  /** 0 to 9, 0 first, or 'urgent' (1), 'high' (3), 'normal' (5), 'low' (7); 5 unless said. First in, first out within a level. */
  readonly priority?: Priority
  /** How long a job waits for a worker that knows its name; 7 days unless said. */
  readonly unknownFor?: DurationInput
  /** The handler, for programs small enough to have it in the same module. */
  readonly run?: NoInfer<Run<Out<Payload>, In<Result>>>
}

/**
 * A job type: its contract, and the ways to attach a handler and to ask for a job.
 * A list of job types of any kind is a list of JobContract.
 */
export type JobDefinition<Input, Output, Result> = JobContract<Input, Output, Result> & {
  /** The handler given as `run`. */
  readonly handler: JobHandler | undefined
  /** Attaches the work, in a module that only workers load. */
  handle(run: Run<Output, Result>): JobHandler
  /** One job for enqueueMany. */
  request(...args: EnqueueArguments<Input, RequestOptions>): JobRequest
}

const OPTIONS = [
  'name',
  'queue',
  'formerQueues',
  'payload',
  'result',
  'retry',
  'retryOn',
  'discardOn',
  'interruptions',
  'crashes',
  'timeout',
  'expiresIn',
  'priority',
  'unknownFor',
  'run',
] as const
const UNKNOWN_FOR = duration(7 * DAY)

/**
 * Defines a job type. A web process can import it without the handler's world. Throws InvalidJobError with every fault:
 * a name outside its grammar, a schema that is none or takes what is not JSON, a retry policy that cannot be meant.
 */
export function defineJob<Payload extends StandardSchemaV1 = NoSchema, Result extends StandardSchemaV1 = NoSchema>(
  options: JobOptions<Payload, Result>,
): JobDefinition<In<Payload>, Out<Payload>, In<Result>>
export function defineJob(options: unknown): JobDefinition<unknown, unknown, unknown> {
  const faults: string[] = []
  const { run, ...fields } = fieldsOf(options ?? null, 'defineJob', OPTIONS, faults)
  const contract = readContract(fields, faults)
  if (run !== undefined && !isRun(run)) faults.push(`run: must be a function, got ${excerpt(run)}`)
  if (faults.length > 0) throw new InvalidJobError(`defineJob ${excerpt(fields['name'])}`, faults)
  const handle = (work: Run<unknown, unknown>): JobHandler => handlerOf(contract, work)
  return Object.freeze({
    ...contract,
    handler: isRun(run) ? handle(run) : undefined,
    handle,
    request: (...args: readonly unknown[]) => requestOf(contract, args),
  })
}

function readContract(fields: Readonly<Record<string, unknown>>, faults: string[]): JobContract {
  const { name, queue = 'default', formerQueues = [], payload, result, retry, timeout, expiresIn, unknownFor } = fields
  const present = noting(faults, 'default', () => queueName(queue, 'queue'))
  return Object.freeze({
    name: noting(faults, '', () => jobName(name, 'name')),
    queue: present,
    formerQueues: Object.freeze(readQueues(formerQueues, faults).filter((former) => former !== present)),
    payload: readSchema(payload, 'payload', faults),
    result: readSchema(result, 'result', faults),
    retry: withRules(readRetry(retry, faults), fields, faults),
    timeout: readLimit(timeout, 'timeout', faults),
    expiresIn: readLimit(expiresIn, 'expiresIn', faults),
    priority: readPriority(fields['priority'], 'priority', faults) ?? NORMAL,
    unknownFor: readUnknownFor(unknownFor, faults),
  })
}

function readQueues(value: unknown, faults: string[]): readonly string[] {
  if (Array.isArray(value)) {
    return value.map((queue: unknown, index) => noting(faults, '', () => queueName(queue, `formerQueues[${index}]`)))
  }
  faults.push(`formerQueues: must be a list of queue names, got ${excerpt(value)}`)
  return []
}

function readSchema(value: unknown, where: string, faults: string[]): StandardSchemaV1 | undefined {
  if (value === undefined) return undefined
  if (!isSchema(value)) {
    faults.push(`${where}: must be a Standard Schema (of zod, valibot, arktype …), got ${excerpt(value)}`)
    return undefined
  }
  for (const { path, message } of notJsonInputs(value, where)) faults.push(`${path}: ${message}`)
  return value
}

function readUnknownFor(value: unknown, faults: string[]): Duration {
  return value === undefined ? UNKNOWN_FOR : noting(faults, UNKNOWN_FOR, () => parseDuration(value, 'unknownFor'))
}

function isSchema(value: unknown): value is StandardSchemaV1 {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false
  const standard: unknown = Reflect.get(value, '~standard')
  return (
    typeof standard === 'object' &&
    standard !== null &&
    'validate' in standard &&
    typeof standard.validate === 'function'
  )
}

const isRun = (value: unknown): value is Run<unknown, unknown> => typeof value === 'function'

function handlerOf(job: JobContract, run: unknown): JobHandler {
  if (isRun(run)) return Object.freeze({ job, run })
  throw new InvalidJobError(`${job.name}.handle`, [`must be given a function, got ${excerpt(run)}`])
}

function requestOf(job: JobContract, args: readonly unknown[]): JobRequest {
  const [payload, options = {}] = payloadFirst(job, args)
  const given = typeof options === 'object' && options !== null ? Object.freeze({ ...options }) : options
  // What callers without types give is looked at by the call that takes the request.
  return Object.freeze({ job, payload, options: given as RequestOptions })
}
