// One role of one system in a process of its own: node child.mjs SYSTEM ROLE, orders and answers over IPC.
import { dueTimes, indexOf, payloadOf } from './payload.mjs'

const [systemName, role] = process.argv.slice(2)
const system = await import(`./systems/${systemName}.mjs`)
const say = (answer) => process.send(answer)

const micros = ({ user, system: kernel }) => user + kernel

/** Milliseconds of the wall clock with a fraction: Date.now() alone would be off by up to one. */
const wallClock = (() => {
  const offsets = Array.from({ length: 5 }, () => {
    const tick = Date.now()
    let now = tick
    while (now === tick) now = Date.now()
    return now - performance.now()
  })
  // Whatever came between the two looks made the offset too small.
  const offset = Math.max(...offsets)
  return () => performance.now() + offset
})()

const roles = { producer, worker, scheduler, clients }
process.on('disconnect', () => process.exit())
process.once('message', (options) => roles[role](options))
say({ kind: 'up' })

async function producer({ redis }) {
  const jobs = await system.producer(redis)
  /** Calls `put` for each index, `inFlight` at a time. */
  const each = async (first, count, inFlight, put) => {
    let next = first
    const lane = async () => {
      while (next < first + count) await put(next++)
    }
    await Promise.all(Array.from({ length: inFlight }, lane))
  }
  const inPages = async (first, count, size, put) => {
    for (let at = first; at < first + count; at += size) {
      await put(Array.from({ length: Math.min(size, first + count - at) }, (_, index) => at + index))
    }
  }
  const orders = {
    enqueue: ({ first, count, inFlight }) => each(first, count, inFlight, (index) => jobs.enqueue(payloadOf(index))),
    bulk: ({ first, count, size }) => inPages(first, count, size, (some) => jobs.enqueueMany(some.map(payloadOf))),
    schedule: ({ first, count, size = 1_000, due }) => {
      const dueAt = dueTimes(due)
      return inPages(first, count, size, (some) =>
        jobs.scheduleMany(some.map((index) => ({ payload: payloadOf(index), dueAt: dueAt(index) }))),
      )
    },
  }
  process.on('message', async (order) => {
    const [began, cpu] = [performance.now(), process.cpuUsage()]
    try {
      await orders[order.kind](order)
      say({ kind: 'done', ms: performance.now() - began, cpuMicros: micros(process.cpuUsage(cpu)) })
    } catch (error) {
      say({ kind: 'failed', error: error instanceof Error ? error.message : String(error) })
    }
  })
  say({ kind: 'ready', can: Object.keys(jobs) })
}

/** Counts jobs: those from `count` on only warm up, and the first `from` of the others are not timed. `instants` asks when each began. */
async function worker({ redis, concurrency, count, from = 0, warmUp = 0, instants: wanted = false }) {
  let [handled, warm, began] = [0, 0, wallClock()]
  let cpu = process.cpuUsage()
  const instants = new Float64Array(wanted ? count : 0)
  const done = () => {
    const ms = wallClock() - began
    say({ kind: 'handled', ms, cpuMicros: micros(process.cpuUsage(cpu)), instants: [...instants] })
  }
  const handle = (payload) => {
    const index = indexOf(payload)
    if (index >= count) {
      if (++warm === warmUp) say({ kind: 'warm' })
      return
    }
    if (wanted) instants[index] = wallClock()
    handled++
    if (handled === from) [began, cpu] = [wallClock(), process.cpuUsage()]
    if (handled === count) done()
  }
  process.on('message', (order) => {
    if (order.kind === 'count') say({ kind: 'count', handled })
  })
  await system.worker({ ...redis, concurrency, handle })
  say({ kind: 'ready' })
}

async function scheduler({ redis }) {
  await system.scheduler(redis)
  say({ kind: 'ready' })
}

/** Many clients that put a few jobs each and go. */
async function clients({ redis, count, each, due }) {
  const dueAt = dueTimes(due)
  for (let n = 0; n < count; n++) {
    const client = await system.producer(redis)
    for (let index = n * each; index < (n + 1) * each; index++) {
      await client.scheduleMany([{ payload: payloadOf(index), dueAt: dueAt(index) }])
    }
    await client.close()
  }
  say({ kind: 'ready' })
}
