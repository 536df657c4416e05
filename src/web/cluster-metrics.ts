import { Counter, Gauge, Registry } from 'prom-client'
import type { HeldName, QueueCounts, QueueHead } from '../store/inspector.ts'
import type { Store } from '../store/store.ts'
import { unserved } from '../store/unserved.ts'
import { fillSchedules, readSchedules, type ScheduleReading } from './schedule-metrics.ts'

const PLACES = ['scheduled', 'ready', 'held', 'active', 'dead', 'ended'] as const
const ROLES = ['web', 'worker', 'scheduler'] as const

type Reading = {
  readonly now: number
  readonly queues: readonly (QueueCounts & { readonly head: QueueHead; readonly names: readonly HeldName[] })[]
  readonly roles: readonly string[]
  readonly unserved: number
  readonly schedules: ScheduleReading
}

/**
 * The series of the whole namespace, read at this moment, as Prometheus reads them; their names begin
 * `morrow_cluster_`. When the store does not answer, `morrow_cluster_up 0` is all that is said.
 */
export async function clusterMetrics(store: () => Promise<Store>): Promise<string> {
  const registry = new Registry()
  const up = new Gauge({ name: 'morrow_cluster_up', help: '1 when Redis answered.', registers: [registry] })
  try {
    fill(registry, await read(await store()))
    up.set(1)
  } catch {
    up.set(0)
  }
  return registry.metrics()
}

async function read(store: Store): Promise<Reading> {
  const { inspector, registry, space } = store
  const now = await inspector.time()
  const [living, missing, names] = await Promise.all([registry.living(now), unserved(store), space.queues()])
  return {
    now,
    roles: living.flatMap(({ roles }) => roles),
    unserved: missing.length,
    schedules: await readSchedules(store, living),
    queues: await Promise.all(
      names.map(async (name) => ({
        ...(await inspector.counts(name)),
        head: await inspector.head(name, 1),
        names: await inspector.held(name),
      })),
    ),
  }
}

type Gauges = <Label extends string>(name: string, help: string, ...labelNames: readonly Label[]) => Gauge<Label>

function fill(registry: Registry, reading: Reading): void {
  const registers = [registry]
  const gauge: Gauges = (name, help, ...labelNames) =>
    new Gauge({ name: `morrow_cluster_${name}`, help, labelNames, registers })
  fillQueues(gauge, reading)
  const moves = new Counter({
    name: 'morrow_cluster_moves_total',
    help: 'What became of jobs since the queue was made.',
    labelNames: ['queue', 'move'],
    registers,
  })
  for (const { queue, totals } of reading.queues)
    for (const [move, total] of Object.entries(totals)) moves.inc({ queue, move }, total)
  const processes = gauge('processes', 'Living processes by role.', 'role')
  for (const role of ROLES) processes.set({ role }, reading.roles.filter((each) => each === role).length)
  gauge('unserved', 'How many things wait that no living process serves.').set(reading.unserved)
  fillSchedules(registry, reading.schedules)
}

function fillQueues(gauge: Gauges, { now, queues }: Reading): void {
  const age = (at: number | null | undefined): number =>
    at === null || at === undefined ? 0 : Math.max(0, now - at) / 1000
  const jobs = gauge('jobs', 'Jobs by queue and place.', 'queue', 'place')
  const oldestHelp = 'Since when the oldest ready job has been due; 0 when none is ready.'
  const oldest = gauge('oldest_ready_age_seconds', oldestHelp, 'queue')
  const overdueHelp = 'By how much the first scheduled job is past its time; 0 when none is.'
  const overdue = gauge('overdue_age_seconds', overdueHelp, 'queue')
  const held = gauge('held_jobs', 'Jobs held for a worker that knows their name.', 'queue', 'name')
  const heldAge = gauge('held_age_seconds', 'Since when jobs of that name are held.', 'queue', 'name')
  for (const { queue, head, names, ...counts } of queues) {
    for (const place of PLACES) jobs.set({ queue, place }, counts[place])
    oldest.set({ queue }, age(head.oldestReadyAt))
    overdue.set({ queue }, age(head.next[0]?.at))
    for (const { name, count, since } of names) {
      held.set({ queue, name }, count)
      heldAge.set({ queue, name }, age(since))
    }
  }
}
