import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Emit, MorrowEvent } from '../job/events.ts'

/** Counts what this process did; `emit` is fed with every event, `register` is what `/metrics` shows of it. */
export type EventMetrics = { readonly emit: Emit; readonly register: Registry }

/** 1 ms to 10 minutes, in seconds. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600]

type Instruments = ReturnType<typeof instruments>

/** Turns events into the series of one process, whose names begin `morrow_`. */
export function countEvents(): EventMetrics {
  const register = new Registry()
  const made = instruments(register)
  made.connected.set(1)
  return { register, emit: (event) => count(made, event) }
}

function instruments(register: Registry) {
  const registers = [register]
  const counter = <Label extends string>(name: string, help: string, ...labelNames: readonly Label[]): Counter<Label> =>
    new Counter({ name: `morrow_${name}_total`, help, labelNames, registers })
  const gauge = (name: string, help: string): Gauge => new Gauge({ name: `morrow_${name}`, help, registers })
  const seconds = (name: string, help: string): Histogram<'queue'> =>
    new Histogram({ name: `morrow_${name}_seconds`, help, labelNames: ['queue'], buckets: BUCKETS, registers })
  return {
    completed: counter('jobs_completed', 'Jobs that this process completed.', 'queue', 'job'),
    failed: counter('jobs_failed', 'Attempts that failed in this process.', 'queue', 'job'),
    dead: counter('jobs_dead', 'Jobs that died in this process.', 'queue', 'job', 'reason'),
    handedBack: counter('jobs_handed_back', 'Jobs that this process handed back when it stopped.', 'queue'),
    lost: counter('leases_lost', 'Jobs that went to another worker while this process ran them.', 'queue'),
    promoted: counter('jobs_promoted', 'Due jobs that this process made ready.', 'queue'),
    reclaimed: counter('jobs_reclaimed', 'Jobs of lost workers that this process made ready again.', 'queue'),
    fired: counter('ticks_fired', 'Ticks that this process fired.', 'schedule'),
    skipped: counter('ticks_skipped', 'Ticks that made no job; the ledger says why.', 'schedule', 'reason'),
    rolledBack: counter('store_rolled_back', 'Calls that Redis had acknowledged and lost.', 'queue'),
    errors: counter('errors', 'Faults that concern no job in particular.', 'doing'),
    connected: gauge('store_connected', '1 while this process is connected to Redis.'),
    clockHeld: gauge('clock_held', "1 while Redis' clock is so far from the hosts' that nothing is moved by time."),
    faults: gauge('schedule_faults', 'Faults in the schedule files as this process read them last.'),
    lateness: seconds('lateness', 'From when a job was due to when it began, of completed jobs.'),
    run: seconds('run', 'How long completed attempts took.'),
  } as const
}

/** Labels hold names only, never ids: a series for each job would fill every memory. */
function count(to: Instruments, event: MorrowEvent): void {
  switch (event.kind) {
    case 'job.completed':
      to.completed.inc({ queue: event.queue, job: event.job })
      to.lateness.observe({ queue: event.queue }, Math.max(0, event.lateMs) / 1000)
      to.run.observe({ queue: event.queue }, Math.max(0, event.tookMs) / 1000)
      break
    case 'job.failed':
      to.failed.inc({ queue: event.queue, job: event.job })
      break
    case 'job.dead':
      to.dead.inc({ queue: event.queue, job: event.job, reason: event.reason })
      break
    case 'job.handedBack':
      to.handedBack.inc({ queue: event.queue })
      break
    case 'lease.lost':
      to.lost.inc({ queue: event.queue })
  }
  countMoves(to, event)
  watch(to, event)
}

function countMoves(to: Instruments, event: MorrowEvent): void {
  switch (event.kind) {
    case 'jobs.promoted':
      to.promoted.inc({ queue: event.queue }, event.count)
      break
    case 'jobs.reclaimed':
      to.reclaimed.inc({ queue: event.queue }, event.count)
      break
    case 'jobs.buried':
      to.dead.inc({ queue: event.queue, reason: event.reason }, event.count)
      break
    case 'tick.fired':
      to.fired.inc({ schedule: event.schedule })
      break
    case 'tick.skipped':
      to.skipped.inc({ schedule: event.schedule, reason: event.reason }, event.count)
      break
    case 'store.rolledBack':
      to.rolledBack.inc({ queue: event.queue }, event.lost)
      break
    case 'error':
      to.errors.inc({ doing: event.doing })
  }
}

function watch(to: Instruments, event: MorrowEvent): void {
  switch (event.kind) {
    case 'store.unavailable':
      to.connected.set(0)
      break
    case 'store.recovered':
      to.connected.set(1)
      break
    case 'clock.held':
      to.clockHeld.set(1)
      break
    case 'clock.released':
      to.clockHeld.set(0)
      break
    case 'schedules.faulty':
      to.faults.set(event.faults.length)
  }
}
