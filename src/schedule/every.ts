import { excerpt } from '../errors.ts'
import { type Duration, duration, type Instant, instant } from '../time/clock.ts'
import { formatDuration, SECOND } from '../time/duration.ts'
import { InvalidCronError } from './invalid-cron.ts'

/** A grid of instants at an even distance of elapsed time; immutable. */
export type CompiledEvery = {
  readonly kind: 'every'
  readonly every: Duration
  /** Where the grid lies: the first of its instants since 1970. */
  readonly phase: Duration
}

/** `anchor` is where the grid begins, 1970-01-01T00:00:00Z unless given; `offset` shifts it and is less than `every`. */
export type EveryOptions = { readonly every: Duration; readonly offset?: Duration; readonly anchor?: Instant }

/** Compiles an interval of at least 1 s: it ticks at anchor + offset + k x every. Throws InvalidCronError. */
export function compileEvery({ every, offset = duration(0), anchor = instant(0) }: EveryOptions): CompiledEvery {
  if (!(every >= SECOND)) throw new InvalidCronError(`every: expected at least 1 s, got ${formatDuration(every)}`)
  if (!(offset >= 0 && offset < every)) {
    throw new InvalidCronError(
      `offset: expected less than every (${formatDuration(every)}), got ${excerpt(formatDuration(offset))}`,
    )
  }
  return { kind: 'every', every, phase: duration(modulo(anchor + offset, every)) }
}

const modulo = (value: number, by: number): number => ((value % by) + by) % by

/** The first instant of the grid strictly after an instant. */
export const nextOfGrid = (grid: CompiledEvery, after: Instant): Instant =>
  instant(after - modulo(after - grid.phase, grid.every) + grid.every)

/** The last instant of the grid strictly before an instant. */
export const previousOfGrid = (grid: CompiledEvery, before: Instant): Instant =>
  instant(before - 1 - modulo(before - 1 - grid.phase, grid.every))
