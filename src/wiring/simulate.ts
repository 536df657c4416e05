import type { QueueOrder } from '../config.ts'
import type { MorrowEvent } from '../job/events.ts'
import type { ScheduleDefinition } from '../schedule/definition.ts'
import { openScheduler, type Scheduler } from '../scheduler/scheduler.ts'
import type { Connection } from '../store/connection.ts'
import { openSimulationSpace } from '../store/simulations.ts'
import { openStore, type Store } from '../store/store.ts'
import { type Duration, type Instant, instant } from '../time/clock.ts'
import { LONGEST } from '../time/duration.ts'
import { type AuditedSchedule, auditSchedule } from '../timetable/audit.ts'
import { type SimulatedClock, simulatedClock } from './simulated-clock.ts'
import { type JobCounts, openRuns, type Runs } from './simulated-runs.ts'
import { aroundOf, decisionOf, type SimulatedStep, type Stretch } from './simulated-steps.ts'
import { putAllInForce, type Subject } from './simulated-subjects.ts'
import { openSimulatedWorker, type SimulatedWorker } from './simulated-worker.ts'
import { TZ_DATA } from './version.ts'

/** What is played through. */
export type SimulationParts = {
  readonly connection: Connection
  /** The application's namespace; the simulation has one of its own below it. */
  readonly below: string
  readonly definitions: readonly ScheduleDefinition[]
  /** The definitions are in force from here on: the first tick is the first after it. */
  readonly from: Instant
  readonly to: Instant
  /** When no scheduler runs; workers go on. */
  readonly outages: readonly Stretch[]
  /** When all schedules are paused. */
  readonly pauses: readonly Stretch[]
  /** How long each job takes. */
  readonly takes: Duration
  readonly queues: QueueOrder
  readonly concurrency: number
  readonly signal: AbortSignal
}

/** What a simulation showed. */
export type Simulation = {
  /** In the order in which they happened. */
  readonly steps: readonly SimulatedStep[]
  readonly jobs: JobCounts
  readonly audits: readonly AuditedSchedule[]
  /** How far it came before it was told to stop. */
  readonly until: Instant
}

/**
 * Plays schedules through on a clock of its own: the real scheduler, worker and scripts, in a namespace that is removed at
 * the end, whatever happens. Throws what Redis refuses, and RedisUnsuitableError on a cluster.
 */
export async function simulate(parts: SimulationParts): Promise<Simulation> {
  const space = await openSimulationSpace(parts.connection, parts.below)
  try {
    return await play(parts, space.prefix)
  } finally {
    await space.remove()
  }
}

type Stage = SimulationParts & {
  readonly store: Store
  readonly clock: SimulatedClock
  readonly subjects: ReadonlyMap<string, Subject>
  /** The queues that the schedules feed. */
  readonly feeds: readonly string[]
  readonly steps: SimulatedStep[]
  readonly runs: Runs
  readonly worker: SimulatedWorker
  readonly emit: (event: MorrowEvent) => void
  /** Schedules whose ledger has grown, and how many entries were read before. */
  readonly grown: Set<string>
  readonly read: Map<string, number>
  /** How many ticks the job of a planned instant stands for. */
  readonly standsFor: Map<string, number>
  readonly faults: unknown[]
  scheduler: Scheduler | undefined
}

async function play(parts: SimulationParts, prefix: string): Promise<Simulation> {
  const stage = await openStage(parts, prefix)
  const { clock, store, steps, runs, signal, from, to } = stage
  for (let at: Instant | null = from; at !== null && !signal.aborted; at = await nextAfter(stage, at)) {
    await turn(stage, at)
  }
  if (!signal.aborted) clock.moveTo(to)
  const until = clock.now()
  const audits: AuditedSchedule[] = []
  for (const { home } of stage.subjects.values()) {
    const audited = await auditSchedule(store, home, { since: from, now: until, tz: TZ_DATA })
    if (audited) audits.push(audited)
  }
  const rules = [...stage.subjects.values()].map(({ rule }) => rule)
  const around = aroundOf(rules, stage).filter(({ at }) => at >= from && at <= until)
  // What happens around comes before what it leads to; the sort keeps the order of one instant.
  return { steps: [...around, ...steps].sort((a, b) => a.at - b.at), jobs: runs.counts(), audits, until }
}

