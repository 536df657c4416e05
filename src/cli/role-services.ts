import { type Config, describeRedis } from '../config.ts'
import type { Emit, MorrowEvent } from '../job/events.ts'
import { loop } from '../lifecycle/loop.ts'
import { type Service, service } from '../lifecycle/service.ts'
import type { Store } from '../store/store.ts'
import { countEvents, type EventMetrics } from '../web/event-metrics.ts'
import { checksOf, healthServer } from '../web/health.ts'
import { openWeb } from '../web/web.ts'
import { type Base, openBase } from '../wiring/base.ts'
import { emitter } from '../wiring/events.ts'
import { createLogger, logEvents } from '../wiring/log.ts'
import { type MovingRole, roleService } from '../wiring/roles.ts'
import { seeingFaults } from '../wiring/schedule-faults.ts'
import { type SetUp, setUpBy } from '../wiring/set-up.ts'
import { VERSION } from '../wiring/version.ts'
import { jobsOf, loadHandlers, type Project } from './project.ts'
import { together } from './serve.ts'

/** What one process does. */
export type Roles = readonly (MovingRole | 'web')[]

type Parts = {
  readonly project: Project
  readonly metrics: EventMetrics
  readonly emit: Emit
  readonly logger: ReturnType<typeof createLogger>
}

/** A process with these roles as one service: what moves jobs, its health checks, and the page, on shared connections. */
export async function composed(project: Project, roles: Roles, untilEmpty: boolean): Promise<Service> {
  const { config, morrow } = project
  const logger = createLogger(config)
  for (const warning of config.warnings) logger.warn(warning)
  const metrics = countEvents()
  const listeners: readonly (((event: MorrowEvent) => void) | undefined)[] = [
    logEvents(logger),
    metrics.emit,
    morrow.onEvent,
  ]
  const parts: Parts = { project, metrics, logger, emit: emitter(listeners) }
  const moving = roles.filter((role) => role !== 'web')
  if (moving.length === 0) return webAlone(parts)
  const mover = await movingService(parts, moving, roles.includes('web'), untilEmpty)
  const store = async (): Promise<Store> => mover.base()?.store ?? Promise.reject(new Error('it has not started yet'))
  const live = (): boolean => mover.state() === 'running'
  const checks = config.healthPort === undefined ? [] : [healthOf(config, config.healthPort, store, metrics, live)]
  const page = roles.includes('web') ? [pageOf(parts, store)] : []
  const all = [mover, ...checks, ...page]
  return all.length === 1 ? mover : together(`the ${roles.join(' and ')}`, all)
}

async function movingService(
  { project, logger, metrics }: Parts,
  roles: readonly MovingRole[],
  withPage: boolean,
  untilEmpty: boolean,
): Promise<ReturnType<typeof roleService>> {
  const { config, morrow } = project
  const handlers = roles.includes('worker') ? await loadHandlers(project) : new Map()
  const jobs = new Map(
    [...jobsOf(project), ...[...handlers.values()].map(({ job }) => job)].map((job) => [job.name, job]),
  )
  return roleService({
    config,
    roles,
    handlers,
    jobs: [...jobs.values()],
    logger,
    listeners: [metrics.emit],
    onEvent: morrow.onEvent,
    setup: morrow.setup,
    untilEmpty,
    beside: withPage ? ['web'] : [],
  })
}

const healthOf = (
  { host, webAuth: auth }: Config,
  port: number,
  store: () => Promise<Store>,
  { register }: EventMetrics,
  live: () => boolean,
): Service => healthServer({ host, port, auth, ...checksOf({ store, register, live }) })

function pageOf({ project, metrics, emit }: Parts, store: () => Promise<Store>): Service {
  const { config } = project
  const { host, port, webAuth: auth } = config
  const see = seeingFaults(config, jobsOf(project))
  const faults = async (): Promise<readonly string[]> => see(await store())
  const checks = checksOf({ store, register: metrics.register })
  const page = openWeb({ host, port, auth, store, emit, faults, checks })
  const start = async (): Promise<void> => {
    await page.start()
    emit({ kind: 'process.started', role: 'web', text: startLine(config, page.url() ?? '') })
  }
  return { ...page, start }
}

/** The web process: a page, and a place among the living, on one connection. */
function webAlone(parts: Parts): Service {
  const { project, emit } = parts
  const { config, morrow } = project
  let base: Base | undefined
  let setUp: SetUp | undefined
  const store = async (): Promise<Store> => base?.store ?? Promise.reject(new Error('it has not started yet'))
  const page = pageOf(parts, store)
  return service({
    name: 'the web process',
    start: async (signal) => {
      const details = { roles: ['web'], queues: [], names: [], catalogue: {}, running: () => 0 }
      base = await openBase({ config, emit, hears: false, details })
      setUp = await setUpBy({ setup: morrow.setup, roles: ['web'], emit }, signal)
      if (signal.aborted) return
      await base.presence.tick()
      await page.start()
    },
    run: (signal) => (base ? living(base, signal) : Promise.resolve()),
    stop: async () => {
      try {
        await page.stop()
        await setUp?.stop?.()
      } finally {
        await base?.close()
      }
    },
  })
}

const startLine = ({ redis, prefix, environment }: Config, url: string): string =>
  [
    `morrow web ${VERSION} on ${describeRedis(redis)}`,
    `prefix ${prefix}, environment ${environment}`,
    `the page is at ${url}`,
    `tz data ${process.versions['tz'] ?? 'unknown'}`,
  ].join('; ')

const living = ({ presence, clock, emit }: Base, signal: AbortSignal): Promise<void> =>
  loop({
    tick: presence.tick,
    clock,
    signal,
    onError: (error) => emit({ kind: 'error', doing: 'saying that this process lives', error }),
  })
