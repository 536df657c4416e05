import { type Clock, type Duration, duration } from '../time/clock.ts'
import { aborted, within } from './deadline.ts'

/** What a signal asks of a process. */
export type SignalParts = {
  /** Stops gracefully; `hurry` aborts at the deadline or at a second Ctrl-C: give back at once what is unfinished. */
  readonly stop: (hurry: AbortSignal) => Promise<void>
  /** How long stopping may take before it is told to hurry (SHUTDOWN_TIMEOUT). */
  readonly deadline: Duration
  readonly clock: Clock
  /** Ends the process: 130 after SIGINT, 143 after SIGTERM, 1 when stopping failed, told why. */
  readonly exit: (code: number, fault?: unknown) => void
  /** Where signals come from: this process unless said. */
  readonly source?: SignalSource
}

/** The part of a process that signals come through. */
export type SignalSource = {
  on(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown
  off(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown
}

/** After being told to hurry, stopping has this long before the process ends anyway; Heroku kills at 30 s, 25 s + 3 s fit. */
const GRACE = duration(3_000)

/** A Ctrl-C reaches a child twice, from the terminal and passed on by npm; within this time both are one. */
const ONE_KEYSTROKE = duration(300)

const SIGNALS = ['SIGINT', 'SIGTERM'] as const
const EXIT_CODE = { SIGINT: 130, SIGTERM: 143 } as const

/**
 * Makes SIGTERM and SIGINT, however many come, into one graceful stop that ends in `exit`. A second SIGINT means now:
 * no deadline is waited for. Answers how to remove the handlers.
 */
export function handleSignals({ stop, deadline, clock, exit, source = process }: SignalParts): () => void {
  const hurry = new AbortController()
  let stopping = false
  let interruptedAt: Duration | undefined

  const stopOnce = async (signal: (typeof SIGNALS)[number]): Promise<void> => {
    stopping = true
    try {
      const work = stop(hurry.signal)
      await within(Promise.race([work, aborted(hurry.signal)]), deadline, clock)
      hurry.abort()
      await within(work, GRACE, clock)
      exit(EXIT_CODE[signal])
    } catch (fault) {
      exit(1, fault)
    }
  }
  const interrupted = (): void => {
    const now = clock.monotonic()
    if (interruptedAt !== undefined && now - interruptedAt > ONE_KEYSTROKE) hurry.abort()
    interruptedAt ??= now
    if (!stopping) void stopOnce('SIGINT')
  }
  const terminated = (): void => {
    if (!stopping) void stopOnce('SIGTERM')
  }
  source.on('SIGINT', interrupted)
  source.on('SIGTERM', terminated)
  return () => {
    source.off('SIGINT', interrupted)
    source.off('SIGTERM', terminated)
  }
}
