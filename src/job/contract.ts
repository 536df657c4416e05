import type { StandardSchemaV1 } from '@standard-schema/spec'
import { excerpt } from '../errors.ts'
import type { Duration } from '../time/clock.ts'
import { InvalidJobError } from './errors.ts'
import type { RetryPolicy } from './retry.ts'

/**
 * What a web process needs to know of a job type: no handler and nothing of the handler's world.
 * `Input` is the payload as it is given and stored, `Output` what the handler gets, `Result` what it returns.
 */
export type JobContract<Input = unknown, Output = unknown, Result = unknown> = {
  readonly name: string
  readonly queue: string
  /** Queues that jobs of this type were sent to before; a lookup by an own id asks them too. */
  readonly formerQueues: readonly string[]
  /** Undefined for a job without a payload. */
  readonly payload: StandardSchemaV1<Input, Output> | undefined
  /** Undefined for a job whose result is not kept. */
  readonly result: StandardSchemaV1<Result, unknown> | undefined
  readonly retry: RetryPolicy
  /** How long an attempt may take; undefined for as long as it takes. */
  readonly timeout: Duration | undefined
  /** How long after it is due a job may begin; undefined for however late. */
  readonly expiresIn: Duration | undefined
  /** 0 to 9, 0 first. */
  readonly priority: number
  /** How long a job of this type waits for a worker that knows its name, before it is dead. */
  readonly unknownFor: Duration
}

/** Answers `value` as the job type that a call names, for callers without types; or throws InvalidJobError. */
export function contractOf(value: unknown): JobContract {
  if (isContract(value)) return value
  const isHandler = typeof value === 'object' && value !== null && 'job' in value && 'run' in value
  const came = isHandler ? 'a handler: give its job type' : excerpt(value)
  throw new InvalidJobError('the job type of a call', [`must be what defineJob answers, got ${came}`])
}

const isContract = (value: unknown): value is JobContract =>
  typeof value === 'object' && value !== null && 'name' in value && 'queue' in value && 'formerQueues' in value
