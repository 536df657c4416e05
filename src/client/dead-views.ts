import { excerpt, nearest } from '../errors.ts'
import type { DeadGroup, DeadJobView, FailedAttempt } from '../job/dead-client.ts'
import { InvalidJobError } from '../job/errors.ts'
import { fingerprintOf, maskedMessage } from '../job/fingerprint.ts'
import { jobName, queueName } from '../job/names.ts'
import { fieldsOf, noting } from '../job/options.ts'
import type { DeadReason } from '../job/outcome.ts'
import { handBacksOf } from '../job/record.ts'
import type { DeadJob } from '../store/dead.ts'
import { parseDuration } from '../time/duration.ts'
import { viewOf } from './view.ts'

const REASONS: Readonly<Record<DeadReason, true>> = {
  attempts: true,
  'too-long': true,
  'not-retryable': true,
  payload: true,
  'unknown-job': true,
  'lost-worker': true,
  'handed-back': true,
  snoozes: true,
}

/** Which dead jobs a call is about, once it has been looked at; lengths in milliseconds. */
export type Matching = {
  readonly queue: string | undefined
  readonly olderThan: number | undefined
  readonly newerThan: number | undefined
  matches(job: DeadJob): boolean
}

const OPTIONS = ['queue', 'job', 'fingerprint', 'reason', 'olderThan', 'newerThan'] as const

/** Reads what a caller says of dead jobs, or throws InvalidJobError with every fault. */
export function matchingOf(given: unknown): Matching {
  const faults: string[] = []
  const { queue, job, fingerprint, reason, olderThan, newerThan } = fieldsOf(given ?? null, 'match', OPTIONS, faults)
  const length = (value: unknown, where: string): number | undefined =>
    value === undefined ? undefined : noting(faults, undefined, () => parseDuration(value, where))
  const named = typeof job === 'object' && job !== null && 'name' in job ? job.name : job
  const name = named === undefined ? undefined : noting(faults, '', () => jobName(named, 'job'))
  if (reason !== undefined && !(typeof reason === 'string' && reason in REASONS)) faults.push(reasonFault(reason))
  if (fingerprint !== undefined && !(typeof fingerprint === 'string' && /^[0-9a-f]{10}$/.test(fingerprint))) {
    faults.push(`fingerprint: must be 10 letters as groups() tells them, got ${excerpt(fingerprint)}`)
  }
  const matching = {
    queue: queue === undefined ? undefined : noting(faults, '', () => queueName(queue, 'queue')),
    olderThan: length(olderThan, 'olderThan'),
    newerThan: length(newerThan, 'newerThan'),
    matches: (dead: DeadJob) =>
      (name === undefined || dead.record.name === name) &&
      (reason === undefined || reasonOf(dead) === reason) &&
      (fingerprint === undefined || fingerprintOf(errorIn(dead)) === fingerprint),
  }
  if (faults.length > 0) throw new InvalidJobError('the dead jobs of a call', faults)
  return matching
}

function reasonFault(reason: unknown): string {
  const known = Object.keys(REASONS)
  const meant = typeof reason === 'string' ? nearest(reason, known) : undefined
  const hint = meant === undefined ? '' : `; did you mean '${meant}'?`
  return `reason: must be one of ${known.join(', ')}, got ${excerpt(reason)}${hint}`
}

/** What it died of. Those that died in no worker's hands say it by what their records do not say. */
function reasonOf({ record, claim }: DeadJob): DeadReason {
  const { reason } = record.extension
  if (reason !== undefined) return reason as DeadReason
  return claim - record.failures - record.interruptions > 0 ? 'lost-worker' : 'unknown-job'
}

const errorIn = (job: DeadJob) => viewOf({ ...job, record: { ...job.record, payload: '' } }).error ?? NONE

const NONE = { name: 'Error', message: '' } as const

/** A dead job as its users see it. */
export function deadViewOf(job: DeadJob): DeadJobView {
  const { record, claim, diedAt } = job
  return {
    ...viewOf(job),
    reason: reasonOf(job),
    diedAt: new Date(diedAt),
    fingerprint: fingerprintOf(errorIn(job)),
    failed: (record.extension.errors ?? []).map(
      ({ from, at, ...error }): FailedAttempt => ({
        ...error,
        ...(from === undefined ? {} : { startedAt: new Date(from) }),
        endedAt: new Date(at),
      }),
    ),
    interruptions: handBacksOf(record),
    lost: Math.max(0, claim - record.failures - record.interruptions),
  }
}

type Gathered = {
  count: number
  readonly reasons: Set<DeadReason>
  readonly jobs: Set<string>
  readonly queues: Set<string>
  oldest: number
  newest: DeadJob
}

/** Gathers dead jobs of one cause. */
export function openGroups() {
  const groups = new Map<string, Gathered>()
  const add = (job: DeadJob): void => {
    const key = fingerprintOf(errorIn(job))
    const fresh = { count: 0, reasons: new Set<DeadReason>(), jobs: new Set<string>(), queues: new Set<string>() }
    const group = groups.get(key) ?? { ...fresh, oldest: job.diedAt, newest: job }
    group.count++
    group.reasons.add(reasonOf(job))
    group.jobs.add(job.record.name)
    group.queues.add(job.queue)
    group.oldest = Math.min(group.oldest, job.diedAt)
    if (job.diedAt >= group.newest.diedAt) group.newest = job
    groups.set(key, group)
  }
  return { add, all: () => [...groups].map(groupView).sort((one, other) => other.count - one.count) }
}

function groupView([fingerprint, group]: readonly [string, Gathered]): DeadGroup {
  const { name, message } = errorIn(group.newest)
  return {
    fingerprint,
    count: group.count,
    error: { name, message: maskedMessage(message) },
    reasons: [...group.reasons],
    jobs: [...group.jobs].sort(),
    queues: [...group.queues].sort(),
    oldestAt: new Date(group.oldest),
    newestAt: new Date(group.newest.diedAt),
    newest: group.newest.id,
  }
}
