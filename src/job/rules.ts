import { excerpt } from '../errors.ts'
import { fieldsOf, wholeNumberOf } from './options.ts'
import { type ErrorRule, RETRY_OPTIONS, type RetryOptions, type RetryPolicy, readLimits } from './retry.ts'

/** A class of errors, abstract ones too. */
export type ErrorClass = abstract new (...given: never[]) => unknown

/**
 * Which errors a rule is about: those of a class or of one below it; those with this `name` or `code`, or whose class or
 * one above it has this name; those for which a function answers true.
 */
export type ErrorMatch = ErrorClass | string | ((error: unknown) => boolean)

/** Errors that are retried otherwise than the rest, with attempts of their own; what is not said is as in `retry`. */
export type RetryRuleOptions = RetryOptions & { readonly error: ErrorMatch | readonly ErrorMatch[] }

/** Errors that end a job: visibly as `discarded`, not dead. */
export type DiscardRuleOptions = { readonly error: ErrorMatch | readonly ErrorMatch[] }

const MOST_RULES = 50
const LONGEST_LABEL = 100

/** Answers a policy with the caps of interrupted attempts that a job type says, and its rules by error. */
export function withRules(
  policy: RetryPolicy,
  { interruptions, crashes, ...rules }: Readonly<Record<string, unknown>>,
  faults: string[],
): RetryPolicy {
  const most = policy.crashes
  return Object.freeze({
    ...policy,
    rules: readRules(policy, rules, faults),
    interruptions: wholeNumberOf(
      interruptions,
      'interruptions',
      { least: 0, most: 1_000 },
      policy.interruptions,
      faults,
    ),
    crashes: wholeNumberOf(crashes, 'crashes', { least: 1, most }, most, faults),
  })
}

/** Those that discard are asked first, then the others, in their order. */
function readRules(
  policy: RetryPolicy,
  { retryOn = [], discardOn = [] }: Readonly<Record<string, unknown>>,
  faults: string[],
): readonly ErrorRule[] {
  const discarding = listOf(discardOn, 'discardOn', faults).map((rule, index): ErrorRule => {
    const where = `discardOn[${index}]`
    const { error } = fieldsOf(rule ?? null, where, ['error'], faults)
    return { kind: 'discard', ...matching(error, where, faults) }
  })
  const retrying = listOf(retryOn, 'retryOn', faults).map((rule, index): ErrorRule => {
    const where = `retryOn[${index}]`
    const { error, ...said } = fieldsOf(rule ?? null, where, ['error', ...RETRY_OPTIONS], faults)
    return {
      kind: 'retry',
      ...matching(error, where, faults),
      limits: readLimits(said, { where, base: policy }, faults),
    }
  })
  return Object.freeze(distinct([...discarding, ...retrying]))
}

function listOf(value: unknown, where: string, faults: string[]): readonly unknown[] {
  if (Array.isArray(value) && value.length <= MOST_RULES) return value
  const came = Array.isArray(value) ? `${value.length} rules` : excerpt(value)
  faults.push(`${where}: must be a list of at most ${MOST_RULES} rules such as [{ error: TimeoutError }], got ${came}`)
  return []
}

type Matching = Pick<ErrorRule, 'label' | 'matches'>

function matching(value: unknown, where: string, faults: string[]): Matching {
  const given: readonly unknown[] = Array.isArray(value) ? value : [value]
  if (given.length === 0) faults.push(`${where}.error: must say which errors, got an empty list`)
  const all = given.flatMap((each) => matchOf(each, where, faults))
  const label = all.map(({ label }) => label).join(' | ')
  return {
    label: label.length > LONGEST_LABEL ? `${label.slice(0, LONGEST_LABEL - 1)}…` : label,
    matches: (error) => all.some(({ matches }) => matches(error)),
  }
}

function matchOf(value: unknown, where: string, faults: string[]): readonly Matching[] {
  if (typeof value === 'string' && value !== '') return [{ label: value, matches: (error) => hasName(error, value) }]
  if (isErrorClass(value)) return [{ label: value.name || where, matches: (error) => error instanceof value }]
  if (isPredicate(value)) return [{ label: where, matches: (error) => value(error) === true }]
  faults.push(
    `${where}.error: must be a class of errors, a name, or a function that answers a boolean, got ${excerpt(value)}`,
  )
  return []
}

/** Rules about the same errors have counters of their own too. */
function distinct(rules: readonly ErrorRule[]): readonly ErrorRule[] {
  const seen = new Map<string, number>()
  return rules.map((rule) => {
    const count = (seen.get(rule.label) ?? 0) + 1
    seen.set(rule.label, count)
    return Object.freeze(count === 1 ? rule : { ...rule, label: `${rule.label} (${count})` })
  })
}

/** The errors of another realm have another Error above them; its prototype has a message all the same. */
function isErrorClass(value: unknown): value is ErrorClass & { readonly name: string } {
  if (typeof value !== 'function') return false
  const prototype: unknown = value.prototype
  const makesErrors = typeof prototype === 'object' && prototype !== null && 'message' in prototype
  return makesErrors || /^class\b/.test(Function.prototype.toString.call(value))
}

const isPredicate = (value: unknown): value is (error: unknown) => unknown => typeof value === 'function'

/** By name, code, or the name of a class: an error that came out of another realm or another copy of a package has no other mark. */
function hasName(error: unknown, name: string): boolean {
  if (typeof error !== 'object' || error === null) return false
  if (Reflect.get(error, 'name') === name || Reflect.get(error, 'code') === name) return true
  let prototype: unknown = Object.getPrototypeOf(error)
  while (typeof prototype === 'object' && prototype !== null) {
    const made: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value
    if (typeof made === 'function' && made.name === name) return true
    prototype = Object.getPrototypeOf(prototype)
  }
  return false
}
