import type { DurationText } from '../time/due.ts'

/** A pause that lasts. */
export type QueuePauseView = {
  /** The queue, or `*` for everything. */
  readonly queue: string
  readonly since: Date
  /** Null when it lasts until somebody resumes. */
  readonly until: Date | null
  readonly by: string
  readonly reason: string
}

/** Why and until when nothing shall be taken. */
export type QueuePauseOptions = {
  readonly reason: string
  /** So long from now by Redis' clock, or an instant (a Date, an ISO text with an offset); until somebody resumes unless said. */
  readonly until?: DurationText | Date | (string & {})
  /** Who says so; `api` unless said. */
  readonly by?: string
}

/** What may be said of a pause of everything. */
export type EverythingPauseOptions = QueuePauseOptions & {
  /** Pauses the schedules too, so that their ticks are recorded as paused. */
  readonly schedules?: boolean
}

/** Queues at run time: `*` in the place of names is everything, queues to come included. */
export interface Queues {
  /** Lets workers take nothing from these queues. What runs goes on; jobs are still taken in and promoted. Answers the pauses that stand now. */
  pause(queues: string | readonly string[], options: QueuePauseOptions): Promise<readonly QueuePauseView[]>
  pause(everything: '*', options: EverythingPauseOptions): Promise<readonly QueuePauseView[]>
  /** Ends pauses; `*` that of everything, with the schedules paused by it, and no queue's own. Answers those that have ended. */
  resume(queues: string | readonly string[], options?: { readonly by?: string }): Promise<readonly QueuePauseView[]>
  /** The pauses that last: that of everything first. */
  paused(): Promise<readonly QueuePauseView[]>
}
