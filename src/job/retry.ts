import { excerpt } from '../errors.ts'
import { type Duration, duration } from '../time/clock.ts'
import { type DurationInput, LONGEST, parseDuration } from '../time/duration.ts'
import { InvalidJobError } from './errors.ts'
import { fieldsOf, noting, numberOf, wholeNumberOf } from './options.ts'

/** Asked after each failure (the first is 1) how long to wait before the next attempt. */
export type BackoffFunction = (failures: number, error: unknown) => DurationInput

/** How long to wait after the n-th failure. */
export type BackoffOptions =
  | 'polynomial'
  /** n^power seconds + `plus`; unless said n^4 + 10 s. */
  | {
      readonly kind: 'polynomial'
      readonly power?: number
      readonly plus?: DurationInput
      readonly longest?: DurationInput
    }
  /** first x factor^(n-1); unless said 10 s, 20 s, 40 s … */
  | {
      readonly kind: 'exponential'
      readonly first?: DurationInput
      readonly factor?: number
      readonly longest?: DurationInput
    }
  | { readonly kind: 'fixed'; readonly wait: DurationInput }
  | BackoffFunction

/** How often a job is tried, and how far apart. */
export type RetryOptions = {
  /** The first run included; 1 to 1,000, 12 unless said. */
  readonly attempts?: number
  readonly backoff?: BackoffOptions
  /** The part of each wait, 0 to 1, by which chance makes it shorter or longer; 0.15 unless said, 0 for a function. */
  readonly jitter?: number
  /**
   * How long a job is tried, counted from when it was first due; a last attempt is made when that is over. Beside it
   * `attempts` is 1,000 unless said.
   */
  readonly for?: DurationInput
}

/** A backoff that has been read. */
export type Backoff =
  | { readonly kind: 'polynomial'; readonly power: number; readonly plus: Duration; readonly longest: Duration }
  | { readonly kind: 'exponential'; readonly first: Duration; readonly factor: number; readonly longest: Duration }
  | { readonly kind: 'fixed'; readonly wait: Duration }
  | { readonly kind: 'function'; readonly ask: BackoffFunction }

/** How often a job is tried, how far apart and for how long: read and complete. */
export type RetryLimits = {
  readonly attempts: number
  readonly backoff: Backoff
  readonly jitter: number
  /** From when it was first due; null for as long as there are attempts. */
  readonly for: Duration | null
}

/** What errors of one kind do to a job; `label` names the rule's own counter in the record. */
export type ErrorRule =
  | { readonly kind: 'discard'; readonly label: string; matches(error: unknown): boolean }
  | {
      readonly kind: 'retry'
      readonly label: string
      readonly limits: RetryLimits
      matches(error: unknown): boolean
    }

/** The limits of a job type, and its rules by error in the order in which they are asked. */
export type RetryPolicy = RetryLimits & {
  readonly rules: readonly ErrorRule[]
  /** How often a job may be handed back by processes that stop. */
  readonly interruptions: number
  /** Over how many lost workers a job is dead. */
  readonly crashes: number
}

const TEN_SECONDS = duration(10_000)
const POLYNOMIAL: Backoff = Object.freeze({ kind: 'polynomial', power: 4, plus: TEN_SECONDS, longest: LONGEST })

/** 12 attempts; n^4 + 10 s after the n-th failure, +-15 %. Sidekiq's curve with less chance in it. */
export const DEFAULT_RETRY: RetryPolicy = Object.freeze({
  attempts: 12,
  backoff: POLYNOMIAL,
  jitter: 0.15,
  for: null,
  rules: Object.freeze([]),
  interruptions: 10,
  crashes: 3,
})

const MOST_ATTEMPTS = 1_000

/** Answers the policy of `options`, or throws InvalidJobError with every fault. */
export function retryPolicy(options?: RetryOptions): RetryPolicy {
  const faults: string[] = []
  const policy = readRetry(options, faults)
  if (faults.length > 0) throw new InvalidJobError('retry', faults)
  return policy
}

/** Answers the policy of `options`, and notes every fault in them; `known` are the options that there may be. */
export function readRetry(options: unknown, faults: string[], known: readonly string[] = RETRY_OPTIONS): RetryPolicy {
  const limits = readLimits(fieldsOf(options, 'retry', known, faults), { where: 'retry', base: DEFAULT_RETRY }, faults)
  return Object.freeze({ ...DEFAULT_RETRY, ...limits })
}

/** What options of limits there are. */
export const RETRY_OPTIONS = ['attempts', 'backoff', 'jitter', 'for'] as const

