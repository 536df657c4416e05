import type { When } from '../time/due.ts'
import type { JobContract } from './contract.ts'
import type { DeadJobs } from './dead-client.ts'
import type { TimeLimits } from './limits.ts'
import type { Priority } from './priority.ts'
import type { Queues } from './queues-client.ts'
import type { Schedules } from './schedules-client.ts'
import type { JobChanges, Jobs, RunAnswer, UpdateAnswer } from './selection-client.ts'
import type { JobView } from './view.ts'

/** What may be said of a job that is made ready at once. */
export type EnqueueOptions = {
  /** An id of the caller's own: the same id and payload a second time stores nothing and answers `exists`. */
  readonly id?: string
  /** 0 to 9, 0 first, or the name of a level; as the job type says unless said. */
  readonly priority?: Priority
} & TimeLimits

/** When a job is due, and what else may be said of it. */
export type ScheduleOptions = When & EnqueueOptions

/** What may be said of one of many jobs: with a time it is scheduled, without it is made ready. */
export type RequestOptions = (EnqueueOptions & { readonly [Key in 'in' | 'at']?: never }) | ScheduleOptions

/** What follows the job type in a call: the payload where it takes one, and the options. */
export type EnqueueArguments<Input, Options = EnqueueOptions> = [Input] extends [undefined]
  ? readonly [options?: Options]
  : undefined extends Input
    ? readonly [payload?: Input, options?: Options]
    : readonly [payload: Input, options?: Options]

/** What follows the job type in a call that needs a time. */
export type ScheduleArguments<Input> = [Input] extends [undefined]
  ? readonly [when: ScheduleOptions]
  : readonly [payload: Input, when: ScheduleOptions]

/** A job without payload takes its options right after the job type. */
export const payloadFirst = (job: JobContract, given: readonly unknown[]): readonly [unknown?, unknown?] =>
  job.payload === undefined && given.length < 2 ? [undefined, given[0]] : [given[0], given[1]]

/** One job of many, made by `definition.request(payload, options)`. */
export type JobRequest = { readonly job: JobContract; readonly payload: unknown; readonly options: RequestOptions }

/** One job of many of the same type, each with its own time. */
export type ScheduleItem<Input> = ScheduleOptions &
  ([Input] extends [undefined]
    ? { readonly payload?: undefined }
    : undefined extends Input
      ? { readonly payload?: Input }
      : { readonly payload: Input })

/** What the store answers for a job that it has taken: made now, or known from an earlier call with the same own id. */
export type Receipt = {
  /** Opaque, at most 64 characters, valid for ever. */
  readonly id: string
  readonly queue: string
  readonly dueAt: Date
  readonly outcome: 'created' | 'exists'
  /** What is worth knowing of the time: that it falls into a change of clocks, say. */
  readonly note?: string
}

export type { JobEnd, JobError, JobPlace, JobView } from './view.ts'

/** What came of a cancel: `cancelled` now, or `cancelling`: it runs, its signal aborts, and it ends when its handler does. */
export type CancelAnswer = 'cancelled' | 'cancelling' | 'ended' | 'unknown'

/** What came of a reschedule: only `moved` changed something; a dead job is revived, not moved. */
export type RescheduleAnswer = 'moved' | 'running' | 'dead' | 'ended' | 'unknown'

/** What an application asks of Morrow. Expected ends are answers; errors are faults, each with a code. */
export interface Client extends AsyncDisposable {
  /** Makes a job ready. Settles within 2 s: stored, RedisUnavailableError, or OutcomeUnknownError with the id. */
  enqueue<Input>(job: JobContract<Input>, ...args: EnqueueArguments<NoInfer<Input>>): Promise<Receipt>

  /** Puts a job where it waits for its time; settles as enqueue does. */
  schedule<Input>(job: JobContract<Input>, ...args: ScheduleArguments<NoInfer<Input>>): Promise<Receipt>

  /** Enqueues or schedules jobs of any types, about a thousand a round trip; receipts in the order of the requests. */
  enqueueMany(requests: Iterable<JobRequest>): Promise<readonly Receipt[]>

  /** Schedules any number of jobs of a type, one page in memory at a time; answers the receipts page by page. */
  scheduleMany<Input>(
    job: JobContract<Input>,
    items: Iterable<ScheduleItem<NoInfer<Input>>> | AsyncIterable<ScheduleItem<NoInfer<Input>>>,
  ): AsyncIterable<readonly Receipt[]>

  /** Finds a job by the id of its receipt, in every place; undefined when there is none (any more). */
  get(id: string): Promise<JobView | undefined>
  /** Finds a job by its type and the caller's own id. */
  get(job: JobContract, ownId: string): Promise<JobView | undefined>

  /** Ends a job: at once where it waits, when its handler ends where it runs. */
  cancel(id: string): Promise<CancelAnswer>
  cancel(job: JobContract, ownId: string): Promise<CancelAnswer>

  /** Moves a job that has not begun to another time. */
  reschedule(id: string, when: When): Promise<RescheduleAnswer>
  reschedule(job: JobContract, ownId: string, when: When): Promise<RescheduleAnswer>

  /** Makes a job that waits for its time ready now. */
  run(id: string): Promise<RunAnswer>
  run(job: JobContract, ownId: string): Promise<RunAnswer>

  /** Replaces the payload or the limits of time of a job that has not begun; a payload passes the schema of its job type first. */
  update<Input>(
    id: string,
    changes: { readonly job: JobContract<Input> } & JobChanges<NoInfer<Input>>,
  ): Promise<UpdateAnswer>
  update(id: string, changes: TimeLimits): Promise<UpdateAnswer>
  update<Input>(job: JobContract<Input>, ownId: string, changes: JobChanges<NoInfer<Input>>): Promise<UpdateAnswer>

  /** Jobs by what they are: count, list, cancel, run, reschedule, update. */
  readonly jobs: Jobs

  /** Schedules at run time: declare, pause, run, look. */
  readonly schedules: Schedules

  /** Queues at run time: pause, resume. */
  readonly queues: Queues

  /** Jobs that shall not run again by themselves: look into them, revive or purge them, one or all that match. */
  readonly dead: DeadJobs

  /** Waits for the calls under way and closes the connection; a call after it is a ClientClosedError. */
  close(): Promise<void>
}
