import { Cluster, Redis, type RedisOptions } from 'ioredis'
import { faultOf, RedisUnsuitableError } from './errors.ts'
import type { Reply, ScriptText } from './reply.ts'
import { enforcePin, type TlsChoice, tlsFor } from './tls.ts'

/** Where Redis is. */
export type RedisSettings =
  | { readonly kind: 'standalone'; readonly url: string; readonly tls: TlsChoice }
  | {
      readonly kind: 'sentinel'
      readonly sentinels: readonly { readonly host: string; readonly port: number }[]
      readonly name: string
      readonly url: string | undefined
      readonly tls: TlsChoice
    }
  | { readonly kind: 'cluster'; readonly urls: readonly string[]; readonly tls: TlsChoice }

/** One connection to Redis, or to a cluster of them; the only thing that touches the client library. */
export type Connection = {
  evalsha(sha: string, keys: number, values: readonly string[]): Promise<Reply>
  evalshaBuffer(sha: string, keys: number, values: readonly string[]): Promise<Reply>
  eval(script: ScriptText, keys: number, values: readonly string[]): Promise<Reply>
  evalBuffer(script: ScriptText, keys: number, values: readonly string[]): Promise<Reply>
  /** Runs `send`; what it sends in one turn leaves in one piece, so that each side wakes once for it. */
  together<Sent>(send: () => Sent): Sent
  command(name: string, ...values: readonly (string | number)[]): Promise<Reply>
  /** Calls `hear` with channel and message for every channel that matches; survives reconnects. */
  listen(pattern: string, hear: (channel: string, message: string) => void): Promise<void>
  ready(): boolean
  /** Calls back at each connect, the first one included; answers how to stop that. */
  onReady(call: () => void): () => void
  onLost(call: (error: Error | undefined) => void): () => void
  /** Opens the connection; rejects when the first attempt fails. */
  connect(): Promise<void>
  /** Drops the socket and connects anew: for one that is open but answers no more. */
  reset(): void
  close(): Promise<void>
}

/** What a connection is for, and how long one command may take. */
export type ConnectionRole = { readonly name: string; readonly timeout: number; readonly flagless?: boolean }

/** A connection that sends nothing twice by itself and queues nothing: every repeat is decided by the store. */
export function createConnection(settings: RedisSettings, role: ConnectionRole): Connection {
  const redis = dial(settings, role)
  // Every queue's line listens for reconnects: eleven are no leak.
  redis.setMaxListeners(0)
  let lastError: Error | undefined
  redis.on('error', (error: Error) => {
    // What is said of a socket that has been destroyed is never the reason why it was.
    if (faultOf(error).kind !== 'unsent') lastError = error
  })
  const textOf = (script: ScriptText): string => (role.flagless ? script.flagless : script.text)
  return {
    evalsha: (sha, keys, values) => redis.call('EVALSHA', [sha, String(keys), ...values]) as Promise<Reply>,
    evalshaBuffer: (sha, keys, values) => redis.callBuffer('EVALSHA', [sha, String(keys), ...values]) as Promise<Reply>,
    eval: (script, keys, values) => redis.call('EVAL', [textOf(script), String(keys), ...values]) as Promise<Reply>,
    evalBuffer: (script, keys, values) =>
      redis.callBuffer('EVAL', [textOf(script), String(keys), ...values]) as Promise<Reply>,
    together: (send) => together(redis instanceof Redis ? redis.stream : undefined, send),
    command: (name, ...values) => redis.call(name, values.map(String)) as Promise<Reply>,
    listen: async (pattern, hear) => {
      redis.on('pmessage', (_pattern: string, channel: string, message: string) => hear(channel, message))
      await redis.psubscribe(pattern)
    },
    ready: () => redis.status === 'ready',
    onReady: (call) => {
      redis.on('ready', call)
      if (redis.status === 'ready') call()
      return () => redis.off('ready', call)
    },
    onLost: (call) => {
      const lost = (): void => call(lastError)
      redis.on('close', lost)
      return () => redis.off('close', lost)
    },
    connect: () => firstConnect(redis, () => lastError),
    reset: () => redis.disconnect(true),
    close: async () => {
      redis.disconnect()
    },
  }
}