type Reading = { readonly where: string; readonly base: RetryLimits }

/** Reads limits; what is not said is as in `base`. */
export function readLimits(
  { attempts, backoff, jitter, for: length }: Readonly<Record<string, unknown>>,
  { where, base }: Reading,
  faults: string[],
): RetryLimits {
  const usual = typeof backoff === 'function' ? 0 : backoff === undefined ? base.jitter : DEFAULT_RETRY.jitter
  const most = length === undefined ? base.attempts : MOST_ATTEMPTS
  return Object.freeze({
    attempts: wholeNumberOf(attempts, `${where}.attempts`, { least: 1, most: MOST_ATTEMPTS }, most, faults),
    backoff: backoff === undefined ? base.backoff : readBackoff(backoff, `${where}.backoff`, faults),
    jitter: numberOf(jitter, `${where}.jitter`, { least: 0, most: 1 }, usual, faults),
    for: length === undefined ? base.for : noting(faults, null, () => parseDuration(length, `${where}.for`)),
  })
}

function readBackoff(value: unknown, where: string, faults: string[]): Backoff {
  if (value === 'polynomial') return POLYNOMIAL
  if (isBackoffFunction(value)) return Object.freeze({ kind: 'function', ask: value })
  const kind = typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined
  if (kind === 'polynomial') {
    const { power, plus, longest } = fieldsOf(value, where, ['kind', 'power', 'plus', 'longest'], faults)
    return Object.freeze({
      kind,
      power: numberOf(power, `${where}.power`, { least: 0, most: 10 }, 4, faults),
      plus: lengthOf(plus, `${where}.plus`, TEN_SECONDS, faults),
      longest: lengthOf(longest, `${where}.longest`, LONGEST, faults),
    })
  }
  if (kind === 'exponential') {
    const { first, factor, longest } = fieldsOf(value, where, ['kind', 'first', 'factor', 'longest'], faults)
    return Object.freeze({
      kind,
      first: lengthOf(first, `${where}.first`, TEN_SECONDS, faults),
      factor: numberOf(factor, `${where}.factor`, { least: 1, most: 100 }, 2, faults),
      longest: lengthOf(longest, `${where}.longest`, LONGEST, faults),
    })
  }
  if (kind === 'fixed') {
    const { wait } = fieldsOf(value, where, ['kind', 'wait'], faults)
    return Object.freeze({ kind, wait: noting(faults, TEN_SECONDS, () => parseDuration(wait, `${where}.wait`)) })
  }
  const expected = `'polynomial', a function, or an object whose kind is 'polynomial', 'exponential' or 'fixed'`
  faults.push(`${where}: must be ${expected}, got ${excerpt(value)}`)
  return POLYNOMIAL
}

const isBackoffFunction = (value: unknown): value is BackoffFunction => typeof value === 'function'

const lengthOf = (value: unknown, where: string, fallback: Duration, faults: string[]): Duration =>
  value === undefined ? fallback : noting(faults, fallback, () => parseDuration(value, where))

/**
 * How long to wait after the n-th failure: whole milliseconds, never negative, at most 10 years. `random` answers
 * 0 to 1. A backoff function's own error passes through; InvalidTimeError when it answers no duration.
 */
export function waitAfter(
  policy: Pick<RetryLimits, 'backoff' | 'jitter'>,
  failures: number,
  error: unknown,
  random: () => number,
): Duration {
  const spread = policy.jitter === 0 ? 1 : 1 + policy.jitter * (2 * random() - 1)
  const wait = Math.round(plainWait(policy.backoff, failures, error) * spread)
  return duration(Math.min(Math.max(wait, 0), LONGEST))
}

function plainWait(backoff: Backoff, failures: number, error: unknown): number {
  switch (backoff.kind) {
    case 'polynomial':
      return Math.min(failures ** backoff.power * 1_000 + backoff.plus, backoff.longest)
    case 'exponential':
      return Math.min(backoff.first * backoff.factor ** (failures - 1), backoff.longest)
    case 'fixed':
      return backoff.wait
    case 'function':
      return parseDuration(backoff.ask(failures, error), 'the answer of retry.backoff')
  }
}

/** What a schedule says otherwise than the retry policy of its job type; what is not said is the job type's. */
export type RetryOverride = {
  /** The first run included. */
  readonly attempts?: number
  readonly backoff?: Exclude<Backoff, { readonly kind: 'function' }>
  readonly jitter?: number
}
