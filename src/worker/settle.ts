import type { ErrorDescription } from '../job/error-description.ts'
import type { Outcome } from '../job/outcome.ts'
import { type AttemptError, type Extension, encodeRecord, handBacksOf, withAttempt } from '../job/record.ts'
import type { RetryPolicy } from '../job/retry.ts'
import type { ClaimedJob } from '../store/claimed-job.ts'
import type { Settlement } from '../store/settlement.ts'

/** When an attempt began and ended, in milliseconds by the clock of its host, and who ran it. */
export type Ran = { readonly began: number; readonly at: number; readonly worker: string }

/** Every claim is an attempt, but for those that burn none: hand-backs, snoozes, and those of earlier lives. */
export const attemptOf = ({ claim, record }: ClaimedJob): number => claim - record.interruptions

/** What the store shall do with a job whose attempt ended so. */
export function settlementOf(
  job: ClaimedJob,
  outcome: Outcome,
  ran: Ran,
  policy: Pick<RetryPolicy, 'interruptions'>,
): Settlement {
  switch (outcome.kind) {
    case 'completed':
      return { kind: 'complete', job }
    case 'retry':
      return {
        kind: 'retry',
        job,
        delay: outcome.delay,
        record: failedRecord(job, outcome, ran, waiting(job, outcome)),
      }
    case 'snoozed':
      return { kind: 'snooze', job, delay: outcome.delay, record: snoozedRecord(job) }
    case 'discarded': {
      const { error, reason } = outcome
      const record = error === undefined ? reasonRecord(job, reason) : failedRecord(job, { error }, ran, { reason })
      return { kind: 'end', end: 'discarded', job, record }
    }
    case 'dead':
      return { kind: 'bury', job, record: failedRecord(job, outcome, ran, { reason: outcome.reason }) }
    case 'handed-back':
      return handBack(job, ran, policy)
  }
}

/** A job that goes back unfinished; one that was handed back too often is dead. */
export function handBack(
  job: ClaimedJob,
  ran: Ran,
  { interruptions: most }: Pick<RetryPolicy, 'interruptions'>,
): Settlement {
  if (handBacksOf(job.record) >= most) {
    const message = `handed-back: ${most + 1} processes stopped before it ended`
    const error = { name: 'HandedBackError', message }
    return { kind: 'bury', job, record: failedRecord(job, { error }, ran, { reason: 'handed-back' }) }
  }
  const interruptions = job.record.interruptions + 1
  return { kind: 'handBack', job, record: encodeRecord({ ...job.record, interruptions }).head }
}

/** How many workers were lost over a job before it was claimed this time. */
export const lostBefore = ({ claim, record }: ClaimedJob): number => claim - 1 - record.failures - record.interruptions

/** A job that has taken as many workers with it as its type allows: dead, before it takes another. */
export function tooManyLost(job: ClaimedJob, ran: Ran): Settlement {
  const message = `lost-worker: ${lostBefore(job)} workers were lost while they ran this job`
  const error = { name: 'LostWorkerError', message }
  return { kind: 'bury', job, record: failedRecord(job, { error }, ran, { reason: 'lost-worker' }) }
}

/** From when `retry.for` counts, once another due instant is about to stand in the page. */
const sinceOf = ({ dueAt, record: { extension } }: ClaimedJob): number => extension.since ?? dueAt

/** What a job takes with it into its wait for the next attempt. */
function waiting(job: ClaimedJob, { rule }: { readonly rule?: string }): Extension {
  const { rules = {} } = job.record.extension
  const counted = rule === undefined ? {} : { rules: { ...rules, [rule]: (rules[rule] ?? 0) + 1 } }
  return { since: sinceOf(job), ...counted }
}

function snoozedRecord(job: ClaimedJob): string {
  const { record } = job
  const extension = { ...record.extension, since: sinceOf(job), snoozes: (record.extension.snoozes ?? 0) + 1 }
  return encodeRecord({ ...record, interruptions: record.interruptions + 1, extension }).head
}

const reasonRecord = ({ record }: ClaimedJob, reason: string): string =>
  encodeRecord({ ...record, extension: { ...record.extension, reason } }).head

function failedRecord(
  job: ClaimedJob,
  { error }: { readonly error: ErrorDescription },
  { began, at, worker }: Ran,
  more: Extension,
): string {
  const { record } = job
  const told: AttemptError = {
    attempt: attemptOf(job),
    from: began,
    at,
    ...(worker === '' ? {} : { worker }),
    ...error,
  }
  const errors = withAttempt(record.extension.errors ?? [], told)
  return encodeRecord({ ...record, failures: record.failures + 1, extension: { ...record.extension, errors, ...more } })
    .head
}
