import { aborted } from '../lifecycle/deadline.ts'
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
    const stop = (hurry: AbortSignal): Promise<void> => {
      told = true
      hurry.addEventListener('abort', running.hurry, { once: true })
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

/** Services that live and die together: started in order, all stopped at once when one ends or is told to. */
export const together = (name: string, services: readonly Service[]): Service => {
  const stopAll = async (): Promise<void> => {
    const ends = await Promise.allSettled(services.map((each) => each.stop()))
    for (const end of ends) if (end.status === 'rejected') throw end.reason
  }
  return service({
    name,
    start: async (signal) => {
      // A stop that comes meanwhile is told to the one that starts, and no further one is started.
      signal.addEventListener('abort', () => void stopAll().catch(() => undefined), { once: true })
      for (const each of services) if (!signal.aborted) await each.start()
    },
    run: async (signal) => {
      await Promise.race([aborted(signal), ...services.map(({ ended }) => ended)])
    },
    stop: stopAll,
    hurry: () => {
      for (const each of services) each.hurry()
    },
  })
}
