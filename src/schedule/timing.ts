import { type Instant, instant } from '../time/clock.ts'
import { type CompiledCron, type CronOptions, compileCron, next, previous } from './cron.ts'
import { countCron } from './cron-count.ts'
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

/** How many ticks lie in [from, to). None is walked: a year of ticks each second takes a millisecond. */
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
