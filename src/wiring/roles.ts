import type { Logger } from 'pino'
import { openClient } from '../client/client.ts'
import type { Config } from '../config.ts'
import type { Client } from '../job/client.ts'
import type { Services } from '../job/context.ts'
import type { JobContract } from '../job/contract.ts'
import type { Emit, MorrowEvent } from '../job/events.ts'
import type { JobHandler } from '../job/handler.ts'
import { entryText, titleOf } from '../job/queue-choice.ts'
import { aborted } from '../lifecycle/deadline.ts'
import { bell, loop } from '../lifecycle/loop.ts'
import { type Service, service } from '../lifecycle/service.ts'
import { schedulerService } from '../scheduler/scheduler.ts'
import { EnvironmentOwnedError } from '../store/errors.ts'
import { systemClock } from '../time/system-clock.ts'
import { openWorker, type Worker } from '../worker/worker.ts'
import { type Base, openBase } from './base.ts'
import { watchingBudgets } from './budgets.ts'
import { withCanary, withoutCanary } from './canary.ts'
import { catalogueOf } from './catalogue.ts'
import { emitter } from './events.ts'
import { jobLog, logEvents } from './log.ts'
import { processName } from './presence.ts'
import { COMMAND_TIMEOUT } from './redis.ts'
import { applying } from './schedules.ts'
import { type SetUp, type Setup, setUpBy } from './set-up.ts'
import { TZ_DATA, VERSION } from './version.ts'

/** The roles that move jobs; one process may have both. */
export type MovingRole = 'worker' | 'scheduler'

/** What a process that moves jobs is made of. */
export type RoleParts = {
  readonly config: Config
  readonly roles: readonly MovingRole[]
  readonly handlers: ReadonlyMap<string, JobHandler>
  readonly jobs: readonly JobContract[]
  readonly logger: Logger
  readonly onEvent?: ((event: MorrowEvent) => void) | undefined
  readonly listeners?: readonly ((event: MorrowEvent) => void)[]
  /** Runs once before the first claim; its `stop` after the last settle. */
  readonly setup?: Setup | undefined
  readonly untilEmpty?: boolean
  /** Roles that the same process has beside these, for the list of the living: `web`. */
  readonly beside?: readonly string[]
}

/** What a process has opened so far. */
type Opened = {
  readonly base: Base
  readonly parts: readonly Service[]
  readonly setUp: SetUp | undefined
  /** The client that handlers enqueue through. */
  readonly client: Client
}

/** A process with one or more roles on one connection, as a service. */
export function roleService(parts: RoleParts): Service & { base(): Base | undefined } {
  const { roles, logger } = parts
  const said = emitter([logEvents(logger), ...(parts.listeners ?? []), parts.onEvent])
  const emit = watchingBudgets(withoutCanary(said))
  let opened: Opened | undefined
  let stoppingAt: number | undefined
  const stopping = (why: string): void => {
    if (stoppingAt !== undefined) return
    stoppingAt = systemClock.monotonic()
    for (const role of roles) emit({ kind: 'process.stopping', role, why })
  }
  const role = service({
    name: `the ${roles.join(' and ')}`,
    start: async (signal) => {
      await open(parts, emit, signal, (each) => {
        opened = each
      })
      if (signal.aborted || !opened) return
      for (const each of opened.parts) await each.start()
      for (const said of startLines(parts, opened.base)) emit({ kind: 'process.started', ...said })
    },
    run: (signal) => (opened ? living(opened, signal, stopping) : Promise.resolve()),
    stop: async () => {
      if (!opened) return
      stopping('it did not start')
      await close(opened)
      const afterMs = Math.round(systemClock.monotonic() - (stoppingAt ?? 0))
      for (const each of roles) emit({ kind: 'process.stopped', role: each, afterMs })
      // Events are told after the turn in which they happened: a process that exits now would never say this one.
      await new Promise(setImmediate)
    },
    hurry: () => {
      for (const part of opened?.parts ?? []) part.hurry()
    },
  })
  return { ...role, base: () => opened?.base }
}

/** Opens everything in order and tells each step, so that what came only half-way can be closed. */
async function open(parts: RoleParts, emit: Emit, signal: AbortSignal, tell: (opened: Opened) => void): Promise<void> {
  const { config, roles, setup } = parts
  const all = [...roles, ...(parts.beside ?? [])]
  let workers: readonly Worker[] = []
  let generation = ''
  const details = {
    roles: all,
    queues: roles.includes('worker') ? config.queues.map(titleOf) : [],
    names: [...parts.handlers.keys()],
    catalogue: catalogueOf(parts.jobs),
    running: () => workers.reduce((sum, worker) => sum + worker.running(), 0),
    generation: () => generation,
  }
  const base = await openBase({ config, emit, hears: true, details })
  const client = clientOf(base)
  tell({ base, parts: [], setUp: undefined, client })
  await base.presence.hold()
  const setUp = await setUpBy({ setup, roles: all, emit }, signal)
  tell({ base, parts: [], setUp, client })
  if (signal.aborted) return
  await base.presence.tick()
  workers = roles.includes('worker') ? [workerOf(parts, base, client, setUp)] : []
  const schedulers = roles.includes('scheduler')
    ? [
        schedulerOf(parts, base, (told) => {
          generation = told
        }),
      ]
    : []
  tell({ base, parts: [...workers, ...schedulers], setUp, client })
}

