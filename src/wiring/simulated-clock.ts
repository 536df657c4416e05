import { type Clock, type Duration, duration, type Instant, instant } from '../time/clock.ts'
import { systemClock } from '../time/system-clock.ts'

/** A clock that stands still until it is moved; only waits for Redis are real. */
export type SimulatedClock = Clock & {
  /** Resolves when the clock has been moved so far; what ends earlier resolves earlier. */
  rest(length: Duration): Promise<void>
  /** When the first of these rests ends; null when nobody rests. */
  nextEnd(): Instant | null
  moveTo(at: Instant): void
}

type Sleeper = { readonly endsAt: number; readonly wake: () => void }

/** Opens a clock that shows `from`. */
export function simulatedClock(from: Instant): SimulatedClock {
  let now = from
  let sleepers: readonly Sleeper[] = []
  return {
    now: () => now,
    monotonic: () => duration(now - from),
    // A store that did not answer is asked again after a pause, whatever time it is in here.
    sleep: (rest, signal) => systemClock.sleep(rest, signal),
    rest: (length) =>
      new Promise((wake) => {
        sleepers = [...sleepers, { endsAt: now + length, wake }]
      }),
    nextEnd: () => (sleepers.length === 0 ? null : instant(Math.min(...sleepers.map(({ endsAt }) => endsAt)))),
    moveTo: (at) => {
      now = instant(Math.max(now, at))
      const over = sleepers.filter(({ endsAt }) => endsAt <= now)
      sleepers = sleepers.filter(({ endsAt }) => endsAt > now)
      for (const { wake } of over) wake()
    },
  }
}
