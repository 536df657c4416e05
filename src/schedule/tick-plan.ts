import { type Duration, duration, type Instant, instant } from '../time/clock.ts'
import { dueOf, firstDueFrom, GRACE, nextPlanned, previousPlanned, type Rule, windowOf } from './rule.ts'
import { type Span, type Standing, spanFate, spansOf } from './tick-spans.ts'

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
/** How many ticks one turn looks at that run no more; what is left comes with the next turn. */
const BUDGET = 5_000

/**
 * Decides on the planned ticks from the cursor that are due; the cursor is the stored next tick and counts as one whatever
 * the rule says. Pure. Each tick gets one fate, the first that applies: excluded, paused, called off, missed; the script that
 * draws the plan looks at deadline, overlap and limit.
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
  return rule.missed.kind === 'all' ? newestOf(rule, standing, from, end, rule.missed.max) : from
}

/** The earliest of the `max` newest open ticks in [from, end). */
function newestOf(rule: Rule, standing: Standing, from: Instant, end: Instant, max: number): Instant {
  let earliest = end
  let left = max
  const before = (at: Instant): Instant | null => {
    const previous = previousPlanned(rule, at)
    return previous === null || previous < from ? (at > from ? from : null) : previous
  }
  for (let at = before(end); at !== null && left > 0; at = before(at)) {
    if (spanFate(rule, standing, at) !== 'open') continue
    earliest = at
    left -= 1
  }
  return earliest
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
    for (let at: Instant | null = span.first; at !== null && at <= span.last; at = nextPlanned(rule, at)) {
      runs.push({ ...runOf(rule, at, 'late'), after: duration(after) })
      after += APART
    }
    return runs
  })
}

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
