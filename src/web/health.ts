import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Registry } from 'prom-client'
import { readSilence } from '../store/silence.ts'
import { LAYOUT } from '../store/space.ts'
import type { Store } from '../store/store.ts'
import { unheard } from '../store/unserved.ts'
import type { Credentials } from './access.ts'
import { clusterMetrics } from './cluster-metrics.ts'
import { accessOf, admit, bareServer, SAFE_HEADERS, type ServerService, serverService } from './server.ts'
import { shared } from './shared.ts'

/** Whether a process can do its work; `why` is for people who may look, not for everybody. */
export type Readiness = { readonly kind: 'ready' } | { readonly kind: 'unready'; readonly why: string }

/** What the health checks ask. */
export type Checks = {
  /** Whether the process works at all; a platform restarts it when not. */
  readonly live: () => boolean
  readonly ready: () => Promise<Readiness>
  /** Whether what is due by schedules and times is moved, seen from what is left undone. */
  readonly schedules: () => Promise<Readiness>
  /** All series, in the text format of Prometheus. */
  readonly metrics: () => Promise<string>
}

/** What the checks of a process on a store are made of. */
export type CheckParts = {
  readonly store: () => Promise<Store>
  /** The series of this process, as `countEvents` keeps them. */
  readonly register?: Registry
  /** Always unless said. */
  readonly live?: () => boolean
}

/** The usual checks: ready when Redis answers and the namespace has a layout that this release knows. */
export function checksOf({ store, register, live = () => true }: CheckParts): Checks {
  const metrics = async (): Promise<string> => (await clusterMetrics(store)) + ((await register?.metrics()) ?? '')
  return { live, ready: () => readiness(store), schedules: shared(() => schedulesState(store)), metrics }
}

async function readiness(store: () => Promise<Store>): Promise<Readiness> {
  try {
    const { connection, space } = await store()
    const layout = await connection.command('GET', space.keys.layout)
    if (Number(layout ?? LAYOUT) <= LAYOUT) return { kind: 'ready' }
    return { kind: 'unready', why: `the namespace has layout ${String(layout)}, this release knows ${LAYOUT}` }
  } catch {
    return { kind: 'unready', why: 'Redis does not answer' }
  }
}

async function schedulesState(store: () => Promise<Store>): Promise<Readiness> {
  try {
    const opened = await store()
    const living = await opened.registry.living(await opened.inspector.time())
    const [fault] = await unheard(opened, await readSilence(opened, living), living)
    return fault === undefined ? { kind: 'ready' } : { kind: 'unready', why: fault.text }
  } catch {
    return { kind: 'unready', why: 'Redis does not answer' }
  }
}

const TEXT = 'text/plain; charset=utf-8'

/** Adds `/healthz`, `/healthz/schedules`, `/readyz` and `/metrics`; all but the last answer everybody, with no more than ok or not. */
export function addHealthRoutes(
  app: FastifyInstance,
  { live, ready, schedules, metrics }: Checks,
  auth: Credentials | undefined,
): void {
  const answer = (reply: FastifyReply, well: boolean, why = ''): FastifyReply =>
    reply
      .code(well ? 200 : 503)
      .type(TEXT)
      .send(`${well ? 'ok' : 'not ok'}${why === '' ? '' : `: ${why}`}\n`)
  app.get('/healthz', { config: { open: true } }, (_request, reply) => answer(reply, live()))
  const asked = [
    ['/readyz', ready],
    ['/healthz/schedules', schedules],
  ] as const
  for (const [path, ask] of asked) {
    app.get(path, { config: { open: true } }, async (request, reply) => {
      const state = await ask()
      const mayKnow = accessOf(request, auth).kind === 'granted'
      return answer(reply, state.kind === 'ready', state.kind === 'unready' && mayKnow ? state.why : '')
    })
  }
  app.get('/metrics', async (request, reply) => {
    if (!admit(request, reply, auth)) return reply
    return reply.type('text/plain; version=0.0.4; charset=utf-8').send(await metrics())
  })
}

/** Where a worker's or scheduler's health checks listen. */
export type HealthParts = Checks & {
  readonly host: string
  readonly port: number
  readonly auth?: Credentials | undefined
}

/** The small server of HEALTH_PORT for processes that serve nothing else. */
export function healthServer({ host, port, auth, ...checks }: HealthParts): ServerService {
  const app = bareServer()
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers(SAFE_HEADERS)
  })
  addHealthRoutes(app, checks, auth)
  return serverService('the health server', app, { host, port, setting: 'HEALTH_PORT' })
}
