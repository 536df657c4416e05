import type { When } from '../time/due.ts'
import type { JobContract } from './contract.ts'
import type { Schedules } from './schedules-client.ts'

/** What may be said of a job that is made ready at once. */
export type EnqueueOptions = {
  /** An id of the caller's own: the same id and payload a second time stores nothing and answers `exists`. */
  readonly id?: string
}

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

/** Where a job is. */
export type JobPlace = 'scheduled' | 'ready' | 'held' | 'active' | 'dead' | 'ended'

/** How a job ended. */
export type JobEnd = 'completed' | 'cancelled' | 'expired' | 'discarded'

/** What went wrong last. */
export type JobError = { readonly name: string; readonly message: string; readonly stack?: string; readonly at?: Date }

/** A job as it is found. */
export type JobView = {
  readonly id: string
  readonly name: string
  readonly queue: string
  readonly place: JobPlace
  /** Only of a job that has ended. */
  readonly end?: JobEnd
  readonly dueAt: Date
  /** Only of a job that a schedule made: the instant of its tick. */
  readonly plannedAt?: Date
  /** The attempt that runs or comes next, from 1. */
  readonly attempt: number
  /** How often it was claimed. */
  readonly claims: number
  /** As it was given. */
  readonly payload: unknown
  readonly error?: JobError
}

/** What came of a cancel: only `cancelled` changed something. */
export type CancelAnswer = 'cancelled' | 'running' | 'ended' | 'unknown'

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

  /** Ends a job that has not begun. */
  cancel(id: string): Promise<CancelAnswer>
  cancel(job: JobContract, ownId: string): Promise<CancelAnswer>

  /** Moves a job that has not begun to another time. */
  reschedule(id: string, when: When): Promise<RescheduleAnswer>
  reschedule(job: JobContract, ownId: string, when: When): Promise<RescheduleAnswer>

  /** Schedules at run time: declare, pause, run, look. */
  readonly schedules: Schedules

  /** Waits for the calls under way and closes the connection; a call after it is a ClientClosedError. */
  close(): Promise<void>
}
