import { Cluster, Redis, type RedisOptions } from 'ioredis'
import { RedisUnsuitableError } from './errors.ts'
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

/** What a connection is for, and how long one command may take. */
export type ConnectionRole = { readonly name: string; readonly timeout: number; readonly flagless?: boolean }

/** The library's option types do not compile under exactOptionalPropertyTypes; their names are checked by RedisOptions above. */
const Standalone = Redis as unknown as new (...given: readonly unknown[]) => Redis
const Clustered = Cluster as unknown as new (...given: readonly unknown[]) => Cluster

/** A client of the library, not connected yet, that sends nothing twice by itself. */
export function dial(settings: RedisSettings, role: ConnectionRole): Redis | Cluster {
  // Sentinels tell who the primary is now, and asking them costs little.
  const options = optionsFor(role, settings.kind === 'sentinel' ? 500 : 2000)
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
        // A frozen Sentinel takes the question and says nothing.
        sentinelCommandTimeout: Math.min(1000, role.timeout),
      }
      return enforcePin(new Standalone({ ...options, ...primary, ...credentials(url), ...tlsFor(url, tls) }), tls)
    }
    case 'cluster': {
      const [url = ''] = settings.urls
      if (tls.kind === 'pin') throw new RedisUnsuitableError(NO_PIN)
      return new Clustered([...settings.urls], {
        lazyConnect: true,
        slotsRefreshInterval: 5000,
        clusterRetryStrategy: (attempt: number) => Math.min(100 * attempt, 2000),
        // What was sent to a node that went away may have been carried out: the store decides whether to send it again.
        retryDelayOnFailover: 0,
        retryDelayOnClusterDown: 0,
        // Certificates name hosts.
        ...(url.startsWith('rediss:') ? { dnsLookup: asItIs } : {}),
        // Nodes that are found later come without user and password: these hold for all.
        redisOptions: { ...options, ...credentials(url), ...tlsFor(url, tls), reconnectOnError: null },
      })
    }
  }
}

const asItIs = (host: string, done: (error: null, host: string) => void): void => done(null, host)

/** The options of every connection; `longest` is the longest wait before another attempt to connect, in milliseconds. */
function optionsFor(role: ConnectionRole, longest: number): RedisOptions {
  let leaving = false
  return {
    // RESP2 on every release of the library and every server: the same reply to the same command.
    protocol: 2,
    lazyConnect: true,
    connectionName: role.name,
    autoResendUnfulfilledCommands: false,
    enableOfflineQueue: false,
    // Its own way to subscribe again ends the process when the connection goes in that moment: nobody hears the refusal.
    autoResubscribe: false,
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
      return Math.min(50 * 2 ** Math.min(attempt - 1, 10), longest) + Math.random() * 100
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
