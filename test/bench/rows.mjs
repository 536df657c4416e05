import { setTimeout as pause } from 'node:timers/promises'
import { Unfinished } from './children.mjs'

const CONCURRENCY = 100
const BULK = 1_000
const MONTH = 30 * 86_400_000
const HOUR = 3_600_000
/** Jobs that only warm the processes up. */
const WARM_UP = 1_000

/**
 * What is measured. `measure` gets a crew of one system on an empty Redis and answers one figure for each of `figures`;
 * `sizes` are those of a full and of a quick run, `limit` the seconds that one system may take.
 */
export const rows = [
  {
    name: 'enqueue',
    figures: [
      { key: 'jobs_per_s', label: 'enqueue one by one, 100 in flight, jobs/s', better: 'more' },
      { key: 'client_cpu_us', label: '  client CPU a job, µs', better: 'less' },
    ],
    sizes: { full: { count: 100_000 }, quick: { count: 5_000 } },
    limit: { full: 60, quick: 10 },
    async measure({ crew, count }) {
      const producer = await crew.start('producer')
      const order = { kind: 'enqueue', inFlight: 100 }
      await producer.order({ ...order, first: count, count: count / 5 })
      const { ms, cpuMicros } = await producer.order({ ...order, first: 0, count })
      return [perSecond(count, ms), cpuMicros / count]
    },
  },
  {
    name: 'bulk',
    figures: [
      { key: 'jobs_per_s', label: 'enqueue in bulk by 1,000, jobs/s', better: 'more' },
      { key: 'client_cpu_us', label: '  client CPU a job, µs', better: 'less' },
    ],
    sizes: { full: { count: 200_000 }, quick: { count: 10_000 } },
    limit: { full: 60, quick: 10 },
    async measure({ crew, count }) {
      const producer = await crew.start('producer')
      if (!producer.can.includes('enqueueMany')) return [null, null]
      const order = { kind: 'bulk', size: BULK }
      await producer.order({ ...order, first: count, count: count / 5 })
      const { ms, cpuMicros } = await producer.order({ ...order, first: 0, count })
      return [perSecond(count, ms), cpuMicros / count]
    },
  },
  {
    name: 'process',
    figures: [
      { key: 'jobs_per_s', label: 'process no-op jobs, concurrency 100, jobs/s', better: 'more' },
      { key: 'redis_cpu_us', label: '  Redis CPU a job, µs', better: 'less' },
      { key: 'worker_cpu_us', label: '  worker CPU a job, µs', better: 'less' },
    ],
    sizes: { full: { count: 200_000 }, quick: { count: 10_000 } },
    limit: { full: 90, quick: 15 },
    async measure({ crew, redis, count }) {
      await load(await crew.start('producer'), count)
      const before = await redis.cpuMicros()
      const from = count / 5
      const worker = await crew.start('worker', { concurrency: CONCURRENCY, count, from })
      const { ms, cpuMicros } = await orUnfinished(worker, count, worker.hear('handled'))
      // The last jobs are settled after their handlers have ended.
      await pause(50)
      const used = (await redis.cpuMicros()) - before
      return [perSecond(count - from, ms), used / count, cpuMicros / (count - from)]
    },
  },
  {
    name: 'memory',
    figures: [{ key: 'bytes', label: 'bytes a delayed job, due over 30 days', better: 'less' }],
    sizes: { full: { count: 200_000 }, quick: { count: 5_000 } },
    limit: { full: 90, quick: 15 },
    async measure({ crew, redis, count }) {
      const producer = await crew.start('producer')
      const due = { first: Date.now() + HOUR, within: MONTH }
      // The first job brings the scripts and what is there once for all jobs.
      await producer.order({ kind: 'schedule', first: count, count: 1, due })
      const before = await redis.dataBytes()
      await producer.order({ kind: 'schedule', first: 0, count, due })
      return [((await redis.dataBytes()) - before) / count]
    },
  },
  {
    name: 'clients',
    figures: [{ key: 'bytes', label: 'the same put by {count} clients of 5 jobs', better: 'less' }],
    sizes: { full: { count: 1_000 }, quick: { count: 100 } },
    limit: { full: 60, quick: 10 },
    only: 'morrow',
    async measure({ crew, redis, count }) {
      const due = { first: Date.now() + HOUR, within: MONTH }
      await crew.start('clients', { count: 1, each: 5, due })
      const before = await redis.dataBytes()
      await crew.start('clients', { count, each: 5, due })
      return [((await redis.dataBytes()) - before) / (count * 5)]
    },
  },
  {
    name: 'lateness',
    figures: [
      { key: 'p50_ms', label: '1,000 due jobs/s, lateness p50, ms', better: 'less' },
      { key: 'p99_ms', label: '  lateness p99, ms', better: 'less' },
      { key: 'max_ms', label: '  lateness at most, ms', better: 'less' },
      { key: 'early_ms', label: '  begun before due, at most by, ms', better: 'less' },
    ],
    sizes: { full: { count: 20_000 }, quick: { count: 1_000 } },
    limit: { full: 60, quick: 10 },
    async measure({ crew, count }) {
      const { first, instants } = await runDelayed(crew, count, 1)
      const lateness = instants.map((instant, index) => instant - (first + index)).sort((a, b) => a - b)
      return [quantile(lateness, 0.5), quantile(lateness, 0.99), lateness.at(-1), Math.max(0, -lateness[0])]
    },
  },
  {
    name: 'drain',
    figures: [{ key: 's', label: '{count} jobs due at one instant, drained in, s', better: 'less' }],
    sizes: { full: { count: 100_000 }, quick: { count: 2_000 } },
    limit: { full: 120, quick: 20 },
    async measure({ crew, count }) {
      const { first, instants } = await runDelayed(crew, count, 0)
      const earliest = instants.reduce((least, each) => Math.min(least, each), first)
      return [(instants.reduce((last, each) => Math.max(last, each)) - earliest) / 1_000]
    },
  },
]

