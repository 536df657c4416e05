import type { Config } from '../config.ts'
import type { Client } from '../job/client.ts'
import type { JobContract } from '../job/contract.ts'
import type { Emit } from '../job/events.ts'
import type { Service } from '../lifecycle/service.ts'
import { openWeb, webPlugin as plugin } from '../web/web.ts'
import { createClient, storeOf } from './client.ts'
import { emitter } from './events.ts'
import { createLogger, logEvents } from './log.ts'
import { type CommonOptions, configOf } from './options.ts'
import { livingPage } from './presence.ts'
import { seeingFaults } from './schedule-faults.ts'

/** What a page in a user's own program may be told; the environment says the rest. */
export type WebOptions = CommonOptions & {
  /** The client whose connection the page shares; without one it opens its own. */
  readonly client?: Client
  /** The path under which people reach it, where a proxy in front takes a prefix away. */
  readonly base?: string
  /** The job types that schedules may name; what living workers publish serves where none are given. */
  readonly jobs?: readonly JobContract[]
}

/** A web process: the page at `/`, and `/healthz`, `/readyz`, `/metrics`, from `start()` to `stop()`. */
export function createWeb(options: WebOptions = {}): Service & { url(): string | undefined } {
  const { client, base: _base, jobs: _jobs, ...common } = options
  const config = configOf(common)
  const own = client ?? createClient(common)
  const web = openWeb({ ...partsOf(options, own), host: config.host, port: config.port })
  let leave: (() => Promise<void>) | undefined
  const start = async (): Promise<void> => {
    await web.start()
    leave ??= livingPage(storeOf(own), config, emitOf(config, common))
  }
  const stop = async (): Promise<void> => {
    await leave?.()
    await web.stop()
    if (!client) await own.close()
  }
  return { ...web, start, stop, [Symbol.asyncDispose]: stop }
}

/** The same page as a fastify plugin: `app.register(webPlugin({ client }), { prefix: '/morrow' })`. */
export const webPlugin = (options: WebOptions = {}): ReturnType<typeof plugin> => {
  const { client, base: _base, jobs: _jobs, ...common } = options
  const own = client ?? createClient(common)
  return async (app) => {
    let leave: (() => Promise<void>) | undefined
    app.addHook('onReady', async () => {
      const config = configOf(common)
      leave = livingPage(storeOf(own), config, emitOf(config, common))
    })
    app.addHook('onClose', async () => {
      await leave?.()
      if (!client) await own.close()
    })
    await app.register(plugin(partsOf(options, own)))
  }
}

function partsOf({ client: _client, base, jobs = [], ...common }: WebOptions, client: Client) {
  const config = configOf(common)
  const store = storeOf(client)
  const see = seeingFaults(config, jobs)
  const faults = async (): Promise<readonly string[]> => see(await store())
  return { store, faults, auth: config.webAuth, base, emit: emitOf(config, common) }
}

const emitOf = (config: Config, { onEvent }: CommonOptions): Emit => emitter([logEvents(createLogger(config)), onEvent])
