import { Cluster, Redis } from 'ioredis'
import { dropSilentNodes, readinessOf, timesOf } from './cluster-nodes.ts'
import { type ConnectionRole, dial, type RedisSettings } from './dial.ts'
import { faultOf } from './errors.ts'
import type { Reply, ScriptText } from './reply.ts'

export type { ConnectionRole, RedisSettings } from './dial.ts'

/** One connection to Redis, or to a cluster of them; the only thing that touches the client library. */
export type Connection = {
  evalsha(sha: string, keys: number, values: readonly string[]): Promise<Reply>
  evalshaBuffer(sha: string, keys: number, values: readonly string[]): Promise<Reply>
  eval(script: ScriptText, keys: number, values: readonly string[]): Promise<Reply>
  evalBuffer(script: ScriptText, keys: number, values: readonly string[]): Promise<Reply>
  /** Runs `send`; what it sends in one turn leaves in one piece, so that each side wakes once for it. */
  together<Sent>(send: () => Sent): Sent
  command(name: string, ...values: readonly (string | number)[]): Promise<Reply>
  /** What time it is at each server in use, by its address. */
  times(): Promise<ReadonlyMap<string, number>>
  /** Calls `hear` with channel and message for every channel that matches; survives reconnects. */
  listen(pattern: string, hear: (channel: string, message: string) => void): Promise<void>
  ready(): boolean
  /** Calls back at each connect, the first one included, and when a lost node of a cluster is back; answers how to stop that. */
  onReady(call: () => void): () => void
  onLost(call: (error: Error | undefined) => void): () => void
  /** Opens the connection; rejects when the first attempt fails. */
  connect(): Promise<void>
  /** Drops the socket and connects anew, as a call that timed out does; in a cluster, those of silent nodes only. */
  reset(): void
  close(): Promise<void>
}

/** A connection that sends nothing twice by itself and queues nothing: every repeat is decided by the store. */
export function createConnection(settings: RedisSettings, role: ConnectionRole): Connection {
  const redis = dial(settings, role)
  // Every queue's line listens for the end: eleven are no leak.
  redis.setMaxListeners(0)
  const lastError = errorsOf(redis)
  const onReady = readinessOf(redis)
  const textOf = (script: ScriptText): string => (role.flagless ? script.flagless : script.text)
  const { call, callBuffer, reset } = sendingOf(redis)
  return {
    evalsha: (sha, keys, values) => call('EVALSHA', [sha, String(keys), ...values]),
    evalshaBuffer: (sha, keys, values) => callBuffer('EVALSHA', [sha, String(keys), ...values]),
    eval: (script, keys, values) => call('EVAL', [textOf(script), String(keys), ...values]),
    evalBuffer: (script, keys, values) => callBuffer('EVAL', [textOf(script), String(keys), ...values]),
    together: (send) => together(redis instanceof Redis ? redis.stream : undefined, send),
    command: (name, ...values) => call(name, values.map(String)),
    times: () => timesOf(redis, (command) => call(command, [])),
    listen: async (pattern, hear) => {
      redis.on('pmessage', (_pattern: string, channel: string, message: string) => hear(channel, message))
      await redis.psubscribe(pattern)
      // One that fails is tried again at the next connect.
      redis.on('ready', () => void redis.psubscribe(pattern).catch(() => undefined))
    },
    ready: () => redis.status === 'ready',
    onReady,
    onLost: (tell) => {
      const lost = (): void => tell(lastError())
      redis.on('close', lost)
      return () => redis.off('close', lost)
    },
    connect: () => firstConnect(redis, lastError).catch((error) => rethrow(settings, role, error)),
    reset,
    close: async () => {
      redis.disconnect()
    },
  }
}

type Sending = {
  call(name: string, values: string[]): Promise<Reply>
  callBuffer(name: string, values: string[]): Promise<Reply>
  reset(): void
}

/** How commands are sent: at once or not at all, and with an eye on sockets that answer no more. */
function sendingOf(redis: Redis | Cluster): Sending {
  const reset = (): void => {
    if (redis instanceof Redis) redis.disconnect(true)
    else void dropSilentNodes(redis)
  }
  // A reply that does not come in time casts doubt on the socket: a host that vanished says no goodbye.
  const doubt = (error: unknown): void => {
    if (error instanceof Error && error.message === TIMED_OUT && redis.status === 'ready') reset()
  }
  const watched = (sent: Promise<unknown>): Promise<Reply> => {
    sent.catch(doubt)
    return sent as Promise<Reply>
  }
  const call = (name: string, values: string[]): Promise<Reply> =>
    isUnconnected(redis) ? unsent() : watched(redis.call(name, values))
  const callBuffer = (name: string, values: string[]): Promise<Reply> =>
    isUnconnected(redis) ? unsent() : watched(redis.callBuffer(name, values))
  return { call, callBuffer, reset }
}

/** What the library says when no reply came within `commandTimeout`. */
const TIMED_OUT = 'Command timed out'

/** A cluster would keep what it cannot send for later, or refuse it in words of its own. */
const isUnconnected = (redis: Redis | Cluster): boolean => redis instanceof Cluster && redis.status !== 'ready'

const unsent = (): Promise<never> => Promise.reject(new Error("the cluster isn't writeable: not connected"))

/** Remembers the latest reason why there is no connection. */
function errorsOf(redis: Redis | Cluster): () => Error | undefined {
  let last: Error | undefined
  redis.on('error', (error: Error & { readonly lastNodeError?: Error | null }) => {
    // What is said of a socket that has been destroyed is never the reason why it was.
    if (faultOf(error).kind !== 'unsent') last = error.lastNodeError ?? error
  })
  return () => last
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

/** Rejects with the first error, also where the library would go on trying for ever. */
async function firstConnect(redis: Redis | Cluster, lastError: () => Error | undefined): Promise<void> {
  let failed: (error: Error) => void = () => undefined
  const failing = new Promise<never>((_, reject) => {
    failed = reject
  })
  const closed = (): void => failed(new Error(CLOSED))
  redis.once('error', failed)
  redis.once('close', closed)
  try {
    await Promise.race([redis.connect(), failing])
  } catch (error) {
    redis.disconnect()
    throw lastError() ?? error
  } finally {
    redis.off('error', failed)
    redis.off('close', closed)
  }
}

const CLOSED = 'Connection is closed.'

/** Says what keeps us from Redis: of a cluster, the library tells only that no node could be reached. */
async function rethrow(settings: RedisSettings, role: ConnectionRole, error: unknown): Promise<never> {
  if (settings.kind !== 'cluster') throw settledOn(error)
  for (const url of settings.urls) {
    const node = createConnection({ kind: 'standalone', url, tls: settings.tls }, role)
    try {
      await node.connect()
    } finally {
      await node.close()
    }
  }
  const said = error instanceof Error && error.message !== CLOSED
  throw said
    ? error
    : new Error('its nodes answer, but form no cluster that serves: see CLUSTER INFO and CLUSTER SLOTS')
}

/** The library would have gone on asking Sentinels, and says so. */
function settledOn(error: unknown): unknown {
  if (!(error instanceof Error) || !error.message.includes(RETRYING)) return error
  return new Error(error.message.replace(/ Retrying from scratch after \d+ms\./, ''), { cause: error })
}

const RETRYING = ' Retrying from scratch after '
