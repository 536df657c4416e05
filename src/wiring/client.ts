import { openClient } from '../client/client.ts'
import { ConfigError } from '../config.ts'
import { excerpt } from '../errors.ts'
import type { Client } from '../job/client.ts'
import type { Connection } from '../store/connection.ts'
import { openStore, type Store } from '../store/store.ts'
import { systemClock } from '../time/system-clock.ts'
import { emitter } from './events.ts'
import { type CommonOptions, configOf, namespaceOf } from './options.ts'
import { answered, COMMAND_TIMEOUT, checkServer, dial, diallingOf } from './redis.ts'
import { TZ_DATA } from './version.ts'

/** What a client may be told; REDIS_URL is read from the environment unless `redisUrl` is given. */
export type ClientOptions = CommonOptions & {
  /** How long a call may take, in milliseconds; 2,000 unless said. */
  readonly timeout?: number
}

const stores = new WeakMap<Client, () => Promise<Store>>()

/** The store behind a client that was made here: a page that is mounted beside it shares its connection. */
export function storeOf(client: Client): () => Promise<Store> {
  const store = stores.get(client)
  if (!store) throw new TypeError('expected a client that createClient made, got another object')
  return store
}

/** Opens a client; it connects at its first call. Throws ConfigError when nobody said where Redis is. */
export function createClient(given: ClientOptions = {}): Client {
  const { timeout = COMMAND_TIMEOUT, ...options } = objectOf(given)
  const config = configOf(options, { names: ['timeout'], faults: timeoutFaults(timeout) })
  const dialling = diallingOf(config)
  let opening: Promise<Store> | undefined
  let connection: Connection | undefined
  const open = async (): Promise<Store> => {
    connection = await dial(dialling, 'morrow-client', timeout)
    await checkServer(connection, config)
    const store = openStore({ connection, prefix: namespaceOf(config) })
    await answered(store.space.greet())
    return store
  }
  const store = (): Promise<Store> => {
    opening ??= open().catch((error: unknown) => {
      opening = undefined
      connection?.close()
      throw error
    })
    return opening
  }
  const client = openClient({
    store,
    clock: systemClock,
    timeout,
    tz: TZ_DATA,
    payloadLimit: config.payloadLimit,
    environment: config.environment,
    emit: emitter([options.onEvent]),
    release: async () => {
      await opening?.catch(() => undefined)
      await connection?.close()
    },
  })
  stores.set(client, store)
  return client
}

/** A URL alone is a likely slip, and its letters would be taken for options. */
function objectOf(given: unknown): ClientOptions {
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return given
  throw new ConfigError([`createClient: expected options such as { redisUrl: 'redis://…' }, got a ${typeof given}`])
}

const LONGEST_TIMEOUT = 3_600_000

const timeoutFaults = (timeout: unknown): readonly string[] =>
  Number.isInteger(timeout) && Number(timeout) >= 1 && Number(timeout) <= LONGEST_TIMEOUT
    ? []
    : [`timeout: expected whole milliseconds from 1 to ${LONGEST_TIMEOUT}, got ${excerpt(timeout)}`]
