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
  /** It runs, was cancelled, and ends when its handler does. */
  readonly cancelling?: true
  readonly dueAt: Date
  /** Until when it may begin, where the job itself says it and has not begun. */
  readonly expiresAt?: Date
  /** Only of a job that a schedule made: the instant of its tick. */
  readonly plannedAt?: Date
  /** 0 to 9, 0 first. */
  readonly priority: number
  /** The attempt that runs or comes next, from 1. */
  readonly attempt: number
  /** How often it was claimed. */
  readonly claims: number
  /** How often it was snoozed; only where it was. */
  readonly snoozes?: number
  /** As it was given. */
  readonly payload: unknown
  /** Why it is dead, or was discarded. */
  readonly reason?: string
  readonly error?: JobError
}