/** A cork that is not drawn again would hold everything back, so it is drawn whatever happens. */
function together<Sent>(stream: Redis['stream'] | undefined, send: () => Sent): Sent {
  stream?.cork()
  try {
    return send()
  } finally {
    stream?.uncork()
  }
}

async function firstConnect(redis: Redis | Cluster, lastError: () => Error | undefined): Promise<void> {
  try {
    await redis.connect()
  } catch (error) {
    redis.disconnect()
    throw lastError() ?? error
  }
}

/** The library's option types do not compile under exactOptionalPropertyTypes; their names are checked by RedisOptions above. */
const Standalone = Redis as unknown as new (...given: readonly unknown[]) => Redis
const Clustered = Cluster as unknown as new (...given: readonly unknown[]) => Cluster

function dial(settings: RedisSettings, role: ConnectionRole): Redis | Cluster {
  const options = optionsFor(role)
  const { tls } = settings
  switch (settings.kind) {
    case 'standalone':
      return enforcePin(new Standalone(standalone(settings.url), { ...options, ...tlsFor(settings.url, tls) }), tls)
    case 'sentinel': {
      const url = settings.url ?? ''
      const primary = {
        sentinels: settings.sentinels.map(({ host, port }) => ({ host, port })),
        name: settings.name,
        enableTLSForSentinelMode: url.startsWith('rediss:'),
      }
      return enforcePin(new Standalone({ ...options, ...primary, ...credentials(url), ...tlsFor(url, tls) }), tls)
    }
    case 'cluster': {
      const [url = ''] = settings.urls
      if (tls.kind === 'pin') throw new RedisUnsuitableError(NO_PIN)
      return new Clustered([...settings.urls], {
        lazyConnect: true,
        enableOfflineQueue: false,
        slotsRefreshInterval: 5000,
        clusterRetryStrategy: (attempt: number) => Math.min(100 * attempt, 2000),
        // Nodes that are found later come without user and password: these hold for all.
        redisOptions: { ...options, ...credentials(url), ...tlsFor(url, tls) },
      })
    }
  }
}

function optionsFor(role: ConnectionRole): RedisOptions {
  let leaving = false
  return {
    // RESP2 on every release of the library and every server: the same reply to the same command.
    protocol: 2,
    lazyConnect: true,
    connectionName: role.name,
    autoResendUnfulfilledCommands: false,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: role.timeout,
    connectTimeout: 3000,
    // A socket that answers no more does not answer a goodbye either.
    disconnectTimeout: 100,
    keepAlive: 5000,
    noDelay: true,
    disableClientInfo: true,
    retryStrategy: (attempt) => {
      leaving = false
      return Math.min(50 * 2 ** Math.min(attempt - 1, 10), 2000) + Math.random() * 100
    },
    // Many calls may hear of a failover at once; one of them is enough to look for the new primary.
    reconnectOnError: ({ message }) => {
      if (leaving || !/^(READONLY|MASTERDOWN)/.test(message)) return false
      leaving = true
      return 1
    },
  }
}

/** The client library opens connections of its own in a cluster, on which a pin could not be enforced before the password goes. */
const NO_PIN =
  'expected MORROW_REDIS_TLS to be verify, insecure or ca:PATH, got pin: each node of a cluster has a certificate of its own; use ca:PATH'

const standalone = (url: string): string => url.replace(/^unix:\/\//, '')

function credentials(url: string): RedisOptions {
  if (url === '') return {}
  const { username, password, pathname } = new URL(url)
  return {
    ...(username ? { username: decodeURIComponent(username) } : {}),
    ...(password ? { password: decodeURIComponent(password) } : {}),
    ...(pathname.length > 1 ? { db: Number(pathname.slice(1)) } : {}),
  }
}
