import type { JobHandler } from '../job/handler.ts'
import type { ClaimedJob } from '../store/claimed-job.ts'
import { unlessLeapt } from '../store/clock-watch.ts'

/** The last instant at which a job may begin: as its tick or the job itself says, else as its type does; undefined without a limit. */
function lastStart({ dueAt, record: { extension } }: ClaimedJob, handler: JobHandler | undefined): number | undefined {
  const { tick, until, expiresIn } = extension
  const instant = tick?.until ?? until
  if (instant !== undefined) return instant
  const length = expiresIn ?? handler?.job.expiresIn
  return length === undefined ? undefined : dueAt + length
}

/**
 * By how many milliseconds a job was claimed too late to begin; 0 when it may. One that has begun once goes on, however
 * late it is, and no clock that leaps ends one: `expected` is what Redis' clock should say, null when nobody knows.
 */
export function lateToBegin(job: ClaimedJob, handler: JobHandler | undefined, expected: number | null): number {
  const until = job.claim === 1 ? lastStart(job, handler) : undefined
  return until === undefined ? 0 : Math.max(0, unlessLeapt(job.claimedAt, expected) - until)
}
