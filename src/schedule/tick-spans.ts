import { type Instant, instant } from '../time/clock.ts'
import { countPlanned, dueOf, firstDueFrom, nextPlanned, previousPlanned, type Rule } from './rule.ts'

/** A time in which the ticks that are due are not run; without an end it lasts. */
export type Pause = { readonly since: Instant; readonly until: Instant | null }

/** Where a schedule stands: its next tick to be decided on, and what people have said of it. */
export type Standing = {
  readonly cursor: Instant
  readonly now: Instant
  readonly pauses: readonly Pause[]
  /** Planned instants that a person has called off. */
  readonly skips: readonly Instant[]
  /** All ticks planned up to this instant are decided on, due or not: the definition ends there. */
  readonly until?: Instant
}

/** Why a tick makes no job whatever its lateness; `open` when nothing speaks against it. */
export type SpanFate = 'open' | 'excluded' | 'paused' | 'called-off'

/** Neighbouring ticks of one fate. */
export type Span = { readonly fate: SpanFate; readonly first: Instant; readonly last: Instant; readonly count: number }

/** The fate of one planned tick: the first reason that applies. */
export function spanFate(rule: Rule, { pauses, skips }: Standing, plannedAt: Instant): SpanFate {
  if (rule.excludes?.(plannedAt)) return 'excluded'
  if (pauses.length > 0) {
    const due = dueOf(rule, plannedAt)
    if (pauses.some(({ since, until }) => due >= since && (until === null || due < until))) return 'paused'
  }
  return skips.includes(plannedAt) ? 'called-off' : 'open'
}

/** Spans of ticks, and where the work was broken off because it was enough for one turn; null when it was not. */
export type Spans = { readonly spans: readonly Span[]; readonly stoppedAt: Instant | null }

/**
 * The ticks of [from, to) as spans of one fate; `from` is a tick whatever the rule says. Where no calendar has to be asked the
 * ticks are counted, not walked; else at most `budget` are looked at.
 */
export function spansOf(rule: Rule, standing: Standing, from: Instant, to: Instant, budget = Infinity): Spans {
  if (from >= to) return { spans: [], stoppedAt: null }
  return rule.excludes === null
    ? { spans: merged(countedSpans(rule, standing, from, to)), stoppedAt: null }
    : walkedSpans(rule, standing, from, to, budget)
}

function countedSpans(rule: Rule, standing: Standing, from: Instant, to: Instant): Span[] {
  const spans: Span[] = []
  const cuts = [from, ...edges(rule, standing).filter((edge) => edge > from && edge < to), to]
  for (const [index, cut] of cuts.slice(0, -1).entries()) {
    const end = cuts[index + 1] ?? to
    const first = index === 0 ? from : nextPlanned(rule, instant(cut - 1))
    if (first === null || first >= end) continue
    const last = instant(Math.max(first, previousPlanned(rule, end) ?? first))
    const count = 1 + countPlanned(rule, instant(first + 1), end)
    spans.push({ fate: spanFate(rule, standing, first), first, last, count })
  }
  return spans
}

/** The planned instants at which a fate may begin or end. */
function edges(rule: Rule, { pauses, skips }: Standing): Instant[] {
  const dues = pauses.flatMap(({ since, until }) => (until === null ? [since] : [since, until]))
  const planned = dues.map((due) => firstDueFrom(rule, due)).filter((edge) => edge !== null)
  const all = [...planned, ...skips.flatMap((skip) => [skip, instant(skip + 1)])]
  return [...new Set(all)].sort((a, b) => a - b)
}

function walkedSpans(rule: Rule, standing: Standing, from: Instant, to: Instant, budget: number): Spans {
  const spans: Span[] = []
  let left = budget
  for (let at: Instant | null = from; at !== null && at < to; at = nextPlanned(rule, at)) {
    if (left === 0) return { spans: merged(spans), stoppedAt: at }
    left -= 1
    const before = spans.at(-1)
    const fate = spanFate(rule, standing, at)
    if (before?.fate === fate) spans[spans.length - 1] = { ...before, last: at, count: before.count + 1 }
    else spans.push({ fate, first: at, last: at, count: 1 })
  }
  return { spans, stoppedAt: null }
}

function merged(spans: readonly Span[]): readonly Span[] {
  const all: Span[] = []
  for (const span of spans) {
    const before = all.at(-1)
    if (before?.fate !== span.fate) all.push(span)
    else all[all.length - 1] = { ...before, last: span.last, count: before.count + span.count }
  }
  return all
}
