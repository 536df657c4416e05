import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { guard } from './guard.ts'
import { ask, freePort, type RedisServer, startRedis } from './redis.ts'
import { findRedisServer } from './redis-server.ts'
import { until } from './until.ts'

/** What the Sentinels call their primary. */
export const PRIMARY = 'main'

/** How a test wants its Sentinels. */
export type SentinelOptions = {
  /** How many there are, the greater half of which decides; 3 unless said. */
  readonly sentinels?: number
  /** Further lines of redis.conf for primary and replica. */
  readonly config?: readonly string[]
  /** Further lines for one of them. */
  readonly primaryConfig?: readonly string[]
  readonly replicaConfig?: readonly string[]
  /** Further lines for each Sentinel. */
  readonly sentinelConfig?: readonly string[]
  /** The port at which the primary is watched and spoken to, where it is not the usual one. */
  readonly primaryPort?: number
}

/** A primary with a replica, and real Sentinels that put the replica in its place when it is gone. */
export type Sentinels = {
  readonly primary: RedisServer
  readonly replica: RedisServer
  /** `host:port,host:port` of the Sentinels, as MORROW_REDIS_SENTINELS takes it. */
  readonly addresses: string
  readonly ports: readonly number[]
  /** Resolves once all Sentinels name that server as the primary. */
  failedOver(to: RedisServer): Promise<void>
  stop(): Promise<void>
}

/** Starts primary, replica and Sentinels, which take a primary for dead after half a second; answers once all know each other. */
export async function startSentinels(options: SentinelOptions = {}): Promise<Sentinels> {
  const { sentinels: count = 3, config = [], primaryConfig = [], replicaConfig = [], sentinelConfig = [] } = options
  const nodes = ['repl-diskless-sync-delay 0', ...config]
  const primary = await startRedis({ config: [...nodes, ...primaryConfig] })
  const watched = options.primaryPort ?? primary.port
  const replica = await startRedis({ config: [...nodes, ...replicaConfig, `replicaof 127.0.0.1 ${watched}`] })
  await until('the replica has the data', async () => (await info(replica)).includes('master_link_status:up'))
  const lines = [...watching(watched, Math.floor(count / 2) + 1), ...sentinelConfig]
  const sentinels = await Promise.all(Array.from({ length: count }, () => startSentinel(lines)))
  const ports = sentinels.map(({ port }) => port)
  const known = `address=127.0.0.1:${watched},slaves=1,sentinels=${count}`
  for (const port of ports) {
    await until('the Sentinels to know each other', async () => (await ask(port, 'INFO sentinel')).includes(known))
  }
  return {
    primary,
    replica,
    ports,
    addresses: ports.map((port) => `127.0.0.1:${port}`).join(','),
    failedOver: async (to) => {
      const named = `address=127.0.0.1:${to.port},`
      for (const port of ports) {
        await until('the failover', async () => (await ask(port, 'INFO sentinel')).includes(named), 30_000)
      }
    },
    stop: async () => {
      await Promise.all([...sentinels, replica, primary].map((each) => each.stop()))
    },
  }
}

const info = (server: RedisServer): Promise<string> => ask(server.port, 'INFO replication')

const watching = (port: number, quorum: number): readonly string[] => [
  `sentinel monitor ${PRIMARY} 127.0.0.1 ${port} ${quorum}`,
  `sentinel down-after-milliseconds ${PRIMARY} 500`,
  `sentinel failover-timeout ${PRIMARY} 1000`,
]

type Sentinel = { readonly port: number; stop(): Promise<void> }

/** A Sentinel keeps what it learns in its own file, so it takes none from a pipe. */
async function startSentinel(lines: readonly string[]): Promise<Sentinel> {
  const directory = mkdtempSync(join(tmpdir(), 'morrow-sentinel-'))
  const file = join(directory, 'sentinel.conf')
  const port = await freePort()
  writeFileSync(file, [`port ${port}`, 'bind 127.0.0.1', `dir ${directory}`, 'logfile log', ...lines, ''].join('\n'))
  const path = findRedisServer()
  if (path === undefined) throw new Error('expected a redis-server of version 7 or newer on this machine, found none')
  const child = spawn(path, [file, '--sentinel'], { cwd: directory, stdio: 'ignore', detached: true })
  child.unref()
  await once(child, 'spawn')
  child.once('exit', guard(child.pid ?? 0, directory))
  await until('the Sentinel to answer', async () => (await ask(port, 'PING').catch(() => '')).startsWith('+PONG'))
  // They ask and tell each other more often than the usual 10 s and 2 s, so that a test need not wait for them.
  await ask(port, 'SENTINEL DEBUG info-period 200 publish-period 100 ask-period 100')
  return { port, stop: () => stop(child, directory) }
}

async function stop(child: ChildProcess, directory: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    child.ref()
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
  rmSync(directory, { recursive: true, force: true })
}
