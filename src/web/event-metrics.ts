import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Emit, MorrowEvent } from '../job/events.ts'
import { countLimits } from './limit-metrics.ts'

/** Counts what this process did; `emit` is fed with every event, `register` is what `/metrics` shows of it. */
export type EventMetrics = { readonly emit: Emit; readonly register: Registry }

/** 1 ms to 10 minutes, in seconds. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600]

/** So many schedules have series of their own, those heard of first; the others share one. */
const MOST_SCHEDULES = 100

type Instruments = ReturnType<typeof instruments> & { readonly labelOf: (schedule: string) => string }

/** Turns events into the series of one process, whose names begin `morrow_`. */
export function countEvents(): EventMetrics {
  const register = new Registry()
  const made = { ...instruments(register), labelOf: labels() }
  made.connected.set(1)
  const limits = countLimits(register)
  const emit: Emit = (event) => {
    count(made, event)
    limits(event)
  }
  return { register, emit }
}

/** Names schedules in labels, as many as there may be, and the rest as 'other'. */
function labels(): (schedule: string) => string {
  const known = new Set<string>()
  return (schedule) => {
    if (known.size < MOST_SCHEDULES) known.add(schedule)
    return known.has(schedule) ? schedule : 'other'
  }
}

function instruments(register: Registry) {
  const registers = [register]
  const counter = <Label extends string>(name: string, help: string, ...labelNames: readonly Label[]): Counter<Label> =>
    new Counter({ name: `morrow_${name}_total`, help, labelNames, registers })
  const gauge = <Label extends string>(name: string, help: string, ...labelNames: readonly Label[]): Gauge<Label> =>
    new Gauge({ name: `morrow_${name}`, help, labelNames, registers })
  const seconds = <Label extends string>(name: string, help: string, label: Label): Histogram<Label> =>
    new Histogram({ name: `morrow_${name}_seconds`, help, labelNames: [label], buckets: BUCKETS, registers })
  return {
    completed: counter('jobs_completed', 'Jobs that this process completed.', 'queue', 'job'),
    failed: counter('jobs_failed', 'Attempts that failed in this process.', 'queue', 'job'),
    dead: counter('jobs_dead', 'Jobs that died in this process.', 'queue', 'job', 'reason'),
    snoozed: counter('jobs_snoozed', 'Attempts in this process that put their jobs off.', 'queue', 'job'),
    discarded: counter('jobs_discarded', 'Jobs that were discarded in this process.', 'queue', 'job'),
    handedBack: counter('jobs_handed_back', 'Jobs that this process handed back when it stopped.', 'queue'),
    lost: counter('leases_lost', 'Jobs that went to another worker while this process ran them.', 'queue'),
    promoted: counter('jobs_promoted', 'Due jobs that this process made ready.', 'queue'),
    reclaimed: counter('jobs_reclaimed', 'Jobs of lost workers that this process made ready again.', 'queue'),
    fired: counter('ticks_fired', 'Ticks that this process fired.', 'schedule'),
    skipped: counter('ticks_skipped', 'Ticks that made no job; the ledger says why.', 'schedule', 'reason'),
    outcomes: counter('ticks', 'Ticks that this process decided on, by what became of them.', 'outcome'),
    tickLateness: seconds('tick_lateness', 'From when a tick was due to when it was fired.', 'schedule'),
    lastSuccess: gauge(
      'schedule_last_success_timestamp_seconds',
      'When this process completed a job of the schedule last, by its own clock.',
      'schedule',
    ),
    breached: gauge('schedule_lateness_budget_breached', '1 while recent ticks are later than is planned.', 'schedule'),
    rolledBack: counter('store_rolled_back', 'Calls that Redis had acknowledged and lost.', 'queue'),
    errors: counter('errors', 'Faults that concern no job in particular.', 'doing'),
    connected: gauge('store_connected', '1 while this process is connected to Redis.'),
    clockHeld: gauge('clock_held', "1 while Redis' clock is so far from the hosts' that nothing is moved by time."),
    faults: gauge('schedule_faults', 'Faults in the schedule files as this process read them last.'),
    lateness: seconds('lateness', 'From when a job was due to when it began, of completed jobs.', 'queue'),
    run: seconds('run', 'How long completed attempts took.', 'queue'),
  } as const
}

/** Labels hold names only, never ids: a series for each job would fill every memory. */
function count(to: Instruments, event: MorrowEvent): void {
  switch (event.kind) {
    case 'job.completed':
      to.completed.inc({ queue: event.queue, job: event.job })
      to.lateness.observe({ queue: event.queue }, Math.max(0, event.lateMs) / 1000)
      to.run.observe({ queue: event.queue }, Math.max(0, event.tookMs) / 1000)
      if (event.schedule !== undefined) to.lastSuccess.setToCurrentTime({ schedule: to.labelOf(event.schedule) })
      break
    case 'job.failed':
      to.failed.inc({ queue: event.queue, job: event.job })
      break
    case 'job.dead':
      to.dead.inc({ queue: event.queue, job: event.job, reason: event.reason })
      break
    case 'job.snoozed':
      to.snoozed.inc({ queue: event.queue, job: event.job })
      break
    case 'job.discarded':
      to.discarded.inc({ queue: event.queue, job: event.job })
      break
    case 'job.handedBack':
      to.handedBack.inc({ queue: event.queue })
      break
    case 'lease.lost':
      to.lost.inc({ queue: event.queue })
  }
  countMoves(to, event)
  countTicks(to, event)
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
    case 'store.rolledBack':
      to.rolledBack.inc({ queue: event.queue }, event.lost)
      break
    case 'error':
      to.errors.inc({ doing: event.doing })
  }
}

function countTicks(to: Instruments, event: MorrowEvent): void {
  switch (event.kind) {
    case 'tick.fired': {
      const schedule = to.labelOf(event.schedule)
      to.fired.inc({ schedule })
      to.outcomes.inc({ outcome: event.fate })
      to.tickLateness.observe({ schedule }, event.lateMs / 1000)
      break
    }
    case 'tick.skipped':
      to.skipped.inc({ schedule: to.labelOf(event.schedule), reason: event.reason }, event.count)
      to.outcomes.inc({ outcome: event.reason }, event.count)
      break
    case 'lateness.breached':
    case 'lateness.kept':
      to.breached.set({ schedule: to.labelOf(event.schedule) }, event.kind === 'lateness.breached' ? 1 : 0)
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
