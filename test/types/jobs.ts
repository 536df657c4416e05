import { z } from 'zod'
import type { Client, JobView, Receipt, RescheduleAnswer } from '../../src/job/client.ts'
import { defineJob, type JobDefinition } from '../../src/job/definition.ts'
import { type HandlerSource, handlersByName, type JobHandler } from '../../src/job/handler.ts'
import { createClient } from '../../src/wiring/client.ts'

/** Checked by the compiler and never run: a line below an expected error must not compile, every other line must. */

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const yes = <_T extends true>(): void => {}

const sendMail = defineJob({
  name: 'send-mail',
  queue: 'mail',
  payload: z.object({ to: z.email(), template: z.string(), copies: z.number().default(1) }),
  retry: { attempts: 5, backoff: { kind: 'exponential', first: '1s', longest: '1 hour' } },
})
const cleanUp = defineJob({ name: 'clean-up' })
const remind = defineJob({
  name: 'remind',
  payload: z.object({ at: z.iso.datetime().transform((text) => new Date(text)) }),
  result: z.object({ sent: z.boolean() }),
  retry: { backoff: (failures, error) => (error instanceof Error ? '1 day' : { seconds: failures }) },
})
const digest = defineJob({ name: 'digest', payload: z.object({ day: z.string() }).optional() })

yes<Equal<typeof cleanUp, JobDefinition<undefined, undefined, undefined>>>()
yes<Equal<typeof remind, JobDefinition<{ at: string }, { at: Date }, { sent: boolean }>>>()

export const handlers: readonly JobHandler[] = [
  sendMail.handle(async (payload, context) => {
    yes<Equal<typeof payload, { to: string; template: string; copies: number }>>()
    yes<Equal<typeof context.dueAt, Date>>()
    await context.client.enqueue(cleanUp)
  }),
  cleanUp.handle(async () => {}),
  cleanUp.handle(() => 'what it answers is not kept'),
  remind.handle(({ at }) => ({ sent: at.getTime() > 0 })),
  remind.handle(async ({ at }) => ({ sent: at.getTime() > 0 })),
  // @ts-expect-error the declared result is an object with `sent`
  remind.handle(async () => ({ delivered: true })),
  // @ts-expect-error a declared result must be returned
  remind.handle(async () => {}),
  // @ts-expect-error the payload has no `subject`
  sendMail.handle(async ({ subject }) => subject),
]

export const sources: readonly HandlerSource[] = [...handlers, sendMail, remind]
handlersByName([cleanUp, sendMail])

/** A job may enqueue itself, and two jobs each other, also where the handler is part of the definition. */
export const countDown = defineJob({
  name: 'count-down',
  payload: z.object({ from: z.number() }),
  run: async ({ from }, { client }) => {
    if (from > 0) await client.enqueue(countDown, { from: from - 1 })
  },
})
export const forEver = defineJob({ name: 'for-ever', run: (_, { client }) => client.schedule(forEver, { in: '1h' }) })
export const ping = defineJob({
  name: 'ping',
  payload: z.object({ text: z.string() }),
  run: async ({ text }, { client }) => client.enqueue(pong, { text }),
})
export const pong = defineJob({
  name: 'pong',
  payload: z.object({ text: z.string() }),
  // @ts-expect-error ping takes text
  run: async ({ text }, { client }) => client.enqueue(ping, { text: text.length }),
})

defineJob({ name: 'counted', payload: z.object({ n: z.number() }), result: z.number(), run: ({ n }) => n + 1 })
// @ts-expect-error the declared result is a number
defineJob({ name: 'counted', payload: z.object({ n: z.number() }), result: z.number(), run: ({ n }) => `${n}` })

/** Options. */
// @ts-expect-error a job needs a name
defineJob({})
// @ts-expect-error there is no option `retries`
defineJob({ name: 'a', retries: 3 })
// @ts-expect-error a wait has a unit
defineJob({ name: 'a', retry: { backoff: { kind: 'fixed', wait: 10 } } })
// @ts-expect-error a payload is declared by a schema
defineJob({ name: 'a', payload: { to: 'string' } })

