import { type Duration, duration } from '../time/clock.ts'
import { formatDuration } from '../time/duration.ts'
import { describeError, type ErrorDescription } from './error-description.ts'
import { isNonRetryable } from './errors.ts'
import { DEFAULT_RETRY, type ErrorRule, type RetryLimits, type RetryPolicy, waitAfter } from './retry.ts'

/** Why a job is dead. */
export type DeadReason =
  /** It failed in every attempt. */
  | 'attempts'
  /** It went on failing until the time of its `retry.for` was over. */
  | 'too-long'
  /** It failed with an error that is never retried. */
  | 'not-retryable'
  /** Its stored payload no longer passes its schema. */
  | 'payload'
  /** No worker knew its name for as long as `unknownFor`. */
  | 'unknown-job'
  /** It took too many workers with it. */
  | 'lost-worker'
  /** It was handed back too often. */
  | 'handed-back'
  /** It was snoozed so often that no claim number is left. */
  | 'snoozes'

/** How an attempt ends. */
export type Outcome =
  /** `result` is JSON text, empty when the job declares none. */
  | { readonly kind: 'completed'; readonly result: string }
  /** `rule` has the label of the rule by error that chose; `fault` says what of the policy could not be asked. */
  | {
      readonly kind: 'retry'
      readonly delay: Duration
      readonly error: ErrorDescription
      readonly rule?: string
      readonly fault?: string
    }
  /** It goes back to wait, and no attempt is burnt. */
  | { readonly kind: 'snoozed'; readonly delay: Duration }
  /** `error` is what a rule has discarded. */
  | { readonly kind: 'discarded'; readonly reason: string; readonly error?: ErrorDescription }
  | {
      readonly kind: 'dead'
      readonly reason: DeadReason
      readonly error: ErrorDescription
      readonly rule?: string
      readonly fault?: string
    }
  | { readonly kind: 'handed-back' }

/** What went wrong in an attempt: the handler threw, or the stored payload could not be read for it. */
export type Failure =
  | { readonly kind: 'thrown'; readonly error: unknown }
  | { readonly kind: 'payload'; readonly error: unknown }

/** What is known of the job beside its failure. */
export type Past = {
  /** The attempt that failed, from 1. */
  readonly attempt: number
  /** How often each rule by error has chosen before, by its label. */
  readonly counted?: Readonly<Record<string, number>>
  /** How long ago the job was first due, in milliseconds. */
  readonly ageMs?: number
}

/**
 * What becomes of a job whose attempt failed. Rules by error are asked in their order, each with a counter of its own; the
 * attempts that none of them counts are those of the policy. `random` answers 0 to 1. Never throws: a function of the
 * policy that fails costs the job nothing but what it would have chosen.
 */
export function outcomeOf(failure: Failure, policy: RetryPolicy, past: Past, random: () => number): Outcome {
  const error = describeError(failure.error)
  switch (failure.kind) {
    case 'payload':
      return { kind: 'dead', reason: 'payload', error }
    case 'thrown':
      return thrown(failure.error, policy, past, { error, random })
  }
}

type Telling = { readonly error: ErrorDescription; readonly random: () => number }

function thrown(cause: unknown, policy: RetryPolicy, past: Past, { error, random }: Telling): Outcome {
  const { rule, fault } = ruleFor(cause, policy.rules)
  const told = { error, ...(fault === undefined ? {} : { fault }) }
  if (rule?.kind === 'discard') return { kind: 'discarded', reason: `${error.name}: ${error.message}`, error }
  if (isNonRetryable(cause)) return { kind: 'dead', reason: 'not-retryable', ...told }
  const counted = past.counted ?? {}
  const others = Object.values(counted).reduce((sum, count) => sum + count, 0)
  const failures = rule === undefined ? past.attempt - others : (counted[rule.label] ?? 0) + 1
  const limits: RetryLimits = rule?.limits ?? policy
  const named = rule === undefined ? told : { ...told, rule: rule.label }
  if (failures >= limits.attempts) return { kind: 'dead', reason: 'attempts', ...named }
  const left = limits.for === null ? Number.POSITIVE_INFINITY : limits.for - (past.ageMs ?? 0)
  if (left <= 0) return { kind: 'dead', reason: 'too-long', ...named }
  const { delay, ...asked } = delayAfter(cause, limits, failures, random)
  return { kind: 'retry', ...named, ...asked, delay: duration(Math.min(delay, left)) }
}

/** The first rule that is about an error; one whose question fails is about none, and that is said. */
function ruleFor(error: unknown, rules: readonly ErrorRule[]): { readonly rule?: ErrorRule; readonly fault?: string } {
  let fault: string | undefined
  for (const rule of rules) {
    try {
      if (rule.matches(error)) return fault === undefined ? { rule } : { rule, fault }
    } catch (cause) {
      const { name, message } = describeError(cause)
      fault ??= `${rule.label} could not be asked, so it was passed over: ${name}: ${message}`
    }
  }
  return fault === undefined ? {} : { fault }
}

/** Fewer claim numbers than there are, so that those after the last snooze have some. */
const MOST_CLAIMS = 60_000

/** What becomes of a job that is snoozed in its `claim`-th claim. */
export function snoozed(delay: Duration, claim: number): Outcome {
  if (claim < MOST_CLAIMS) return { kind: 'snoozed', delay }
  const message = `snoozes: it has been claimed ${claim} times, the last time to be snoozed for ${formatDuration(delay)}`
  return { kind: 'dead', reason: 'snoozes', error: { name: 'SnoozedTooOftenError', message } }
}

function delayAfter(
  error: unknown,
  limits: RetryLimits,
  failures: number,
  random: () => number,
): { readonly delay: Duration; readonly fault?: string } {
  try {
    return { delay: waitAfter(limits, failures, error, random) }
  } catch (cause) {
    const { name, message } = describeError(cause)
    const fault = `retry.backoff failed, so the usual wait was taken: ${name}: ${message}`
    return { delay: waitAfter(DEFAULT_RETRY, failures, error, random), fault }
  }
}
