import { type Service, service } from '../lifecycle/service.ts'
import { handleSignals } from '../lifecycle/signals.ts'
import type { Duration } from '../time/clock.ts'
import { systemClock } from '../time/system-clock.ts'

/**
 * Runs a service until it ends or a signal comes; answers the exit code: 0 when it ended by itself, 143 and 130 after
 * SIGTERM and SIGINT. Rejects with the fault of starting, running or stopping.
 */
export function serve(running: Service, deadline: Duration): Promise<number> {
  return new Promise((resolve, reject) => {
    let told = false
    const stop = (): Promise<void> => {
      told = true
      return running.stop()
    }
    const exit = (code: number, fault?: unknown): void => (fault === undefined ? resolve(code) : reject(fault))
    const forget = handleSignals({ stop, deadline, clock: systemClock, exit })
    running
      .start()
      .then(() => running.ended)
      .then(
        () => {
          if (told) return
          forget()
          resolve(0)
        },
        (fault: unknown) => {
          if (told) return
          forget()
          reject(fault)
        },
      )
  })
}

/** Services that live and die together: started in order, stopped in the reverse, and all when one ends. */
export const together = (name: string, services: readonly Service[]): Service =>
  service({
    name,
    start: async () => {
      for (const each of services) await each.start()
    },
    run: async (signal) => {
      await Promise.race([aborted(signal), ...services.map(({ ended }) => ended)])
    },
    stop: async () => {
      for (const each of services.toReversed()) await each.stop()
    },
  })

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
