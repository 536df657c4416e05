import { MorrowError } from '../errors.ts'
import type { Instant } from '../time/clock.ts'
import { InvalidTimeError } from '../time/invalid-time.ts'
import { type CompiledCron, type CronOptions, compileCron } from './cron.ts'
import { FIELDS, type FieldName } from './cron-field.ts'
import { everyInCron, midnightIn, splitCron } from './cron-text.ts'
import type { Finding, Found, Span } from './finding.ts'
import { InvalidCronError } from './invalid-cron.ts'
import { lintClocks } from './lint-clocks.ts'
import { lintDays } from './lint-days.ts'
import { lintSteps } from './lint-steps.ts'
import { compileTiming } from './timing.ts'

/** `from` is the instant from which the next year's changes of clocks are looked at. */
export type LintOptions = CronOptions & { readonly from: Instant }

/**
 * What is wrong or surprising in the expressions of one schedule, in the order in which they stand. Pure, and never throws:
 * what does not compile is an error among the findings.
 */
export function lintCron(
  text: string | readonly string[],
  zone: string,
  { from, ...options }: LintOptions,
): readonly Finding[] {
  const texts = typeof text === 'string' ? [text] : text
  const findings = texts.flatMap((one, pattern) => lintOne(one, pattern, zone, { ...options, from }))
  if (findings.some(({ severity }) => severity === 'error')) return findings
  // What only the whole can be wrong in: two zones, dst without a wall-clock pattern, @every in a list.
  return [...faultsOf(texts, () => compileTiming(texts, zone, options), 0), ...findings]
}

function lintOne(text: string, pattern: number, zone: string, options: LintOptions): readonly Finding[] {
  const { from, dst, seed } = options
  if (/^\s*@every\b/i.test(text)) return faultsOf([text], () => everyInCron([text]), pattern)
  const faults = faultsOf([text], () => compileCron(text, zone, { seed }), pattern)
  if (faults.length > 0) return faults
  const cron = withPolicy(text, zone, options)
  const subject = { cron, written: splitCron(text).fields, resolved: cron.resolved[0]?.split(' ') ?? [] }
  return [
    ...lintForeign(text),
    ...lintSteps(subject),
    ...lintDays(subject),
    ...lintClocks(subject, from, dst ?? {}),
  ].map((found) => ({ severity: 'warning' as const, ...found, pattern, span: spanOf(text, found.field) }))
}

/** Among several expressions a rhythmic one may stand beside a policy that is meant for the others. */
function withPolicy(text: string, zone: string, { seed, dst }: LintOptions): CompiledCron {
  const cron = compileCron(text, zone, { seed })
  return cron.patterns[0]?.readings === 'rhythmic' ? cron : compileCron(text, zone, { seed, dst })
}

function faultsOf(texts: readonly string[], work: () => unknown, pattern: number): readonly Finding[] {
  try {
    work()
    return []
  } catch (error) {
    if (!(error instanceof MorrowError)) throw error
    const [text = ''] = texts
    const field = FIELDS.find((name) => error.message.includes(`: ${name} field: `))
    const where = field === undefined ? { span: { from: 0, to: text.length } } : { field, span: spanOf(text, field) }
    return [{ severity: 'error', ...codeOf(error), message: error.message, pattern, ...where }]
  }
}

function codeOf(error: MorrowError): Pick<Finding, 'code' | 'fix'> {
  if (error instanceof InvalidCronError && error.fault === 'never-fires')
    return {
      code: 'never-fires',
      fix: 'choose a day that its months have, L for the last, or a time that the zone shows',
    }
  if (error instanceof InvalidTimeError && /time zone/.test(error.message))
    return { code: 'unknown-zone', fix: `write the name of a zone of the IANA data, such as 'Europe/Berlin'` }
  return { code: 'invalid', fix: `write 5 or 6 fields that mean a time, such as '0 9 * * 1-5', or @every 15m` }
}

/** Where a field stands in the text; a name such as @daily stands for all of them. */
export function spanOf(text: string, field: FieldName | undefined): Span {
  const words = [...text.matchAll(/\S+/g)].map((match) => ({ from: match.index, to: match.index + match[0].length }))
  const whole = { from: words[0]?.from ?? 0, to: words.at(-1)?.to ?? 0 }
  if (field === undefined || text.trim().startsWith('@')) return whole
  const zoned = splitCron(text).zone === undefined ? 0 : 1
  const seconds = words.length - zoned === 6 ? 0 : 1
  return words[FIELDS.indexOf(field) - seconds] ?? whole
}

type Foreign = { readonly field: FieldName; readonly pattern: RegExp; readonly ours: (token: string) => string }

const FOREIGN: readonly Foreign[] = [
  { field: 'hour', pattern: /(^|-)24($|[-/])/, ours: midnightIn },
  {
    field: 'day of month',
    pattern: /^-\d+$/,
    ours: (token) => (token === '-1' ? 'L' : `L-${Number(token.slice(1)) - 1}`),
  },
  { field: 'day of week', pattern: /^\w+#(L|-1)$/i, ours: (token) => token.replace(/#.*/, 'L') },
]

/** Forms that other crons know, which are read here by their one meaning. */
function lintForeign(text: string): readonly Found[] {
  if (text.trim().startsWith('@')) return []
  return FOREIGN.flatMap(({ pattern, field, ours }) => {
    const { from, to } = spanOf(text, field)
    const tokens = text.slice(from, to).split(',')
    return tokens
      .filter((token) => pattern.test(token))
      .map((token): Found => {
        const written = ours(token)
        return { code: 'foreign-form', message: `${token} is read as ${written}`, fix: `write ${written}`, field }
      })
  })
}