async function openStage(parts: SimulationParts, prefix: string): Promise<Stage> {
  const { connection, definitions, from, signal } = parts
  const clock = simulatedClock(from)
  const store = openStore({ connection, prefix, now: () => String(clock.now()), longestLease: LONGEST })
  await store.space.greet()
  const subjects = await putAllInForce(parts, store)
  const [steps, faults, grown] = [[] as SimulatedStep[], [] as unknown[], new Set<string>()]
  const standsFor = new Map<string, number>()
  const runs = openRuns(store, [...subjects.values()], (step) => steps.push(step), clock.now)
  const emit = (event: MorrowEvent): void => {
    if (event.kind === 'error') faults.push(event.error)
    if (event.kind === 'job.expired') runs.expired(event.id)
    if (event.kind === 'job.cancelled') runs.cancelled(event.id)
    if (event.kind === 'tick.fired') standsFor.set(tickKey(event.schedule, event.plannedAt.getTime()), event.standsFor)
    if (event.kind === 'tick.fired' || event.kind === 'tick.skipped') grown.add(event.schedule)
  }
  const names = [...new Set(definitions.map(({ job }) => job))]
  const feeds = [...new Set([...subjects.values()].map(({ home }) => home.queue))].sort()
  const { started: onStart, ended: onEnd } = runs
  const cancels = definitions.some(({ policies }) => policies.overlap === 'cancel-previous')
  const worker = openSimulatedWorker({ ...parts, store, clock, names, feeds, emit, onStart, onEnd, cancels, signal })
  const read = new Map([...subjects.keys()].map((name) => [name, 1]))
  return {
    ...parts,
    store,
    clock,
    subjects,
    feeds,
    steps,
    runs,
    worker,
    emit,
    grown,
    read,
    standsFor,
    faults,
    scheduler: undefined,
  }
}

const tickKey = (schedule: string, plannedAt: number): string => `${schedule} ${plannedAt}`

/** All that happens at an instant: jobs end first, then the scheduler decides, then jobs begin. */
async function turn(stage: Stage, at: Instant): Promise<void> {
  const over = (stage.clock.nextEnd() ?? Number.POSITIVE_INFINITY) <= at
  stage.clock.moveTo(at)
  if (over) {
    await stage.worker()
    await stage.runs.look()
  }
  if (isUp(stage, at)) {
    stage.scheduler ??= newScheduler(stage)
    await decide(stage, stage.scheduler)
    await tell(stage)
    await stage.runs.look()
  } else stage.scheduler = undefined
  await stage.worker()
  if (stage.faults.length > 0) throw stage.faults[0]
}

const isUp = ({ outages }: Stage, at: Instant): boolean => !outages.some(({ from, to }) => at >= from && at < to)

/** After an outage another process runs, which knows nothing of the one before. */
const newScheduler = ({ store, clock, emit }: Stage): Scheduler =>
  openScheduler({
    store,
    ears: undefined,
    clock,
    id: 'simulation',
    tz: TZ_DATA,
    unknownFor: LONGEST,
    emit,
    clockHeld: () => false,
  })

async function decide({ feeds, signal, faults }: Stage, { hear, tick }: Scheduler): Promise<void> {
  for (const queue of feeds) hear(`due ${queue}`)
  for (let rest = 0; rest <= 0 && !signal.aborted && faults.length === 0; ) rest = await tick()
}

/** Reads what has come into the ledgers. */
async function tell({ store, clock, subjects, steps, runs, grown, read, standsFor }: Stage): Promise<void> {
  const names = [...grown].sort()
  grown.clear()
  for (const name of names) {
    const subject = subjects.get(name)
    if (subject === undefined) continue
    const from = read.get(name) ?? 0
    const { entries, total } = await store.schedules.ledger(subject.home, from, -1)
    read.set(name, total)
    for (const entry of entries) {
      const { fate, first, job } = entry
      const key = tickKey(name, first)
      const seen = { at: clock.now(), standsFor: standsFor.get(key) ?? null }
      standsFor.delete(key)
      steps.push(decisionOf(subject.definition, subject.rule, entry, seen))
      if ((fate === 'fired' || fate === 'late') && job !== null) runs.made(subject, job)
    }
  }
}

/** The next instant at which something may happen; null when that is after the end. */
async function nextAfter(stage: Stage, at: Instant): Promise<Instant | null> {
  const { clock, outages, to } = stage
  const edges = outages.flatMap((outage) => [outage.from, outage.to])
  const heads = isUp(stage, at) ? await headsOf(stage) : []
  const ends = clock.nextEnd()
  const later = [...edges, ...heads].filter((each) => each > at)
  const next = Math.min(...later, ends ?? Number.POSITIVE_INFINITY)
  return next <= to ? instant(next) : null
}

/** When the next tick, and the next job that was put off, is due in each queue. */
async function headsOf({ store, feeds }: Stage): Promise<readonly number[]> {
  const heads: number[] = []
  for (const queue of feeds) {
    const [{ restAt }, { next }] = await Promise.all([store.schedules.due(queue, 1), store.inspector.head(queue, 1)])
    heads.push(...(restAt === null ? [] : [restAt]), ...next.map((job) => job.at))
  }
  return heads
}
