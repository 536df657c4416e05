import { z } from 'zod'
import type { Client } from '../../src/job/client.ts'
import type { JobContext } from '../../src/job/context.ts'
import { defineJob } from '../../src/job/definition.ts'
import { NonRetryableError } from '../../src/job/errors.ts'

/** Checked by the compiler and never run: a line below an expected error must not compile, every other line must. */

class HttpError extends Error {
  readonly status: number = 500
}
class Refused extends NonRetryableError {
  override readonly name = 'Refused'
}
abstract class Odd extends Error {}

const mail = defineJob({
  name: 'mail',
  payload: z.object({ to: z.string() }),
  retry: { attempts: 3, for: '2 days' },
  retryOn: [
    { error: HttpError, attempts: 5, backoff: { kind: 'fixed', wait: '30s' } },
    { error: [Odd, 'ECONNRESET', Refused] },
    { error: (error) => error instanceof HttpError && error.status === 429, for: '1h', jitter: 0.5 },
  ],
  discardOn: [{ error: 'NotFound' }],
  interruptions: 3,
  crashes: 1,
})

// @ts-expect-error a rule says which errors
defineJob({ name: 'a', retryOn: [{ attempts: 3 }] })
// @ts-expect-error a misspelt option
defineJob({ name: 'a', retryOn: [{ error: HttpError, atempts: 3 }] })
// @ts-expect-error what is discarded is not tried again
defineJob({ name: 'a', discardOn: [{ error: HttpError, attempts: 3 }] })
// @ts-expect-error a misspelt unit
defineJob({ name: 'a', retry: { for: '2 dyas' } })
// @ts-expect-error a number is no error
defineJob({ name: 'a', retryOn: [{ error: 429 }] })

/** A handler that was put off answers nothing. */
export function ends(context: JobContext): string {
  if (context.attempt > 2) return context.snooze('5m')
  if (context.snoozes > 3) throw context.discard('enough')
  // @ts-expect-error a misspelt unit
  context.snooze('5 minuets')
  // @ts-expect-error a reason is said
  return context.discard()
}

/** A new payload is one of the job type that is given with it. */
export async function revive({ dead }: Client): Promise<void> {
  await dead.revive('id')
  await dead.revive('id', { job: mail, payload: { to: 'ada' } })
  await dead.reviveAll({ job: mail, reason: 'attempts' }, { job: mail, payload: () => ({ to: 'ada' }), dryRun: true })
  // @ts-expect-error another payload
  await dead.revive('id', { job: mail, payload: { from: 'ada' } })
  // @ts-expect-error a payload without the job type whose schema it must pass
  await dead.revive('id', { payload: { to: 'ada' } })
  // @ts-expect-error a reason that there is not
  await dead.list({ reason: 'atempts' })
  // @ts-expect-error all that match, but which
  await dead.purgeAll()
}
