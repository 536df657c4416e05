import type { JobError, JobView } from '../job/client.ts'
import type { StoredJob } from '../store/queue.ts'

/** A stored job as its users see it. */
export function viewOf(job: StoredJob): JobView {
  const { record, place } = job
  const plannedAt = record.extension.tick?.plannedAt
  const error = errorOf(job)
  return {
    id: job.id,
    name: record.name,
    queue: job.queue,
    place,
    ...(job.end === undefined ? {} : { end: job.end }),
    dueAt: new Date(job.dueAt),
    ...(plannedAt === undefined ? {} : { plannedAt: new Date(plannedAt) }),
    attempt: attemptOf(job),
    claims: job.claim,
    payload: record.payload === '' ? undefined : (JSON.parse(record.payload) as unknown),
    ...(error === undefined ? {} : { error }),
  }
}

/** Every claim is an attempt, but for those that were handed back; a waiting job has its next attempt before it. */
function attemptOf({ claim, place, end, record }: StoredJob): number {
  const begun = place === 'active' || place === 'dead' || end === 'completed'
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
