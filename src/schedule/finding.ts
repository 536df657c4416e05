import type { CompiledCron } from './cron.ts'
import type { FieldName } from './cron-field.ts'

/** What the linter of expressions can find; those of the first line are errors. */
export type LintCode =
  | 'invalid'
  | 'never-fires'
  | 'unknown-zone'
  | 'step-too-large'
  | 'uneven-step'
  | 'every-minute-of-hour'
  | 'every-second-of-minute'
  | 'either-day'
  | 'both-days'
  | 'missing-day'
  | 'missing-time'
  | 'repeated-time'
  | 'foreign-form'

/** A part of an expression's text: [from, to), in characters. */
export type Span = { readonly from: number; readonly to: number }

/** One thing found in the expressions of a schedule. */
export type Finding = {
  readonly severity: 'error' | 'warning'
  readonly code: LintCode
  readonly message: string
  /** What to write instead, as an imperative. */
  readonly fix: string
  /** Which of the expressions, from 0. */
  readonly pattern: number
  /** Undefined where it is about the expression as a whole. */
  readonly field?: FieldName
  readonly span: Span
}

/** What a rule finds: the pattern and the places are filled in by the linter. */
export type Found = Omit<Finding, 'pattern' | 'span' | 'severity'>

/** One expression as the rules look at it: `written` and `resolved` are its six fields. */
export type Subject = {
  readonly cron: CompiledCron
  readonly written: readonly string[]
  readonly resolved: readonly string[]
}
