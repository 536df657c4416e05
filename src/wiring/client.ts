import { openClient } from '../client/client.ts'
import type { Client } from '../job/client.ts'
import type { Connection } from '../store/connection.ts'
import { openStore, type Store } from '../store/store.ts'
import { systemClock } from '../time/system-clock.ts'
import { emitter } from './events.ts'
import { type CommonOptions, configOf, namespaceOf } from './options.ts'
import { answered, COMMAND_TIMEOUT, checkServer, dial, diallingOf } from './redis.ts'

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
export function createClient({ timeout = COMMAND_TIMEOUT, ...options }: ClientOptions = {}): Client {
  const config = configOf(options)
  const dialling = diallingOf(config)
  let opening: Promise<Store> | undefined
  let connection: Connection | undefined
  const open = async (): Promise<Store> => {
    connection = await dial(dialling, 'morrow-client')
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
    payloadLimit: config.payloadLimit,
    emit: emitter([options.onEvent]),
    release: async () => {
      await opening?.catch(() => undefined)
      await connection?.close()
    },
  })
  stores.set(client, store)
  return client
}
