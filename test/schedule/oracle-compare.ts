import { compileCron, next, previous } from '../../src/schedule/cron.ts'
import { instant } from '../../src/time/clock.ts'
import { type Line, type Pattern, patternOf, type Rules, walk } from './walker.ts'

export const DEFAULT: Rules = { gap: 'run', overlap: 'first' }

/** All that a wall-clock pattern may be told, the default first. */
export const POLICIES: readonly Rules[] = [
  DEFAULT,
  { gap: 'run', overlap: 'last' },
  { gap: 'run', overlap: 'both' },
  { gap: 'skip', overlap: 'first' },
  { gap: 'skip', overlap: 'last' },
  { gap: 'skip', overlap: 'both' },
]

const patterns = new Map<string, Pattern>()

/** An expression as the oracle reads it; read once. */
export function readOnce(expression: string): Pattern {
  const known = patterns.get(expression) ?? patternOf(expression)
  patterns.set(expression, known)
  return known
}

/** What a comparison found: how many ticks agreed, or the first that does not. */
export type Compared =
  | { readonly kind: 'equal'; readonly ticks: number }
  | { readonly kind: 'different'; readonly text: string }

/** Asks the engine for all ticks of a line, forwards and backwards, and compares them with those that the walk found. */
export function compare(expression: string, line: Line, rules: Rules): Compared {
  const pattern = readOnce(expression)
  const dst = pattern.rhythmic || rules === DEFAULT ? undefined : rules
  const expected = walk(pattern, line, rules)
  const answer = (text: string): Compared => ({
    kind: 'different',
    text: `${expression} ${line.zone} ${new Date(line.from).toISOString()} ${JSON.stringify(rules)}: ${text}`,
  })
  let cron: ReturnType<typeof compileCron>
  try {
    cron = compileCron(expression, line.zone, { seed: '', dst })
  } catch (error) {
    const refused = error instanceof Error && /never fires/.test(error.message)
    return refused && expected.length === 0 ? { kind: 'equal', ticks: 0 } : answer(String(error))
  }
  let at = next(cron, instant(line.from - 1))
  for (const tick of expected) {
    if (at !== tick) return answer(`expected ${show(tick)}, next says ${show(at)}`)
    at = next(cron, at)
  }
  if (at !== null && at < line.to) return answer(`expected no more, next says ${show(at)}`)
  let back = previous(cron, instant(line.to))
  for (let i = expected.length - 1; i >= 0; i--) {
    if (back !== expected[i]) return answer(`expected ${show(expected[i] ?? null)}, previous says ${show(back)}`)
    back = previous(cron, instant(expected[i] ?? 0))
  }
  if (back !== null && back >= line.from) return answer(`expected no more, previous says ${show(back)}`)
  return { kind: 'equal', ticks: expected.length }
}

const show = (at: number | null): string => (at === null ? 'nothing' : new Date(at).toISOString())
