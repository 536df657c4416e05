// node-resque: a worker for each job at a time, all on one connection; polls every 100 ms instead of its 5 s. It has no bulk call.
import { Queue, Scheduler, Worker } from 'node-resque'

const NAME = 'mail'
const POLL = 100
const connection = ({ host, port }) => ({ host, port, database: 0, namespace: 'resque' })

/** Puts jobs. */
export async function producer(redis) {
  const queue = new Queue(
    { connection: connection(redis) },
    jobsWith(() => undefined),
  )
  queue.on('error', (error) => console.error(error))
  await queue.connect()
  return {
    enqueue: (payload) => queue.enqueue(NAME, 'send-mail', [payload]),
    scheduleMany: (jobs) =>
      Promise.all(jobs.map(({ payload, dueAt }) => queue.enqueueAt(dueAt, NAME, 'send-mail', [payload]))),
  }
}

/** Runs jobs. */
export async function worker({ concurrency, handle, ...redis }) {
  const jobs = jobsWith(handle)
  const shared = new Queue({ connection: connection(redis) }, jobs)
  await shared.connect()
  shared.connection.redis.setMaxListeners(0)
  const workers = Array.from({ length: concurrency }, (_, index) => {
    const options = {
      connection: { redis: shared.connection.redis, namespace: 'resque' },
      queues: [NAME],
      timeout: POLL,
    }
    const running = new Worker({ ...options, name: `bench:${process.pid}+${index}` }, jobs)
    running.on('error', (error) => console.error(error))
    return running
  })
  for (const each of workers) await each.connect()
  await Promise.all(workers.map((each) => each.start()))
}

/** Moves due jobs; a process of its own. */
export async function scheduler(redis) {
  const running = new Scheduler({ connection: connection(redis), timeout: POLL })
  running.on('error', (error) => console.error(error))
  await running.connect()
  await running.start()
}

const jobsWith = (handle) => ({ 'send-mail': { perform: async (payload) => handle(payload) } })
