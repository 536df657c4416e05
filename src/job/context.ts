import type { DurationInput } from '../time/duration.ts'
import type { Client } from './client.ts'

/**
 * What `setup` of the configuration opens once in each process, and every handler gets: empty until a program augments
 * it with the types of its own services.
 */
// biome-ignore lint/suspicious/noEmptyInterface: an interface is the only thing that a program can augment
export interface Services {}

/** Writes lines that name the job, its id and its attempt. */
export type JobLog = {
  readonly [Level in 'debug' | 'info' | 'warn' | 'error']: (
    message: string,
    fields?: Readonly<Record<string, unknown>>,
  ) => void
}

/** The tick of a schedule that made a job. */
export type JobTick = {
  readonly schedule: string
  /** The instant that the schedule names. */
  readonly plannedAt: Date
  /** When the scheduler made the job. */
  readonly firedAt: Date
  /** How long after it was due the scheduler made the job. */
  readonly latenessMs: number
  /** How many planned instants this run stands for: 1, or more after a time in which none could be run. */
  readonly standsFor: number
  /** The planned instant of the run before; null for the first. */
  readonly previousAt: Date | null
}

/** What a handler gets beside its payload. */
export type JobContext = {
  /** The same in every attempt: an idempotency key for a mail provider, say. */
  readonly id: string
  /** The name of the job type. */
  readonly job: string
  readonly queue: string
  /** From 1; grows after a failure or a lost worker, not after a hand-back. */
  readonly attempt: number
  /** How many attempts there are in all. */
  readonly attempts: number
  /** How often the job was handed back by a process that stopped. */
  readonly interruptions: number
  /** How often it was snoozed. */
  readonly snoozes: number
  readonly createdAt: Date
  readonly dueAt: Date
  /** Null unless a schedule made the job. */
  readonly tick: JobTick | null
  /** Aborts when the process must stop (AbortError), the time of the attempt is over (TimeoutError), the job is cancelled (CancelledError) or the lease is lost (LeaseLostError). */
  readonly signal: AbortSignal
  /**
   * Until when, by Redis' clock, no other worker gets this job, as far as is known here: the lease is renewed each third
   * of its length as long as the job runs.
   */
  readonly leaseUntil: Date
  /** Grows with every claim of this job and never falls: lets a database refuse the writes of an earlier claimer. */
  readonly fence: number
  /** Speaks through the worker's own connection. */
  readonly client: Client
  readonly services: Services
  readonly log: JobLog
  /**
   * Ends this attempt: the job goes back to wait for so long, and no attempt is burnt. Throws to end the handler; what was
   * asked first counts, also when the handler catches it. InvalidTimeError, a failed attempt, for what is no duration.
   */
  snooze(wait: DurationInput): never
  /** Ends the job as `discarded`: nobody is to look into it. The reason is kept with it; throws as `snooze` does. */
  discard(reason: string): never
}
