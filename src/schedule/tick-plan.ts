import { type Duration, duration, type Instant, instant } from '../time/clock.ts'
import { HOUR, SECOND } from '../time/duration.ts'
import { countPlanned, dueOf, firstDueFrom, GRACE, nextPlanned, previousPlanned, type Rule, windowOf } from './rule.ts'
import { openSpans, type Span, type Standing, spanFate, spansOf } from './tick-spans.ts'

/** A tick that shall become a job. */
export type TickRun = {
  readonly kind: 'run'
  /** `late` is one that was missed. */
  readonly fate: 'fired' | 'late'
  readonly plannedAt: Instant
  readonly dueAt: Instant
  /** How many ticks the job stands for, this one included. */
  readonly standsFor: number
  /** The planned tick before the first of those. */
  readonly previousAt: Instant | null
  /** How long the job waits beyond now, so that what is caught up comes one after the other. */
  readonly after: Duration
}

/** Why neighbouring ticks make no job of their own; the coalesced ones tell the planned instant of the run that stands for them. */
export type RestFate = 'excluded' | 'paused' | 'called-off' | 'missed' | 'coalesced'

/** Neighbouring ticks that make no job of their own. */
export type TickRest = {
  readonly kind: 'rest'
  readonly fate: RestFate
  readonly first: Instant
  readonly last: Instant
  readonly count: number
  readonly into: Instant | null
}

export type TickStep = TickRun | TickRest

/** What becomes of the ticks that are due, in their order. */
export type TickPlan = {
  readonly steps: readonly TickStep[]
  /** The next tick to be decided on; null when none is planned. */
  readonly next: Instant | null
  /** After this instant the plan is true no more: by then what was live is missed. */
  readonly freshUntil: Instant
}

/** The distance between two jobs that are caught up. */
const APART = 100
/** How many stretches of ticks that run no more one turn looks at; what is left comes with the next turn. */
const BUDGET = 200

/**
 * Decides on the planned ticks from the cursor that are due; the cursor is the stored next tick and counts as one whatever
 * the rule says. Pure. Each tick gets one fate, the first that applies: excluded, paused, called off, missed; the script that
 * draws the plan looks at deadline, overlap and limit. The work is bounded by what is caught up and by how often a pause or a
 * calendar begins or ends, never by the number of ticks; a long past is decided in portions, `next` being where one stops.
 */
export function planTicks(rule: Rule, standing: Standing): TickPlan {
  const { cursor, now, until } = standing
  if (until === undefined ? dueOf(rule, cursor) > now : cursor > until)
    return { steps: [], next: cursor, freshUntil: instant(now + GRACE) }
  const live = firstLive(rule, cursor, now)
  const freshUntil = instant(GRACE + Math.min(now, live === null ? now : dueOf(rule, live)))
  const end = live ?? instant(now + 1)
  const runsFrom = live === cursor ? cursor : firstToRun(rule, standing, end)
  const gone = spansOf(rule, standing, cursor, runsFrom, BUDGET)
  const before = gone.spans.map((span) => restOf(span, 'missed'))
  if (gone.stoppedAt !== null) return { steps: before, next: gone.stoppedAt, freshUntil }
  const missed = spansOf(rule, standing, runsFrom, end).spans
  const alive = liveTicks(rule, standing, live)
  const rest =
    rule.missed.kind === 'all' ? [...eachLate(rule, missed), ...alive.steps] : asOne(rule, missed, alive.steps)
  return { steps: [...before, ...rest], next: alive.next, freshUntil }
}

/** The first tick from the cursor that is not missed; null when there is none yet. */
function firstLive(rule: Rule, cursor: Instant, now: Instant): Instant | null {
  const from = instant(now - GRACE)
  if (dueOf(rule, cursor) >= from) return cursor
  const first = firstDueFrom(rule, from)
  return first === null || first > cursor ? first : nextPlanned(rule, cursor)
}

/** The first missed tick that may still run; `end` when none may. */
function firstToRun(rule: Rule, standing: Standing, end: Instant): Instant {
  const { cursor, now } = standing
  if (rule.missed.kind === 'skip') return end
  const within = windowOf(rule, instant(Math.max(cursor, previousPlanned(rule, end) ?? cursor)))
  const opens = within === null ? null : firstDueFrom(rule, instant(now - within))
  const from = within === null ? cursor : instant(Math.max(cursor, Math.min(end, opens ?? end)))
  if (rule.missed.kind === 'all') return newestOf(rule, standing, from, end)
  return openSpans(rule, standing, from, end, 1)[0]?.first ?? end
}