/** Closes in the reverse order; what fails on the way keeps nothing else open. */
async function close({ base, parts, setUp, client }: Opened): Promise<void> {
  const steps = [
    () => Promise.all(parts.map((part) => part.stop())),
    () => client.close(),
    () => setUp?.stop?.(),
    () => base.close(),
  ]
  const faults: unknown[] = []
  for (const step of steps) {
    try {
      await step()
    } catch (error) {
      faults.push(error)
    }
  }
  if (faults.length > 0) throw faults[0]
}

/** Keeps the process among the living until it stops, or until a part has ended by itself. */
async function living({ base, parts }: Opened, signal: AbortSignal, stopping: (why: string) => void): Promise<void> {
  const ending = new AbortController()
  const wake = bell()
  let lose = (_error: EnvironmentOwnedError): void => undefined
  const lost = new Promise<never>((_, reject) => {
    lose = reject
  })
  const onError = (error: unknown): void => {
    base.emit({ kind: 'error', doing: 'saying that this process lives', error })
    // It was frozen for more than a minute, and another environment has taken over meanwhile.
    if (error instanceof EnvironmentOwnedError) lose(error)
  }
  const presence = loop({ tick: base.presence.tick, clock: base.clock, signal: ending.signal, wake, onError })
  try {
    await Promise.race([aborted(signal), lost, ...parts.map(({ ended }) => ended)])
  } finally {
    stopping(signal.aborted ? 'it was told to' : 'a part of it has ended')
    await Promise.allSettled(parts.map((part) => part.stop()))
    ending.abort()
    await presence
  }
}

const clientOf = ({ store, clock, config, emit }: Base): Client =>
  openClient({
    store: () => Promise.resolve(store),
    clock,
    timeout: COMMAND_TIMEOUT,
    tz: TZ_DATA,
    payloadLimit: config.payloadLimit,
    environment: config.environment,
    emit,
  })

/** A client that a handler may close: the others go on with it. */
const lent = (client: Client): Client => {
  const close = (): Promise<void> => Promise.resolve()
  return { ...client, close, [Symbol.asyncDispose]: close }
}

function workerOf(parts: RoleParts, base: Base, client: Client, setUp: SetUp | undefined): Worker {
  const { config, store, clock, emit, dialling } = base
  return openWorker({
    store,
    ears: base.ears,
    renewal: { settings: dialling.settings, maxBlock: config.maxBlock, flagless: dialling.flagless },
    clock,
    handlers: withCanary(parts.handlers, store),
    queues: config.queues,
    concurrency: config.concurrency,
    lease: config.lease,
    shutdownTimeout: config.shutdownTimeout,
    client: lent(client),
    services: setUp?.services ?? ({} as Services),
    log: jobLog(parts.logger),
    emit,
    expected: base.presence.expected,
    name: processName(base.id),
    untilEmpty: parts.untilEmpty ?? false,
  })
}

function schedulerOf(parts: RoleParts, base: Base, told: (generation: string) => void): Service {
  const { store, ears, clock, id, emit, presence, config } = base
  const { unknownFor } = config
  const moving = schedulerService({
    store,
    ears,
    clock,
    id,
    tz: TZ_DATA,
    unknownFor,
    emit,
    clockHeld: presence.clockHeld,
    watchClock: presence.watchClock,
    latest: presence.latest,
  })
  return applying(base, parts.jobs, moving, told)
}

function startLines({ roles, config, handlers, jobs }: RoleParts, { server, dialling }: Base) {
  const { prefix, app, environment, queues, concurrency, schedules } = config
  const known = (names: Iterable<string>): string => `jobs ${[...names].join(', ') || 'none'}`
  return roles.map((role) => ({
    role,
    text: [
      `morrow ${role} ${VERSION} on ${dialling.where} (Redis ${server.version})`,
      `prefix ${prefix}${app === prefix ? '' : `, app ${app}`}, environment ${environment}`,
      role === 'worker'
        ? `queues ${queues.map(entryText).join(',')}, concurrency ${concurrency}, ${known(handlers.keys())}`
        : `schedules ${schedules}, ${known(jobs.map(({ name }) => name))}`,
      `tz data ${TZ_DATA}`,
    ].join('; '),
  }))
}
