import type { Emit } from '../job/events.ts'
import { handBacksOf } from '../job/record.ts'
import type { ClaimedJob } from '../store/claimed-job.ts'
import type { Ended } from './attempt.ts'
import { attemptOf } from './settle.ts'

/** Which job an event is about. */
export const about = (job: ClaimedJob) => ({ id: job.id, job: job.record.name, queue: job.queue })

/** The schedule that made a job, as events tell it. */
export const madeBy = ({ record: { extension } }: ClaimedJob): { readonly schedule?: string } =>
  extension.tick ? { schedule: extension.tick.schedule } : {}

/** An attempt that has ended, by the clock of its host. */
export type Told = Ended & {
  readonly job: ClaimedJob
  readonly began: number
  readonly at: number
  readonly attempts: number
  /** Whether it was handed back once too often. */
  readonly isDead: boolean
}

/** Says what came of an attempt. */
export function tell(emit: Emit, { job, outcome, error, began, at, attempts, isDead }: Told): void {
  const tookMs = at - began
  const attempt = attemptOf(job)
  switch (outcome.kind) {
    case 'completed':
      emit({
        kind: 'job.completed',
        ...about(job),
        ...madeBy(job),
        attempt,
        lateMs: Math.max(0, began - job.dueAt),
        tookMs,
      })
      break
    case 'handed-back':
      tellHandBack(emit, job, isDead)
      break
    case 'retry': {
      const willRetryAt = new Date(at + outcome.delay)
      emit({ kind: 'job.failed', ...about(job), error, attempt, attempts, tookMs, willRetryAt })
      sayFault(emit, job, outcome.fault)
      break
    }
    case 'snoozed': {
      const snoozes = (job.record.extension.snoozes ?? 0) + 1
      emit({ kind: 'job.snoozed', ...about(job), attempt, snoozes, tookMs, dueAt: new Date(at + outcome.delay) })
      break
    }
    case 'discarded':
      emit({ kind: 'job.discarded', ...about(job), attempt, reason: outcome.reason, tookMs })
      break
    case 'dead':
      emit({ kind: 'job.failed', ...about(job), error, attempt, attempts, tookMs })
      sayFault(emit, job, outcome.fault)
      emit({ kind: 'job.dead', ...about(job), reason: outcome.reason, attempt })
  }
}

function sayFault(emit: Emit, { record }: ClaimedJob, fault: string | undefined): void {
  if (fault === undefined) return
  emit({ kind: 'error', doing: `choosing the wait of job ${record.name}`, error: new Error(fault) })
}

/** Says that a job goes back, or is dead because it went back too often. */
export function tellHandBack(emit: Emit, job: ClaimedJob, isDead: boolean): void {
  const interruptions = handBacksOf(job.record) + 1
  if (isDead) emit({ kind: 'job.dead', ...about(job), reason: 'handed-back', attempt: attemptOf(job) })
  else emit({ kind: 'job.handedBack', ...about(job), interruptions })
}