/** The earliest of the newest open ticks in [from, end), as many as may be caught up; looked for in ever longer times before `end`. */
function newestOf(rule: Rule, standing: Standing, from: Instant, end: Instant): Instant {
  let left = rule.missed.kind === 'all' ? rule.missed.max : 0
  let earliest = end
  for (let [to, length] = [end, HOUR]; to > from; length *= 4) {
    const begin = instant(Math.max(from, to - length))
    const first = begin === from ? from : nextPlanned(rule, instant(begin - 1))
    const open = first === null ? [] : openSpans(rule, standing, first, to)
    for (const span of open.reverse()) {
      if (span.count >= left) return nthNewest(rule, span, left)
      left -= span.count
      earliest = span.first
    }
    to = begin
  }
  return earliest
}

/** The n-th tick of a span, counted from its last. */
function nthNewest(rule: Rule, { first, last, count }: Span, n: number): Instant {
  if (n === count) return first
  const countFrom = (at: number): number => countPlanned(rule, instant(at), instant(last + 1))
  let step = SECOND
  while (countFrom(last - step) < n) step *= 2
  let [low, high] = [Math.max(first + 1, last - step), last + 1]
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (countFrom(middle) >= n) low = middle
    else high = middle
  }
  return instant(low)
}

/** The ticks that are due and not missed, each by itself. */
function liveTicks(rule: Rule, standing: Standing, from: Instant | null): Omit<TickPlan, 'freshUntil'> {
  const { now, until } = standing
  const steps: TickStep[] = []
  let at = from
  for (; at !== null && (until === undefined ? dueOf(rule, at) <= now : at <= until); at = nextPlanned(rule, at)) {
    const fate = spanFate(rule, standing, at)
    steps.push(fate === 'open' ? runOf(rule, at, 'fired') : restOf({ fate, first: at, last: at, count: 1 }, 'missed'))
  }
  return { steps, next: at }
}

/** Each missed tick as a job, one after the other. */
function eachLate(rule: Rule, missed: readonly Span[]): TickStep[] {
  let after = 0
  return missed.flatMap((span): TickStep[] => {
    if (span.fate !== 'open') return [restOf(span, 'missed')]
    const runs: TickRun[] = []
    let previousAt = previousPlanned(rule, span.first)
    for (let at: Instant | null = span.first; at !== null && at <= span.last; at = nextPlanned(rule, at)) {
      runs.push({ ...lateRun, plannedAt: at, dueAt: dueOf(rule, at), previousAt, after: duration(after) })
      after += APART
      previousAt = at
    }
    return runs
  })
}

const lateRun = { kind: 'run', fate: 'late', standsFor: 1 } as const

/** One job for all missed ticks: the first live one if there is one, else the newest that was missed. */
function asOne(rule: Rule, missed: readonly Span[], live: readonly TickStep[]): readonly TickStep[] {
  const open = missed.filter(({ fate }) => fate === 'open')
  const [first, newest] = [open[0], open.at(-1)]
  if (first === undefined || newest === undefined) return [...missed.map((span) => restOf(span, 'missed')), ...live]
  const count = open.reduce((sum, span) => sum + span.count, 0)
  const carrier = live.find((step) => step.kind === 'run')
  const into = carrier?.plannedAt ?? newest.last
  const previousAt = previousPlanned(rule, first.first)
  const rests = missed.flatMap((span): TickStep[] => {
    if (span.fate !== 'open') return [restOf(span, 'missed')]
    if (carrier !== undefined || span !== newest) return [coalesced(span, into)]
    const run: TickRun = { ...runOf(rule, into, 'late'), standsFor: count, previousAt }
    if (span.count === 1) return [run]
    const last = instant(Math.max(span.first, previousPlanned(rule, into) ?? span.first))
    return [coalesced({ ...span, last, count: span.count - 1 }, into), run]
  })
  return [...rests, ...live.map((step) => (step === carrier ? { ...carrier, standsFor: count + 1, previousAt } : step))]
}

function runOf(rule: Rule, plannedAt: Instant, fate: TickRun['fate']): TickRun {
  const previousAt = previousPlanned(rule, plannedAt)
  return { kind: 'run', fate, plannedAt, dueAt: dueOf(rule, plannedAt), standsFor: 1, previousAt, after: duration(0) }
}

const restOf = ({ fate, ...ticks }: Span, open: RestFate): TickRest => ({
  kind: 'rest',
  fate: fate === 'open' ? open : fate,
  ...ticks,
  into: null,
})

const coalesced = ({ first, last, count }: Span, into: Instant): TickRest => ({
  kind: 'rest',
  fate: 'coalesced',
  first,
  last,
  count,
  into,
})
