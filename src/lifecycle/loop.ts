import { type Clock, type Duration, duration } from '../time/clock.ts'

/** One round of work; answers how long to rest before the next. */
export type Tick = () => Promise<Duration>

/** Ends a rest early. A ring while nobody rests is kept: the next rest is skipped, so no hint is lost. */
export type Bell = {
  ring(): void
  /** Resolves after `rest`, at a ring, or when `signal` aborts, whichever comes first. Never rejects. */
  rest(rest: Duration, clock: Clock, signal: AbortSignal): Promise<void>
}

/** A bell for one loop; whoever learns of earlier work rings it. */
export function bell(): Bell {
  let rung = false
  let interrupt: (() => void) | undefined
  return {
    ring: () => {
      rung = true
      interrupt?.()
    },
    rest: async (rest, clock, signal) => {
      if (!rung) {
        const early = new AbortController()
        interrupt = () => early.abort()
        signal.addEventListener('abort', interrupt, { once: true })
        if (signal.aborted) early.abort()
        await clock.sleep(rest, early.signal)
        signal.removeEventListener('abort', interrupt)
        interrupt = undefined
      }
      rung = false
    },
  }
}

/** What a loop needs. */
export type LoopParts = {
  readonly tick: Tick
  readonly clock: Clock
  /** Ends the loop; a tick under way is finished first. */
  readonly signal: AbortSignal
  /** Told of every tick that threw, and how many did so in a row; must not throw, else the loop ends with what it threw. */
  readonly onError: (error: unknown, failures: number) => void
  /** Ends a rest early; a rest after a failure is never cut short by it, so that hints cannot hammer a server that is down. */
  readonly wake?: Bell
}

const FIRST_BACKOFF = 100
const LONGEST_BACKOFF = 5_000

/** Runs `tick` again and again until `signal` aborts, resting in between as long as each tick answers. The only endless loop. */
export async function loop({ tick, clock, signal, onError, wake = bell() }: LoopParts): Promise<void> {
  let failures = 0
  while (!signal.aborted) {
    try {
      const rest = await tick()
      failures = 0
      if (rest > 0 && !signal.aborted) await wake.rest(rest, clock, signal)
    } catch (error) {
      failures += 1
      onError(error, failures)
      await clock.sleep(backoff(failures), signal)
    }
  }
}

/** The rest after the n-th failure in a row: 100 ms, doubled each time, at most 5 s. */
const backoff = (failures: number): Duration =>
  duration(Math.min(FIRST_BACKOFF * 2 ** Math.min(failures - 1, 20), LONGEST_BACKOFF))
