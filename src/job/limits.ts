import { excerpt } from '../errors.ts'
import { type Duration, duration } from '../time/clock.ts'
import { type DurationInput, parseDuration } from '../time/duration.ts'
import { type InstantInput, parseInstant } from '../time/parse-when.ts'
import { noting } from './options.ts'

/** Until when a job may begin: so long after it is due, or an instant. One that has not begun by then ends as `expired`. */
export type StartLimit =
  | { readonly expiresIn?: DurationInput; readonly deadline?: never }
  | { readonly expiresIn?: never; readonly deadline?: InstantInput }

/** The limits of time of one job; what is not said is as its type says. */
export type TimeLimits = {
  /** How long an attempt may take: then its signal aborts, and it has failed however its handler ends. */
  readonly timeout?: DurationInput
} & StartLimit

/** The limits of one job as they are stored with it, in milliseconds. */
export type StoredLimits = {
  readonly timeout?: number
  /** Counts from when the job is due. */
  readonly expiresIn?: number
  /** The last instant at which it may begin. */
  readonly until?: number
}

/** The names of the options that limit the time of one job. */
export const LIMIT_OPTIONS = ['timeout', 'expiresIn', 'deadline'] as const

/** Answers the limits that options say, undefined when they say none, and notes every fault in them. */
export function readLimits(given: Readonly<Record<string, unknown>>, faults: string[]): StoredLimits | undefined {
  const { timeout, expiresIn, deadline } = given
  if (timeout === undefined && expiresIn === undefined && deadline === undefined) return undefined
  if (expiresIn !== undefined && deadline !== undefined) {
    const both = `expiresIn ${excerpt(expiresIn)} and deadline ${excerpt(deadline)}`
    faults.push(`expiresIn, deadline: expected one of them, got both: ${both}`)
  }
  return {
    ...(timeout === undefined ? {} : { timeout: readLength(timeout, 'timeout', faults) }),
    ...(expiresIn === undefined ? {} : { expiresIn: readLength(expiresIn, 'expiresIn', faults) }),
    ...(deadline === undefined ? {} : { until: noting<number>(faults, 0, () => parseInstant(deadline, 'deadline')) }),
  }
}

/** As `readLimits` for one length of a job type, which may say none. */
export const readLimit = (value: unknown, where: string, faults: string[]): Duration | undefined =>
  value === undefined ? undefined : readLength(value, where, faults)

function readLength(value: unknown, where: string, faults: string[]): Duration {
  const length = noting(faults, duration(1), () => parseDuration(value, where))
  if (length < 1) faults.push(`${where}: expected a duration above 0, got ${excerpt(value)}; leave it out for no limit`)
  return length
}
