import { type Clock, type Duration, duration, type Instant, instant, later } from '../../src/time/clock.ts'

/** A clock that stands still until a test moves it. */
export type FakeClock = Clock & {
  /** Lets `by` pass: everyone whose rest ends meanwhile wakes in order, at its own instant, and may rest again. */
  advance(by: Duration): Promise<void>
  /** Moves only the wall clock, as a wrong or corrected host clock does; rests and `monotonic` do not notice. */
  step(by: Duration): void
  /** Resolves once at least `count` rests are being waited for. */
  resting(count?: number): Promise<void>
  /** The lengths of the rests being waited for, as they were asked for, the earliest end first. */
  rests(): readonly Duration[]
}

type Sleeper = { readonly ends: number; readonly rest: Duration; readonly wake: () => void }

/** A fake clock that starts at `start`, 2026-01-01T00:00:00Z unless said. */
export function fakeClock(start: Instant = instant(Date.UTC(2026, 0, 1))): FakeClock {
  let elapsed = 0
  let wall = start
  let sleepers: readonly Sleeper[] = []
  let waiting: readonly { readonly count: number; readonly resolve: () => void }[] = []

  const sleep: Clock['sleep'] = (rest, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted || rest <= 0) return resolve()
      const wake = (): void => {
        sleepers = sleepers.filter((other) => other !== sleeper)
        signal?.removeEventListener('abort', wake)
        resolve()
      }
      const sleeper: Sleeper = { ends: elapsed + rest, rest, wake }
      sleepers = [...sleepers, sleeper].sort((one, other) => one.ends - other.ends)
      signal?.addEventListener('abort', wake, { once: true })
      for (const { count, resolve } of waiting) if (sleepers.length >= count) resolve()
      waiting = waiting.filter(({ count }) => sleepers.length < count)
    })

  const moveTo = (to: number): void => {
    wall = later(wall, duration(to - elapsed))
    elapsed = to
  }

  const advance = async (by: Duration): Promise<void> => {
    const target = elapsed + by
    await turn()
    for (let next = sleepers[0]; next !== undefined && next.ends <= target; next = sleepers[0]) {
      moveTo(Math.max(elapsed, next.ends))
      next.wake()
      await turn()
    }
    moveTo(Math.max(elapsed, target))
    await turn()
  }

  return {
    now: () => wall,
    monotonic: () => duration(elapsed),
    sleep,
    advance,
    step: (by) => {
      wall = later(wall, by)
    },
    resting: (count = 1) =>
      sleepers.length >= count
        ? Promise.resolve()
        : new Promise((resolve) => {
            waiting = [...waiting, { count, resolve }]
          }),
    rests: () => sleepers.map(({ rest }) => rest),
  }
}

/** One turn of the event loop, so that all promises that can settle have settled. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
