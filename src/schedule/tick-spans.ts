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
 * The ticks of [from, to) as spans of one fate; `from` is a tick whatever the rule says. Between the instants at which a pause,
 * a calendar or a tick called off begins or ends they are counted, not walked; at most `budget` such stretches are looked at.
 */
export function spansOf(rule: Rule, standing: Standing, from: Instant, to: Instant, budget = Infinity): Spans {
  const cuts = edges(rule, standing)
  const spans: Span[] = []
  let left = budget
  for (let at: Instant | null = from; at !== null && at < to; ) {
    if (left === 0) return { spans, stoppedAt: at }
    left -= 1
    const { next, ...ticks } = stretch(rule, at, instant(Math.min(to, cutAfter(cuts, at), rule.steadyUntil(at))))
    add(spans, { fate: spanFate(rule, standing, at), ...ticks })
    at = next
  }
  return { spans, stoppedAt: null }
}

/** The stretches of open ticks in [from, to); what is paused is passed over as a whole, whatever calendars say of it. */
export function openSpans(rule: Rule, standing: Standing, from: Instant, to: Instant, most = Infinity): Span[] {
  const cuts = edges(rule, standing)
  const stopped = { ...rule, excludes: null }
  const spans: Span[] = []
  for (let at: Instant | null = from; at !== null && at < to && spans.length < most; ) {
    const cut = Math.min(to, cutAfter(cuts, at))
    const isStopped = spanFate(stopped, standing, at) !== 'open'
    const end: Instant = instant(isStopped ? cut : Math.min(cut, rule.steadyUntil(at)))
    if (isStopped || rule.excludes?.(at)) {
      at = nextPlanned(rule, instant(end - 1))
      continue
    }
    const { next, ...ticks } = stretch(rule, at, end)
    spans.push({ fate: 'open', ...ticks })
    at = next
  }
  return spans
}

/** How many of the ticks of [first, last] calendars exclude. */
export function excludedAmong(rule: Rule, first: Instant, last: Instant): 'all' | 'some' | 'none' {
  const isIn = rule.excludes?.(first) ?? false
  for (let at: Instant | null = first; at !== null && at <= last; ) {
    if ((rule.excludes?.(at) ?? false) !== isIn) return 'some'
    at = nextPlanned(rule, instant(Math.min(last, rule.steadyUntil(at) - 1)))
  }
  return isIn ? 'all' : 'none'
}

/** The ticks of [first, end), and the one after them. */
function stretch(rule: Rule, first: Instant, end: Instant): Omit<Span, 'fate'> & { readonly next: Instant | null } {
  const second = nextPlanned(rule, first)
  if (second === null || second >= end) return { first, last: first, count: 1, next: second }
  const last = previousPlanned(rule, end) ?? second
  return { first, last, count: 1 + countPlanned(rule, second, end), next: nextPlanned(rule, last) }
}

const cutAfter = (cuts: readonly Instant[], at: Instant): number => cuts.find((cut) => cut > at) ?? Infinity

/** The planned instants at which a fate may begin or end. */
function edges(rule: Rule, { pauses, skips }: Standing): Instant[] {
  const dues = pauses.flatMap(({ since, until }) => (until === null ? [since] : [since, until]))
  const planned = dues.map((due) => firstDueFrom(rule, due)).filter((edge) => edge !== null)
  const all = [...planned, ...skips.flatMap((skip) => [skip, instant(skip + 1)])]
  return [...new Set(all)].sort((a, b) => a - b)
}

/** Adds a span, as a part of the one before where it has the same fate. */
function add(spans: Span[], span: Span): void {
  const before = spans.at(-1)
  if (before?.fate !== span.fate) spans.push(span)
  else spans[spans.length - 1] = { ...before, last: span.last, count: before.count + span.count }
}