/**
 * Starts all processes of a system and warms them up with jobs that are due soon; then puts `count` jobs, each `step` ms
 * after the one before, all of them before the first is due. Answers when each began, and when the first was due.
 */
async function runDelayed(crew, count, step) {
  const producer = await crew.start('producer')
  const worker = await crew.start('worker', { concurrency: CONCURRENCY, count, warmUp: WARM_UP, instants: true })
  if (crew.hasScheduler) await crew.start('scheduler')
  const order = { kind: 'schedule' }
  const soon = { first: Date.now() + 500 }
  const { ms: took } = await producer.order({ ...order, first: count, count: WARM_UP, due: soon })
  await worker.hear('warm')
  const first = Date.now() + 500 + Math.ceil((1.5 * took * count) / WARM_UP)
  await producer.order({ ...order, first: 0, count, due: { first, step } })
  if (Date.now() > first)
    throw new Error('the jobs were put more slowly than those before, and the first was due too soon')
  const { instants } = await orUnfinished(worker, count, worker.hear('handled'))
  return { first, instants }
}

const load = (producer, count) =>
  producer.order(
    producer.can.includes('enqueueMany')
      ? { kind: 'bulk', first: 0, count, size: BULK }
      : { kind: 'enqueue', first: 0, count, inFlight: 1_000 },
  )

/** A worker that does not finish in time has handled so many of its jobs. */
async function orUnfinished(worker, count, answer) {
  try {
    return await answer
  } catch (error) {
    if (!(error instanceof Unfinished)) throw error
    const handled = await worker.handled()
    throw new Unfinished(`${handled.toLocaleString('en')} of ${count.toLocaleString('en')} jobs`)
  }
}

const perSecond = (count, ms) => (count * 1_000) / ms
const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]
