import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Duration } from '../time/clock.ts'
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
  /** How long a job of this type waits for a worker that knows its name, before it is dead. */
  readonly unknownFor: Duration
}
