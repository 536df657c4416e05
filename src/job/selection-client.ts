import type { InstantWhen, When } from '../time/due.ts'
import type { JobContract } from './contract.ts'
import type { TimeLimits } from './limits.ts'

type InstantInput = InstantWhen['at']

/** A span of time: `from` is included, `to` is not; without one of them it has no such end. */
export type InstantSpan = { readonly from?: InstantInput; readonly to?: InstantInput }

/** The places of jobs that have not begun. */
export type WaitingPlace = 'scheduled' | 'ready' | 'held'

/** The places of all jobs. */
export type AnyPlace = WaitingPlace | 'active' | 'dead' | 'ended'

/** Which jobs are meant: those that match all that is said. */
export type JobCriteria<Input = unknown, Place extends AnyPlace = AnyPlace> = {
  /** A job type, or its name. */
  readonly job?: JobContract<Input> | string
  /** The queues; those that the job type has and had, else all, unless said. */
  readonly queue?: string | readonly string[]
  /** Where they are: scheduled, ready or held, unless said. */
  readonly place?: Place | readonly Place[]
  readonly due?: InstantSpan
  readonly created?: InstantSpan
  /** Looks at the payload as it is stored. What it throws ends the call. */
  readonly where?: (payload: NoInfer<Input>) => boolean
}

/** A job in a list; `client.get(id)` tells more of it. */
export type SelectedJob = {
  readonly id: string
  readonly name: string
  readonly queue: string
  readonly place: AnyPlace
  readonly dueAt: Date
  readonly createdAt: Date
  /** How often it was claimed. */
  readonly claims: number
  /** As it is stored. */
  readonly payload: unknown
}

/** A page of jobs; `next` goes on after it, and is null at the end. */
export type JobPage = { readonly jobs: readonly SelectedJob[]; readonly next: string | null }

/** Where a call on many jobs is. */
export type BulkProgress = {
  /** How many jobs matched so far. */
  readonly matched: number
  /** How many of them were changed; of a dry run none. */
  readonly changed: number
  /** With this as `cursor` another call goes on from here; null at the end. */
  readonly next: string | null
}

/** How many jobs are steered in one call. */
export type BulkOptions = {
  /** At most so many jobs a second; as fast as it goes unless said. */
  readonly rate?: number
  /** Only counts, and shows three. */
  readonly dryRun?: boolean
  /** Goes on where another call stopped: its `next`. */
  readonly cursor?: string
  /** Stops between two portions; the answer says where to go on. */
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: BulkProgress) => void
}

/** What came of a call on many jobs. What matched and was not changed has begun, ended or changed meanwhile, or was so already. */
export type BulkAnswer = BulkProgress & {
  /** The first three that matched, as they were. */
  readonly samples: readonly SelectedJob[]
}

/** By how much due times move: '2h', '+2h', '-30m'. */
export type Shift = { readonly by: string } & { readonly [Key in 'in' | 'at' | 'time' | 'tz' | 'window']?: never }

/** What of a waiting job is replaced; what is not said stays. */
export type JobChanges<Input> = TimeLimits & {
  /** Another payload, or what makes it of the one that is stored; it passes the schema before anything is changed. */
  readonly payload?: Input | ((payload: Input) => Input)
}

/** What came of an update: only `updated` changed something; `changed` says that others changed the job at the same time. */
export type UpdateAnswer = 'updated' | 'changed' | 'running' | 'dead' | 'ended' | 'unknown'

/** What came of a run: `ready` says that the job is ready now, or was. */
export type RunAnswer = 'ready' | 'held' | 'running' | 'dead' | 'ended' | 'unknown'

/** Jobs that match, in any place. Nothing is read before a call; each call looks anew. */
export interface JobListing {
  count(): Promise<number>
  /** So many (50 unless said, at most 1,000), in no order. A job that matches all the time is on one of the pages. */
  list(options?: { readonly limit?: number; readonly cursor?: string }): Promise<JobPage>
}

/** Jobs that match, some of which run. */
export interface JobCancelling extends JobListing {
  /** Ends those that wait; the handlers of those that run are told, and `changed` counts them too. */
  cancel(options?: BulkOptions): Promise<BulkAnswer>
}

/** Jobs that match and have not begun. Each call may stop anywhere and be made again. */
export interface JobSelection<Input = unknown> extends JobCancelling {
  /** Makes those that are scheduled ready now. */
  run(options?: BulkOptions): Promise<BulkAnswer>
  /** Moves them to a time, or by a length from the time at which each is due; the latter takes no cursor. */
  reschedule(to: When | Shift, options?: BulkOptions): Promise<BulkAnswer>
  /** A payload needs a selection by job type. */
  update(changes: JobChanges<Input>, options?: BulkOptions): Promise<BulkAnswer>
}

/** Jobs by what they are. */
export interface Jobs {
  /**
   * Jobs that have not begun, unless other places are said: with those that run they can be cancelled, with others counted and
   * listed. Throws InvalidJobError with every fault.
   */
  select<Input>(criteria?: JobCriteria<Input, WaitingPlace>): JobSelection<Input>
  select<Input>(criteria: JobCriteria<Input, WaitingPlace | 'active'>): JobCancelling
  select<Input>(criteria: JobCriteria<Input>): JobListing
}