export async function asked(client: Client): Promise<void> {
  const receipt: Receipt = await client.enqueue(sendMail, { to: 'a@example.com', template: 't' })
  await client.enqueue(sendMail, { to: 'a@example.com', template: 't' }, { id: 'trial:42' })
  await client.enqueue(cleanUp)
  await client.enqueue(cleanUp, { id: 'clean:1' })
  await client.enqueue(digest)
  await client.enqueue(digest, { day: 'Monday' })
  await client.schedule(cleanUp, { in: '1h' })
  await client.schedule(digest, undefined, { in: '1h' })
  // @ts-expect-error the payload is missing
  await client.enqueue(sendMail)
  // @ts-expect-error the payload lacks `template`
  await client.enqueue(sendMail, { to: 'a@example.com' })
  // @ts-expect-error the payload has no `cc`
  await client.enqueue(sendMail, { to: 'a@example.com', template: 't', cc: 'b@example.com' })
  // @ts-expect-error the schema takes a text and makes the Date itself
  await client.enqueue(remind, { at: new Date(0) })
  // @ts-expect-error a job without payload takes none
  await client.enqueue(cleanUp, { to: 'a@example.com' })
  // @ts-expect-error a job without payload takes none
  await client.schedule(cleanUp, { to: 'a@example.com' }, { in: '1h' })
  // @ts-expect-error enqueue means now
  await client.enqueue(cleanUp, { in: '1h' })
  // @ts-expect-error there is no option `delay`
  await client.enqueue(sendMail, { to: 'a@example.com', template: 't' }, { delay: 5_000 })
  // @ts-expect-error there is no option `queue`
  await client.schedule(cleanUp, { in: '1h', queue: 'mail' })
  // @ts-expect-error an id of one's own is a text
  await client.enqueue(cleanUp, { id: 42 })
  // @ts-expect-error a job type is not named by a text
  await client.enqueue('clean-up')
  // @ts-expect-error a handler is no job type
  await client.enqueue(cleanUp.handle(() => {}))

  const view: JobView | undefined = await client.get(receipt.id)
  await client.get(sendMail, 'trial:42')
  await client.cancel(sendMail, 'trial:42')
  const moved: RescheduleAnswer = await client.reschedule(sendMail, 'trial:42', { in: '1 hour' })
  await client.reschedule(receipt.id, { in: '1 hour' })
  // @ts-expect-error an own id is named with its type, not with the name of the type
  await client.get('send-mail', 'trial:42')
  // @ts-expect-error a job is moved to a time
  await client.reschedule(receipt.id)
  // @ts-expect-error a dead job is revived, not moved
  yes<Equal<typeof moved, 'revived'>>()
  await client.close()
  void view
}

export async function askedInBulk(client: Client): Promise<void> {
  const mail = { to: 'a@example.com', template: 't' }
  await client.enqueueMany([sendMail.request(mail), cleanUp.request(), digest.request()])
  await client.enqueueMany([sendMail.request(mail, { in: '3 days', id: 'trial:42' }), cleanUp.request({ in: '1h' })])
  // @ts-expect-error the payload is missing
  await client.enqueueMany([sendMail.request()])
  // @ts-expect-error the payload lacks `template`
  await client.enqueueMany([sendMail.request({ to: 'a@example.com' })])
  // @ts-expect-error a job without payload takes none
  await client.enqueueMany([cleanUp.request(mail)])
  for await (const receipts of client.scheduleMany(sendMail, [{ payload: mail, in: '3 days', id: 'trial:42' }])) {
    yes<Equal<typeof receipts, readonly Receipt[]>>()
  }
  async function* trials(): AsyncGenerator<{ payload: typeof mail; in: '3 days' }> {
    yield { payload: mail, in: '3 days' }
  }
  client.scheduleMany(sendMail, trials())
  // @ts-expect-error what comes one by one is for scheduleMany
  await client.enqueueMany(trials())
  // @ts-expect-error a payload alone is no request
  await client.enqueueMany([mail])
  client.scheduleMany(cleanUp, [{ in: '1h' }, { at: new Date(0) }])
  // @ts-expect-error each needs a time
  client.scheduleMany(sendMail, [{ payload: mail }])
  // @ts-expect-error each needs its payload
  client.scheduleMany(sendMail, [{ in: '1h' }])
}

// @ts-expect-error the time of a call is in milliseconds
createClient({ timeout: '2s' })
// @ts-expect-error there is no option `timout`
createClient({ timout: 500 })
// @ts-expect-error a URL alone is no option
createClient('redis://127.0.0.1:6379')

export async function askedWithLimits(client: Client): Promise<void> {
  defineJob({ name: 'limited', timeout: '30s', expiresIn: '1 hour' })
  // @ts-expect-error a job type has no deadline of its own: it would be over once
  defineJob({ name: 'limited', deadline: new Date(0) })
  await client.enqueue(cleanUp, { timeout: '30s', expiresIn: '1h' })
  await client.schedule(cleanUp, { in: '1h', timeout: { seconds: 30 }, deadline: '2026-12-01T00:00:00Z' })
  await client.enqueueMany([cleanUp.request({ deadline: new Date(0) }), cleanUp.request({ in: '1h', expiresIn: '1h' })])
  client.scheduleMany(cleanUp, [{ in: '1h', expiresIn: '1h', timeout: '1m' }])
  // @ts-expect-error one of both
  await client.enqueue(cleanUp, { expiresIn: '1h', deadline: new Date(0) })
  // @ts-expect-error the same for later
  await client.schedule(cleanUp, { in: '1h', expiresIn: '1h', deadline: new Date(0) })
  // @ts-expect-error a number has no unit
  await client.enqueue(cleanUp, { timeout: 30 })
  const answer = await client.cancel('id')
  yes<Equal<typeof answer, 'cancelled' | 'cancelling' | 'ended' | 'unknown'>>()
}
