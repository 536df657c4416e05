import type { DurationInput } from '../time/duration.ts'
import type { JobContract } from './contract.ts'
import type { DeadReason } from './outcome.ts'
import type { JobView } from './view.ts'

/** Which dead jobs: all that is said must be so; what is not said is no matter. */
export type DeadMatch = {
  readonly queue?: string
  /** A job type, or its name. */
  readonly job?: JobContract | string
  /** What errors of one cause share, as `groups` tells it. */
  readonly fingerprint?: string
  readonly reason?: DeadReason
  /** Dead for longer than this. */
  readonly olderThan?: DurationInput
  /** Dead for no longer than this. */
  readonly newerThan?: DurationInput
}

/** A failed attempt, as it is kept. */
export type FailedAttempt = {
  readonly attempt: number
  readonly name: string
  readonly message: string
  readonly stack?: string
  /** Absent where an older release wrote it. */
  readonly startedAt?: Date
  readonly endedAt: Date
  /** Host, pid and the beginning of the process' id. */
  readonly worker?: string
}

/** A dead job, with what is known of its life. */
export type DeadJobView = JobView & {
  readonly reason: DeadReason
  readonly diedAt: Date
  readonly fingerprint: string
  /** The newest ten at most. */
  readonly failed: readonly FailedAttempt[]
  /** How often it was handed back, and how many workers were lost over it. */
  readonly interruptions: number
  readonly lost: number
}

/** Dead jobs of one cause. */
export type DeadGroup = {
  readonly fingerprint: string
  readonly count: number
  /** The error of the newest one, its message without what differs from job to job. */
  readonly error: { readonly name: string; readonly message: string }
  readonly reasons: readonly DeadReason[]
  readonly jobs: readonly string[]
  readonly queues: readonly string[]
  readonly oldestAt: Date
  readonly newestAt: Date
  /** The id of the newest one. */
  readonly newest: string
}

/** What came of a call about many: how many there were, and the newest three of them as they were. */
export type DeadMany = { readonly count: number; readonly samples: readonly DeadJobView[] }

/** What may be given a job with its new life: another payload, checked by the schema of its type. */
export type ReviveOptions<Input> =
  | { readonly job?: never; readonly payload?: never }
  | { readonly job: JobContract<Input>; readonly payload: NoInfer<Input> }

/** The same for many: `payload` is asked for each job with what it has. */
export type ReviveManyOptions<Input> = { readonly dryRun?: boolean } & (
  | { readonly job?: never; readonly payload?: never }
  | { readonly job: JobContract<Input>; readonly payload: (was: unknown, view: DeadJobView) => NoInfer<Input> }
)

/** The jobs that shall not run again by themselves. */
export interface DeadJobs {
  /** By cause, the largest group first. Reads every dead job of the queues in question, at most 10,000 a queue. */
  groups(match?: DeadMatch): Promise<readonly DeadGroup[]>
  /** The newest first, 50 unless said, at most 1,000. */
  list(match?: DeadMatch, options?: { readonly count?: number }): Promise<readonly DeadJobView[]>
  /** One dead job; undefined when there is none of this id. */
  get(id: string): Promise<DeadJobView | undefined>
  /** Gives a job another life: all its attempts again, its id, its history and its fence kept; it is due now. */
  revive<Input = never>(id: string, options?: ReviveOptions<Input>): Promise<'revived' | 'unknown'>
  /** The same for all that match; one whose new payload does not pass stops it with InvalidPayloadError, before any is revived. */
  reviveAll<Input = never>(match: DeadMatch, options?: ReviveManyOptions<Input>): Promise<DeadMany>
  /** Drops a job for good. */
  purge(id: string): Promise<'purged' | 'unknown'>
  purgeAll(match: DeadMatch, options?: { readonly dryRun?: boolean }): Promise<DeadMany>
}
