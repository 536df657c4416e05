import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Emit } from '../job/events.ts'
import { errorOf, faultOf, LayoutNewerError, RedisUnavailableError } from '../store/errors.ts'
import type { Store } from '../store/store.ts'
import type { Credentials } from './access.ts'
import { assetsByName } from './assets.ts'
import { addHealthRoutes, type Checks, checksOf } from './health.ts'
import { type Overview, readOverview } from './overview.ts'
import { overviewPage, plainPage } from './page.ts'
import { admit, bareServer, SAFE_HEADERS, type ServerService, serverService } from './server.ts'
import { shared } from './shared.ts'

/** What the page is made of, wherever it is mounted. */
export type PluginParts = {
  /** Opens the store at the first request, and answers the same one again; a rejection is a page that says so. */
  readonly store: () => Promise<Store>
  /** Asked for by HTTP Basic; without them the page is for this machine only. */
  readonly auth?: Credentials | undefined
  /** The path under which people reach it, where a proxy in front takes a prefix away; where it is mounted unless said. */
  readonly base?: string | undefined
  readonly emit: Emit
  /** The usual ones unless given. */
  readonly checks?: Checks | undefined
  /** What is wrong with the schedule files; the page says it. */
  readonly faults?: (() => Promise<readonly string[]>) | undefined
}

/** The web process: where it listens, and what it shows. */
export type WebParts = PluginParts & { readonly host: string; readonly port: number }

/** The web process as a service: the page at `/`, and the health checks. */
export function openWeb({ host, port, ...parts }: WebParts): ServerService {
  const app = bareServer()
  app.addHook('onRequest', async ({ headers }, reply) => {
    reply.headers(SAFE_HEADERS)
    if (headers['x-forwarded-proto'] === 'https') reply.header('Strict-Transport-Security', 'max-age=31536000')
  })
  app.register(webPlugin(parts))
  app.setNotFoundHandler({ preHandler: guard(parts.auth) }, (_request, reply) => {
    reply.code(404).type('text/plain; charset=utf-8').send('There is no such page; the only one is at /\n')
  })
  return serverService('the web process', app, { host, port, setting: 'PORT' })
}

/** The same as a fastify plugin: `app.register(webPlugin(parts), { prefix: '/morrow' })`. */
export const webPlugin =
  (parts: PluginParts) =>
  async (app: FastifyInstance): Promise<void> => {
    const base = (parts.base ?? app.prefix).replace(/\/+$/, '')
    const page = pageOf(parts, base)
    const admits = guard(parts.auth)
    app.addHook('onRequest', async (_request, reply) => {
      reply.headers(SAFE_HEADERS)
    })
    addHealthRoutes(app, parts.checks ?? checksOf(parts), parts.auth)
    app.get('/', { preHandler: admits }, async (_request, reply) => {
      const { code, body } = await page()
      // What is wrong for now is asked again by the browser itself, with or without scripts.
      if (code === 503) reply.headers({ 'Retry-After': '5', Refresh: '5' })
      return reply.code(code).type('text/html; charset=utf-8').send(body)
    })
    app.get<{ Params: { name: string } }>('/assets/:name', { preHandler: admits }, (request, reply) => {
      const asset = assetsByName.get(request.params.name)
      if (asset === undefined) return reply.code(404).type('text/plain; charset=utf-8').send('There is no such file.\n')
      return reply.header('Cache-Control', 'private, max-age=31536000, immutable').type(asset.type).send(asset.body)
    })
  }

type Admitting = (request: Parameters<typeof admit>[0], reply: FastifyReply, done: (error?: Error) => void) => void

/** Lets through whoever may look; the others have been answered when it does not go on. */
const guard =
  (auth: Credentials | undefined): Admitting =>
  (request, reply, done) => {
    if (admit(request, reply, auth)) done()
  }

type Answer = { readonly code: number; readonly body: string }

function pageOf({ store, faults, emit }: PluginParts, base: string): () => Promise<Answer> {
  const overview = shared(async (): Promise<[Overview, readonly string[]]> => {
    const [read, wrong] = await Promise.all([store().then(readOverview), faults?.() ?? []])
    return [read, wrong]
  })
  return async () => {
    try {
      const [read, wrong] = await overview()
      return { code: 200, body: overviewPage(read, { base, faults: wrong }) }
    } catch (thrown) {
      const error = isBug(thrown) ? thrown : errorOf(faultOf(thrown))
      emit({ kind: 'error', doing: 'showing the page', error })
      return excuse(error, base)
    }
  }
}

/** What no Redis is to blame for. */
const isBug = (thrown: unknown): boolean =>
  thrown instanceof TypeError || thrown instanceof RangeError || thrown instanceof SyntaxError

/** Redis' own words stay in the log: they may hold an address, a user, or a command with what it was about. */
function excuse(error: unknown, base: string): Answer {
  if (isBug(error))
    return { code: 500, body: plainPage(base, 'This page could not be made', 'The log of this process says why.') }
  if (error instanceof LayoutNewerError)
    return { code: 503, body: plainPage(base, 'A newer release is at work here', error.message) }
  const [title, text] =
    error instanceof RedisUnavailableError
      ? ['Redis does not answer', 'This page comes back by itself when Redis does; jobs that are stored wait there.']
      : ['Redis cannot be used', 'It refuses this process, or is none that Morrow can run on. Which it is, says:']
  return { code: 503, body: plainPage(base, title, text, 'morrow doctor') }
}
