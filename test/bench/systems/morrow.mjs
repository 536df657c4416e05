// Morrow as its README shows it, from the built library.
import { z } from 'zod'
import { createClient, createScheduler, createWorker, defineJob } from '../../../dist/index.js'

const sendMail = defineJob({
  name: 'send-mail',
  queue: 'mail',
  payload: z.object({ to: z.string(), template: z.string(), userId: z.number(), locale: z.string() }),
})

/** Puts jobs. */
export async function producer({ url }) {
  const client = createClient({ redisUrl: url, timeout: 60_000 })
  return {
    enqueue: (payload) => client.enqueue(sendMail, payload),
    enqueueMany: (payloads) => client.enqueueMany(payloads.map((payload) => sendMail.request(payload))),
    scheduleMany: async (jobs) => {
      const items = jobs.map(({ payload, dueAt }) => ({ payload, at: new Date(dueAt) }))
      for await (const _receipts of client.scheduleMany(sendMail, items));
    },
    close: () => client.close(),
  }
}

/** Runs jobs. */
export async function worker({ url, concurrency, handle }) {
  const handlers = [sendMail.handle(async (payload) => handle(payload))]
  await createWorker({ redisUrl: url, handlers, queues: 'mail', concurrency }).start()
}

/** Moves due jobs; a process of its own. */
export async function scheduler({ url }) {
  await createScheduler({ redisUrl: url, jobs: [sendMail] }).start()
}
