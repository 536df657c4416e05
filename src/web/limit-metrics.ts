import { Counter, type Registry } from 'prom-client'
import type { Emit } from '../job/events.ts'

/** Counts what limits of time and cancels did to the jobs of this process. */
export function countLimits(register: Registry): Emit {
  const counter = <Label extends string>(name: string, help: string, ...labelNames: readonly Label[]): Counter<Label> =>
    new Counter({ name: `morrow_${name}_total`, help, labelNames, registers: [register] })
  const late = 'Attempts that took longer than their timeout; abandoned: their handlers did not end then.'
  const timedOut = counter('attempts_timed_out', late, 'queue', 'job', 'abandoned')
  const expired = counter('jobs_expired', 'Jobs that this process claimed too late to begin.', 'queue', 'job')
  const cancelled = counter('jobs_cancelled', 'Jobs that were cancelled while this process ran them.', 'queue', 'job')
  return (event) => {
    switch (event.kind) {
      case 'job.timedOut':
        timedOut.inc({ queue: event.queue, job: event.job, abandoned: String(event.abandoned) })
        break
      case 'job.expired':
        expired.inc({ queue: event.queue, job: event.job })
        break
      case 'job.cancelled':
        cancelled.inc({ queue: event.queue, job: event.job })
    }
  }
}
