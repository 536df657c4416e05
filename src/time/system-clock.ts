import { type Clock, duration, instant } from './clock.ts'

/** Node's timers wrap at 2^31-1 ms (24.8 days) and then fire at once, so no longer rest is handed to them. */
const LONGEST_TIMER = 2_147_483_647

/** The clock of this machine; the only file that asks the machine for the time. */
export const systemClock: Clock = {
  now: () => instant(Date.now()),
  monotonic: () => duration(performance.now()),
  sleep: (rest, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const wake = (): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', wake)
        resolve()
      }
      const timer = setTimeout(wake, Math.min(Math.max(rest, 0), LONGEST_TIMER))
      signal?.addEventListener('abort', wake, { once: true })
    }),
}
