import { within } from '../lifecycle/deadline.ts'
import { errorOf, faultOf, RedisUnavailableError } from '../store/errors.ts'
import { type Clock, duration } from '../time/clock.ts'

/** By when a call must be settled, on the clock that never steps. */
export type Until = number

/**
 * What Redis answers before `until`, or RedisUnavailableError; any other fault as one of our errors. `done` says what is
 * known when no answer came: a question that stores nothing leaves `nothing` behind.
 */
export async function inTime<Answer>(
  asked: Promise<Answer>,
  until: Until,
  clock: Clock,
  done: 'nothing' | 'unknown' = 'nothing',
): Promise<Answer> {
  const answer = await within(asked, duration(until - clock.monotonic()), clock).catch((error: unknown) => {
    const fault = faultOf(error)
    throw fault.kind === 'unknown' ? new RedisUnavailableError(fault.detail, done) : errorOf(fault)
  })
  if (answer.kind === 'done') return answer.value
  throw new RedisUnavailableError('no answer within the time of a call', done)
}
