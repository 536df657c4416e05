import type { JobHandler } from '../job/handler.ts'
import type { ClaimedJob } from '../store/claimed-job.ts'
import { type Clock, type Duration, duration } from '../time/clock.ts'
import { formatDuration } from '../time/duration.ts'
import type { Stop } from './attempt.ts'
import { CancelledError } from './errors.ts'
import { tellToStop } from './stop.ts'

/** How long a handler may go on once its signal has aborted, before nobody waits for it any more. */
export const GRACE = duration(5_000)

/** How long an attempt may take: as its job says, else as its type does; undefined for as long as it takes. */
export function timeoutOf({ job: type }: JobHandler, { record }: ClaimedJob): Duration | undefined {
  const { timeout } = record.extension
  return timeout === undefined ? type.timeout : duration(timeout)
}

/** What a limited attempt is made of; `onOver` is told that its time was over, and whether nobody waits for its end. */
export type Limit = {
  readonly timeout: Duration
  readonly clock: Clock
  readonly stop: Stop
  readonly onOver: (abandoned: boolean) => void
}

/**
 * The same handler within a limit of time: when that is over its signal aborts with a TimeoutError, and with one the
 * attempt fails, whichever way the handler ends, or if it has not ended after the grace.
 */
export const limited = (handler: JobHandler, limit: Limit): JobHandler => ({
  job: handler.job,
  run: async (payload, context) => {
    const ended = new AbortController()
    const began = limit.clock.monotonic()
    const work = Promise.resolve().then(() => handler.run(payload, context))
    const abandoned = late(limit, ended.signal)
    try {
      const result = await Promise.race([work, abandoned])
      // A handler that blocks the loop keeps the timer from firing: what it took counts.
      if (limit.clock.monotonic() - began >= limit.timeout) tellToStop(limit.stop, timeoutError(limit))
      if (!isOver(limit)) return result
    } catch (cause) {
      if (!isOver(limit)) throw cause
      throw failureOf(limit, cause)
    } finally {
      ended.abort()
    }
    throw failureOf(limit, undefined)
  },
})

const ABANDONED = Symbol('the handler has not ended')

/** Rejects when the handler has not ended after the grace, also one whose job is cancelled; settles never when it has, or when the process stops. */
async function late({ clock, stop, timeout, ...limit }: Limit, ended: AbortSignal): Promise<never> {
  const until = clock.monotonic() + timeout
  // No timer is as long as a limit may be.
  while (!ended.aborted && clock.monotonic() < until) await clock.sleep(duration(until - clock.monotonic()), ended)
  const mine = timeoutError({ timeout })
  if (!ended.aborted) tellToStop(stop, mine)
  if (stop.reason !== mine && !(stop.reason instanceof CancelledError)) return new Promise(() => undefined)
  await clock.sleep(GRACE, ended)
  if (ended.aborted) return new Promise(() => undefined)
  if (stop.reason === mine) limit.onOver(true)
  throw ABANDONED
}

const isOver = ({ stop }: Limit): boolean => stop.reason instanceof DOMException && stop.reason.name === 'TimeoutError'

function failureOf(limit: Limit, cause: unknown): DOMException {
  if (cause === ABANDONED) return timeoutError(limit, ABANDONED)
  limit.onOver(false)
  return timeoutError(limit, cause === limit.stop.reason ? undefined : cause)
}

function timeoutError({ timeout }: Pick<Limit, 'timeout'>, cause?: unknown): DOMException {
  const took = `the attempt took longer than its timeout of ${formatDuration(timeout)}`
  const name = 'TimeoutError'
  if (cause !== ABANDONED) return new DOMException(took, cause === undefined ? { name } : { name, cause })
  return new DOMException(`${took}, and its handler went on for ${formatDuration(GRACE)} after its signal`, { name })
}
