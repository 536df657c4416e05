// BullMQ with the settings that its documentation gives for speed: addBulk, and completed jobs removed at once.
import { Queue, Worker } from 'bullmq'

const NAME = 'mail'
const options = { removeOnComplete: true, removeOnFail: 1_000 }

/** Puts jobs. */
export async function producer({ host, port }) {
  const queue = new Queue(NAME, { connection: { host, port }, defaultJobOptions: options })
  await queue.waitUntilReady()
  return {
    enqueue: (payload) => queue.add('send-mail', payload),
    enqueueMany: (payloads) => queue.addBulk(payloads.map((data) => ({ name: 'send-mail', data }))),
    scheduleMany: (jobs) => {
      const now = Date.now()
      return queue.addBulk(
        jobs.map(({ payload, dueAt }) => ({
          name: 'send-mail',
          data: payload,
          opts: { delay: Math.max(0, dueAt - now) },
        })),
      )
    },
  }
}

/** Runs jobs; it moves due ones too. */
export async function worker({ host, port, concurrency, handle }) {
  const running = new Worker(NAME, async ({ data }) => handle(data), { connection: { host, port }, concurrency })
  running.on('error', (error) => console.error(error))
  await running.waitUntilReady()
}
