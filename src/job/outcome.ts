import type { Duration } from '../time/clock.ts'
import { describeError, type ErrorDescription } from './error-description.ts'
import { DEFAULT_RETRY, type RetryPolicy, waitAfter } from './retry.ts'

/** Why a job is dead. */
export type DeadReason =
  /** It failed in every attempt. */
  | 'attempts'
  /** Its stored payload no longer passes its schema. */
  | 'payload'
  /** No worker knew its name for as long as `unknownFor`. */
  | 'unknown-job'
  /** It took too many workers with it. */
  | 'lost-worker'
  /** It was handed back too often. */
  | 'handed-back'

/** How an attempt ends. */
export type Outcome =
  /** `result` is JSON text, empty when the job declares none. */
  | { readonly kind: 'completed'; readonly result: string }
  /** `fault` says why the policy's own backoff could not be asked, so that the usual wait was taken. */
  | { readonly kind: 'retry'; readonly delay: Duration; readonly error: ErrorDescription; readonly fault?: string }
  | { readonly kind: 'dead'; readonly reason: DeadReason; readonly error: ErrorDescription }
  | { readonly kind: 'handed-back' }

/** What went wrong in an attempt: the handler threw, or the stored payload could not be read for it. */
export type Failure =
  | { readonly kind: 'thrown'; readonly error: unknown }
  | { readonly kind: 'payload'; readonly error: unknown }

/**
 * What becomes of a job whose attempt (the first is 1) failed. `random` answers 0 to 1. Never throws: a backoff function
 * that fails costs the job nothing but the wait it would have chosen.
 */
export function outcomeOf(failure: Failure, policy: RetryPolicy, attempt: number, random: () => number): Outcome {
  const error = describeError(failure.error)
  switch (failure.kind) {
    case 'payload':
      return { kind: 'dead', reason: 'payload', error }
    case 'thrown':
      if (attempt >= policy.attempts) return { kind: 'dead', reason: 'attempts', error }
      return { kind: 'retry', error, ...delayAfter(failure.error, policy, attempt, random) }
  }
}

function delayAfter(
  error: unknown,
  policy: RetryPolicy,
  attempt: number,
  random: () => number,
): { readonly delay: Duration; readonly fault?: string } {
  try {
    return { delay: waitAfter(policy, attempt, error, random) }
  } catch (cause) {
    const { name, message } = describeError(cause)
    const fault = `retry.backoff failed, so the usual wait was taken: ${name}: ${message}`
    return { delay: waitAfter(DEFAULT_RETRY, attempt, error, random), fault }
  }
}
