import { type Instant, instant } from '../time/clock.ts'
import { DAY } from '../time/duration.ts'
import { pieceAt, readingAt } from '../time/zone.ts'
import { type CompiledCron, type CronOptions, compileCron, next, previous } from './cron.ts'
import { nextDay } from './cron-days.ts'
import { everyInCron } from './cron-text.ts'
import { type CompiledEvery, compileEvery, nextOfGrid, previousOfGrid } from './every.ts'
import { InvalidCronError } from './invalid-cron.ts'

/** When a schedule ticks; a manual one never does on its own. */
export type Timing = CompiledCron | CompiledEvery | { readonly kind: 'manual' }

/**
 * Compiles what stands under `cron`: one expression or several as one, or `@every 15m` alone. A `dst` beside what has no
 * wall-clock pattern is refused. Throws InvalidCronError and InvalidTimeError.
 */
export function compileTiming(text: string | readonly string[], zone: string, options: CronOptions): Timing {
  const every = everyInCron(typeof text === 'string' ? [text] : text)
  if (every === undefined) return compileCron(text, zone, options)
  if (options.dst !== undefined)
    throw new InvalidCronError(
      `dst: expected only beside a wall-clock pattern; @every is elapsed time, which no clock changes`,
    )
  return compileEvery({ every })
}

/** The first tick strictly after an instant; null when there is none. Pure: it never depends on how one got there. */
export function nextTick(timing: Timing, after: Instant): Instant | null {
  switch (timing.kind) {
    case 'cron':
      return next(timing, after)
    case 'every':
      return nextOfGrid(timing, after)
    case 'manual':
      return null
  }
}

/** The last tick strictly before an instant; null when there is none. */
export function previousTick(timing: Timing, before: Instant): Instant | null {
  switch (timing.kind) {
    case 'cron':
      return previous(timing, before)
    case 'every':
      return previousOfGrid(timing, before)
    case 'manual':
      return null
  }
}

/** How many ticks lie in [from, to). Years of ticks each second are counted in a fraction of a second. */
export function countTicks(timing: Timing, from: Instant, to: Instant): number {
  if (to <= from) return 0
  switch (timing.kind) {
    case 'cron':
      return countCron(timing, from, to)
    case 'every': {
      const first = nextOfGrid(timing, instant(from - 1))
      return first >= to ? 0 : Math.floor((to - 1 - first) / timing.every) + 1
    }
    case 'manual':
      return 0
  }
}

/** Whole days of one offset are counted once for each set of patterns that fire on them; the others tick by tick. */
function countCron(cron: CompiledCron, from: Instant, to: Instant): number {
  const known = new Map<string, number>()
  let count = 0
  for (let at = from; at < to; ) {
    const end = endOfPlainDay(cron, at, to)
    if (end === undefined) {
      const stop = Math.min(to, at + DAY - mod(readingAt(cron.zone, at), DAY))
      count += walk(cron, at, stop)
      at = instant(stop)
      continue
    }
    const day = Math.floor(readingAt(cron.zone, at) / DAY)
    const fate = cron.patterns.map((pattern) => (nextDay(pattern.times.days, day) === day ? '1' : '0')).join('')
    const ticks = known.get(fate) ?? walk(cron, at, end)
    known.set(fate, ticks)
    count += ticks
    at = end
  }
  return count
}

const mod = (value: number, by: number): number => ((value % by) + by) % by

/** The end of the local day that begins at `at`, when it ends before `to` and no clock is changed near it. */
function endOfPlainDay(cron: CompiledCron, at: Instant, to: Instant): Instant | undefined {
  const piece = pieceAt(cron.zone, at)
  const end = instant(at + DAY)
  const midnight = at + piece.offset
  const whole = mod(midnight, DAY) === 0 && end <= to && end <= piece.to
  const jumped = at === piece.from && piece.gapFrom < midnight
  const plain = !jumped && piece.seenUntil <= midnight && piece.shownAgainFrom >= midnight + DAY
  return whole && plain ? end : undefined
}

function walk(cron: CompiledCron, from: number, to: number): number {
  let count = 0
  let tick = next(cron, instant(from - 1))
  for (; tick !== null && tick < to; tick = next(cron, tick)) count += 1
  return count
}
