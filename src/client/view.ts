import type { JobError, JobView } from '../job/client.ts'
import { priorityIn } from '../job/priority.ts'
import type { StoredJob } from '../store/queue.ts'

/** A stored job as its users see it. */
export function viewOf(job: StoredJob): JobView {
  const { record, place } = job
  const plannedAt = record.extension.tick?.plannedAt
  const until = lastStart(job)
  const error = errorOf(job)
  const { reason, snoozes } = record.extension
  return {
    id: job.id,
    name: record.name,
    queue: job.queue,
    place,
    ...(job.end === undefined ? {} : { end: job.end }),
    ...(job.cancelling === undefined ? {} : { cancelling: job.cancelling }),
    dueAt: new Date(job.dueAt),
    ...(until === undefined ? {} : { expiresAt: new Date(until) }),
    ...(plannedAt === undefined ? {} : { plannedAt: new Date(plannedAt) }),
    priority: priorityIn(record.extension.lane),
    attempt: attemptOf(job),
    claims: job.claim,
    ...(snoozes === undefined ? {} : { snoozes }),
    payload: record.payload === '' ? undefined : (JSON.parse(record.payload) as unknown),
    ...(reason === undefined ? {} : { reason }),
    ...(error === undefined ? {} : { error }),
  }
}

/** As far as the job itself says it; one that has begun, and goes on, is past it. */
function lastStart({ dueAt, claim, end, record: { extension } }: StoredJob): number | undefined {
  if (claim > 0 && end !== 'expired') return undefined
  const { tick, until, expiresIn } = extension
  return tick?.until ?? until ?? (expiresIn === undefined ? undefined : dueAt + expiresIn)
}

/** Every claim is an attempt, but for those that were handed back or snoozed; a waiting job has its next attempt before it. */
function attemptOf({ claim, place, end, record }: StoredJob): number {
  const begun = place === 'active' || place === 'dead' || end === 'completed' || end === 'discarded'
  return Math.max(1, claim - record.interruptions + (begun ? 0 : 1))
}

function errorOf({ place, claim, record }: StoredJob): JobError | undefined {
  const last = record.extension.errors?.at(-1)
  if (place === 'dead' && record.extension.reason === undefined) {
    const lost = claim - record.failures - record.interruptions
    return lost > 0
      ? { name: 'LostWorkerError', message: `lost-worker: ${lost} workers were lost while they ran this job` }
      : { name: 'UnknownJobError', message: `unknown-job: no worker knew the name ${record.name} for too long` }
  }
  if (last === undefined) return undefined
  const { name, message, stack, at } = last
  return { name, message, ...(stack === undefined ? {} : { stack }), at: new Date(at) }
}
