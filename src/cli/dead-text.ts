import type { DeadGroup, DeadJobView } from '../job/dead-client.ts'
import { duration } from '../time/clock.ts'
import { formatDuration } from '../time/duration.ts'
import { table } from './terminal.ts'
import { apart, counted } from './words.ts'

const LONGEST = 80

/** The first line of a message, as long as a row takes. */
const short = (text: string): string => {
  const [line = ''] = text.split('\n')
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST - 1)}…`
}

/** Groups as rows. */
export function groupsText(groups: readonly DeadGroup[], now: number): string {
  if (groups.length === 0) return 'no dead job'
  const rows = groups.map(({ fingerprint, count, jobs, reasons, error, newestAt }) => [
    fingerprint,
    count,
    apart(newestAt.getTime(), now),
    jobs.join(', '),
    reasons.join(', '),
    short(`${error.name}: ${error.message}`),
  ])
  return table([['FINGERPRINT', 'COUNT', 'NEWEST', 'TYPE', 'REASON', 'ERROR'], ...rows])
}

/** Jobs as rows. */
export function listText(jobs: readonly DeadJobView[], now: number): string {
  if (jobs.length === 0) return 'no dead job'
  const rows = jobs.map(({ id, name, reason, diedAt, fingerprint, error }) => [
    id,
    name,
    apart(diedAt.getTime(), now),
    reason,
    fingerprint,
    error === undefined ? '' : short(`${error.name}: ${error.message}`),
  ])
  return table([['ID', 'TYPE', 'DIED', 'REASON', 'FINGERPRINT', 'ERROR'], ...rows])
}

/** One line for a sample. */
export const sampleText = ({ id, name, error }: DeadJobView): string =>
  `  ${id}  ${name}  ${error === undefined ? '' : short(`${error.name}: ${error.message}`)}`.trimEnd()

/** A group with its newest jobs. */
export const groupText = (group: DeadGroup, jobs: readonly DeadJobView[], now: number): string =>
  [
    `${group.fingerprint}  ${group.error.name}: ${group.error.message}`,
    `${counted(group.count, 'job')} of ${group.jobs.join(', ')} in ${group.queues.join(', ')}, dead for ${group.reasons.join(', ')}`,
    `from ${group.oldestAt.toISOString()} to ${group.newestAt.toISOString()}`,
    '',
    listText(jobs, now),
  ].join('\n')

/** A job with its attempts, the oldest first, and the stack of the last. */
export function jobText(job: DeadJobView): string {
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['id', job.id],
    ['type', job.name],
    ['queue', job.queue],
    ['died', job.diedAt.toISOString()],
    ['reason', job.reason],
    ['fingerprint', job.fingerprint],
    ['attempts', String(job.attempt)],
    ['handed back', job.interruptions > 0 ? String(job.interruptions) : undefined],
    ['snoozed', job.snoozes === undefined ? undefined : String(job.snoozes)],
    ['workers lost', job.lost > 0 ? String(job.lost) : undefined],
    ['payload', job.payload === undefined ? undefined : JSON.stringify(job.payload)],
  ]
  const told = facts.flatMap(([name, value]) => (value === undefined ? [] : [`${name.padEnd(12)} ${value}`]))
  const attempts = job.failed.map(({ attempt, startedAt, endedAt, worker, name, message }) => {
    const took = startedAt === undefined ? '' : `after ${formatDuration(duration(Math.max(0, +endedAt - +startedAt)))}`
    const by = worker === undefined ? '' : `on ${worker}`
    return [`#${attempt}`, endedAt.toISOString(), took, by, short(`${name}: ${message}`)]
  })
  const stack = job.failed.at(-1)?.stack
  return [
    ...told,
    ...(attempts.length === 0 ? [] : ['', table([['ATTEMPT', 'FAILED', '', '', 'ERROR'], ...attempts])]),
    ...(stack === undefined ? [] : ['', stack]),
  ].join('\n')
}
