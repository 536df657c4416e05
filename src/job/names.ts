import { excerpt } from '../errors.ts'
import { InvalidNameError } from './errors.ts'

const NAME = /^[A-Za-z0-9][\w.-]{0,99}$/
const KEY = /^[A-Za-z0-9][\w.:/@-]{0,99}$/
const ID = /^[A-Za-z0-9][\w.:/@-]{0,199}$/

const NAME_RULE = '1 to 100 of the characters A-Z a-z 0-9 _ . - that begin with a letter or a digit'
const KEY_RULE = '1 to 100 of the characters A-Z a-z 0-9 _ . - : / @ that begin with a letter or a digit'
const ID_RULE = '1 to 200 of the characters A-Z a-z 0-9 _ . - : / @ that begin with a letter or a digit'

/** Names of job types, queues and schedules that begin so are Morrow's own. */
const OURS = 'morrow.'

/** The schedule, the queue and the job type of the tick that goes the whole way once a minute, to show that it can be gone. */
export const CANARY = `${OURS}canary`

/** Answers `value` as the name of a job type, or throws InvalidNameError; `where` says in the error where it stood. */
export const jobName = (value: unknown, where?: string): string =>
  free('a job name', named('a job name', NAME, NAME_RULE, value, where), where)

/** Answers `value` as the name of a queue, or throws InvalidNameError. */
export const queueName = (value: unknown, where?: string): string =>
  free('a queue name', named('a queue name', NAME, NAME_RULE, value, where), where)

/** Answers `value` as the name of a schedule, or throws InvalidNameError. */
export const scheduleName = (value: unknown, where?: string): string =>
  free('a schedule name', named('a schedule name', KEY, KEY_RULE, value, where), where)

/** Answers `value` as a key (what jobs are kept apart, taken in turn or limited by), or throws InvalidNameError. */
export const keyName = (value: unknown, where?: string): string => named('a key', KEY, KEY_RULE, value, where)

/** Answers `value` as an id of the caller's own making, or throws InvalidNameError. */
export const ownId = (value: unknown, where?: string): string => named('an id of your own', ID, ID_RULE, value, where)

function named(kind: string, grammar: RegExp, rule: string, value: unknown, where: string | undefined): string {
  if (typeof value === 'string' && grammar.test(value)) return value
  const place = where === undefined ? '' : `${where}: `
  throw new InvalidNameError(`${place}${kind} must be ${rule}, got ${came(value)}`)
}

function free(kind: string, name: string, where: string | undefined): string {
  if (!name.startsWith(OURS)) return name
  const place = where === undefined ? '' : `${where}: `
  throw new InvalidNameError(
    `${place}${kind} must not begin with ${OURS}, which Morrow keeps for itself, got ${came(name)}; begin it otherwise`,
  )
}

function came(value: unknown): string {
  if (typeof value !== 'string') return excerpt(value)
  return value.length > 100 ? `${excerpt(value)} (${value.length} characters)` : excerpt(value)
}
