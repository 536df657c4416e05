import type { Instant } from '../time/clock.ts'
import type { ScheduleDefinition } from './definition.ts'
import { type WrittenSchedule, writtenIn } from './expressions.ts'
import type { Fault, Place } from './fault.ts'
import type { FileFinding, PlaceOf } from './file-finding.ts'
import { lintCron } from './lint-cron.ts'
import { lintCrowds } from './lint-crowds.ts'
import { lintSpans } from './lint-spans.ts'

/** The texts of files, and what could be read from them. */
export type LintedFiles = {
  readonly texts: readonly { readonly file: string; readonly text: string }[]
  readonly schedules: readonly ScheduleDefinition[]
  readonly faults: readonly Fault[]
}

/**
 * All that is wrong or surprising in schedule files: their faults, with the fix where an expression is at fault, then warnings
 * by place. `from` is the instant after which ticks and changes of clocks are looked at. Pure.
 */
export function lintFiles({ texts, schedules, faults }: LintedFiles, from: Instant): readonly FileFinding[] {
  const written = texts.flatMap(({ file, text }) => writtenIn(file, text))
  const byPlace = new Map(written.map((each) => [keyOf(each.place), each]))
  const placeOf: PlaceOf = ({ source }, key) => byPlace.get(keyOf(source))?.keyPlace(key) ?? source
  const active = schedules.filter(({ enabled }) => enabled)
  const warnings = [
    ...schedules.flatMap((definition) => {
      const found = byPlace.get(keyOf(definition.source))
      return found === undefined ? [] : lintExpressions(definition, found, from)
    }),
    ...lintSpans(active, from, placeOf),
    ...lintCrowds(active, from, placeOf),
  ]
  return [...faults.map((fault) => ({ ...fault, ...explained(fault, written, from) })), ...warnings.sort(byPosition)]
}

const keyOf = ({ file, line, column }: Place): string => `${file}:${line}:${column}`

const byPosition = (a: Place, b: Place): number =>
  a.file === b.file ? a.line - b.line || a.column - b.column : a.file < b.file ? -1 : 1

/** What is surprising in expressions that can be used. */
function lintExpressions(
  { name, tz, policies }: ScheduleDefinition,
  { cron, keysIn }: WrittenSchedule,
  from: Instant,
): readonly FileFinding[] {
  if (cron.length === 0) return []
  // Of a policy that was read nobody can tell which half of it was written.
  const wrote = keysIn('dst')
  const { gap, overlap } = policies.dst ?? {}
  const dst = { ...(wrote.includes('gap') ? { gap } : {}), ...(wrote.includes('overlap') ? { overlap } : {}) }
  const said = policies.dst === undefined ? {} : { dst: dst as typeof policies.dst }
  const texts = cron.map(({ text }) => text)
  return lintCron(texts, tz, { from, seed: name, ...said }).flatMap(
    ({ pattern, span, severity, code, message, fix }) => {
      const place = cron[pattern]?.at(span.from)
      return place === undefined ? [] : [{ ...place, severity, code, message: `${name}.cron: ${message}`, fix }]
    },
  )
}

/** A fault of an expression has a fix of its own; others say it in their text. */
function explained(
  fault: Fault,
  written: readonly WrittenSchedule[],
  from: Instant,
): Pick<FileFinding, 'severity' | 'code' | 'fix'> {
  const at = keyOf(fault)
  const faulty = written.find(({ cronPlace }) => cronPlace !== undefined && keyOf(cronPlace) === at)
  const texts = faulty?.cron.map(({ text }) => text) ?? []
  const [error] = lintCron(texts, 'UTC', { from, seed: faulty?.name ?? '' }).filter((one) => one.severity === 'error')
  if (texts.length === 0 || error === undefined) return { severity: 'error', code: 'fault' }
  return { severity: 'error', code: error.code, fix: error.fix }
}
