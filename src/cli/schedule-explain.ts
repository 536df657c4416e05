import { policiesInWords } from '../schedule/describe-policies.ts'
import { type Explanation, explain, type PatternExplanation } from '../schedule/explain.ts'
import type { Cli } from './context.ts'
import { EXIT } from './exit.ts'
import { type Asked, askedFor, instantOf, type TimingFlags } from './schedule-timing.ts'
import { print, table } from './terminal.ts'

/** Explains when a schedule of the files, or an expression, ticks: field by field, with what changed clocks do. */
export async function explainTiming(cli: Cli, name: string | undefined, flags: TimingFlags): Promise<void> {
  const asked = await askedFor(cli, name, flags)
  if (asked === undefined) return cli.finish(EXIT.unknown)
  const told = explain(asked.timing, instantOf(flags, asked))
  const policies = asked.kind === 'schedule' ? policiesInWords(asked.definition) : []
  const clockChanges = told.clockChanges.map(({ at, ...rest }) => ({ at: new Date(at).toISOString(), ...rest }))
  const value = { ...told, clockChanges, ...(asked.kind === 'schedule' ? { policies } : {}) }
  print(cli.terminal, flags.json, { text: textOf(asked, told), value })
}

function textOf(asked: Asked, told: Explanation): string {
  const policies = asked.kind === 'schedule' ? policiesInWords(asked.definition) : []
  return [
    told.sentence,
    ...told.patterns.map(patternText),
    ...(told.clockChanges.length === 0 ? [] : [clocksText(told)]),
    ...(policies.length === 0 ? [] : [table(policies.map(({ key, text }) => [key, text]))]),
  ].join('\n\n')
}

function patternText({ text, resolved, sentence, kind, why, dst, fields, days }: PatternExplanation): string {
  const rows = fields.map((field) => [
    field.field,
    field.written === field.resolved ? field.written : `${field.written} = ${field.resolved}`,
    field.means,
  ])
  return [
    `${text}: ${sentence}`,
    table([['FIELD', 'WRITTEN', 'MEANS'], ...rows]),
    ...(days === undefined ? [] : [days]),
    `${kind}: ${why}`,
    ...(dst === undefined ? [] : [`dst: { gap: ${dst.gap}, overlap: ${dst.overlap} }`]),
    ...(fields.some((field) => field.written !== field.resolved) ? [`resolved: ${resolved}`] : []),
  ].join('\n')
}

const clocksText = ({ zone = 'UTC', clockChanges }: Explanation): string =>
  [
    `clocks of ${zone} in the year to come`,
    table(clockChanges.map(({ at, clocks, effect }) => [new Date(at).toISOString(), clocks, effect])),
  ].join('\n')
