// bee-queue with the settings that its README gives for speed: saveAll, no events, jobs neither stored in the process nor kept.
import Queue from 'bee-queue'

const NAME = 'mail'
const lean = { getEvents: false, sendEvents: false, storeJobs: false, removeOnSuccess: true }

/** Puts jobs. */
export async function producer({ host, port }) {
  const queue = new Queue(NAME, { ...lean, redis: { host, port }, isWorker: false })
  await queue.ready()
  const saveAll = async (jobs) => {
    const errors = await queue.saveAll(jobs)
    for (const error of errors.values()) throw error
  }
  return {
    enqueue: (payload) => queue.createJob(payload).save(),
    enqueueMany: (payloads) => saveAll(payloads.map((payload) => queue.createJob(payload))),
    scheduleMany: (jobs) => saveAll(jobs.map(({ payload, dueAt }) => queue.createJob(payload).delayUntil(dueAt))),
  }
}

/** Runs jobs; it moves due ones too, as soon as its setting allows (a second is its default). */
export async function worker({ host, port, concurrency, handle }) {
  const options = { ...lean, redis: { host, port }, activateDelayedJobs: true, delayedDebounce: 1 }
  const queue = new Queue(NAME, options)
  queue.on('error', (error) => console.error(error))
  await queue.ready()
  queue.process(concurrency, async ({ data }) => handle(data))
}
