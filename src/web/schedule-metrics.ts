import { Gauge, type Registry } from 'prom-client'
import { firstSchedules, type ZoneData, zoneDataOf, zoneMismatch } from '../store/first-schedules.ts'
import type { SeenProcess } from '../store/registry.ts'
import { readSilence, type Silence } from '../store/silence.ts'
import type { Store } from '../store/store.ts'
import type { StoredSchedule } from '../store/stored-schedule.ts'
import { nextTicks } from '../store/ticks.ts'

/** What the series of schedules and of time are filled from. */
export type ScheduleReading = {
  readonly silence: Silence
  readonly schedules: readonly StoredSchedule[]
  readonly beyond: number
  readonly zones: ZoneData
  /** By how much the hosts' clocks are ahead of Redis', as the living processes measured it. */
  readonly clocks: readonly number[]
  readonly nextTickAt: number | null
}

/** So many schedules have series of their own, the first by name. */
const MOST_SCHEDULES = 100

/** Reads what these series say, in work that many schedules do not make more. */
export async function readSchedules(store: Store, living: readonly SeenProcess[]): Promise<ScheduleReading> {
  const [silence, first, queues] = await Promise.all([
    readSilence(store, living),
    firstSchedules(store, MOST_SCHEDULES),
    store.space.queues(),
  ])
  const heads = (await Promise.all(queues.map((queue) => nextTicks(store, queue, 1)))).flat()
  return {
    silence,
    ...first,
    zones: zoneDataOf(living, first.schedules),
    clocks: living.map(({ clockAhead }) => clockAhead).sort((a, b) => a - b),
    nextTickAt: heads.length > 0 ? Math.min(...heads.map(({ dueAt }) => dueAt)) : null,
  }
}

/** Adds the series that `readSchedules` read. */
export function fillSchedules(registry: Registry, reading: ScheduleReading): void {
  const gauge = <Label extends string>(name: string, help: string, ...labelNames: readonly Label[]): Gauge<Label> =>
    new Gauge({ name: `morrow_cluster_${name}`, help, labelNames, registers: [registry] })
  fillSilence(gauge, reading)
  const next = gauge('next_tick_timestamp_seconds', 'When the next tick of any schedule is due.')
  next.remove()
  if (reading.nextTickAt !== null) next.set(reading.nextTickAt / 1000)
  const nextOf = gauge('schedule_next_tick_timestamp_seconds', 'When the next tick of the schedule is due.', 'schedule')
  const fired = gauge('schedule_last_fired_timestamp_seconds', 'When the schedule made its last job.', 'schedule')
  for (const { name: schedule, dueAt, lastFiredAt } of reading.schedules) {
    if (dueAt !== null) nextOf.set({ schedule }, dueAt / 1000)
    if (lastFiredAt !== null) fired.set({ schedule }, lastFiredAt / 1000)
  }
  gauge('schedules_unlisted', 'Names of schedules that have no series of their own, being too many.').set(
    reading.beyond,
  )
  const { zones, clocks } = reading
  gauge('tz_data_mismatch', '1 when processes or stored next ticks are of different time-zone data.').set(
    zoneMismatch(zones) === undefined ? 0 : 1,
  )
  const apart = gauge('clock_apart_seconds', "By how much hosts' clocks are ahead of Redis'.", 'of')
  apart.set({ of: 'median' }, (clocks[Math.floor(clocks.length / 2)] ?? 0) / 1000)
  apart.set({ of: 'farthest' }, clocks.reduce((most, one) => (Math.abs(one) > Math.abs(most) ? one : most), 0) / 1000)
}

type Gauges = <Label extends string>(name: string, help: string, ...labelNames: readonly Label[]) => Gauge<Label>

function fillSilence(gauge: Gauges, { silence }: ScheduleReading): void {
  const { now, overdue, tickOverdue, canary, stuck } = silence
  gauge('scheduler_silent_seconds', 'For how long the oldest due tick or job is undecided; 0 when none is.').set(
    overdue === null ? 0 : (now - overdue.since) / 1000,
  )
  gauge('overdue_tick_age_seconds', 'For how long the oldest due tick is undecided; 0 when none is.').set(
    tickOverdue / 1000,
  )
  const age = gauge('canary_age_seconds', 'For how long no tick went the whole way; missing before the first.')
  age.remove()
  if (canary !== null) age.set((now - canary.completedAt) / 1000)
  gauge('canary_stuck', '1 when schedulers and workers live and no tick went the whole way for three minutes.').set(
    stuck > 0 ? 1 : 0,
  )
}
