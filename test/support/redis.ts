import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { guard } from './guard.ts'
import { obtainRedisServer } from './redis-server.ts'

/** How a test wants its own server; nothing said is in memory only, never evicting. */
export type RedisServerOptions = {
  /** Keep every write on disk (`appendfsync always`), so that a killed server comes back with all it acknowledged. */
  readonly appendOnly?: boolean
  /** Further lines of redis.conf, such as `maxmemory 8mb` or `requirepass secret`. */
  readonly config?: readonly string[]
  /** The executable; else the one that is found on this machine. */
  readonly path?: string
}

/** A real Redis server that belongs to the test that started it; it ends with this process at the latest. */
export type RedisServer = {
  readonly url: string
  readonly port: number
  /** The path of the unix socket. */
  readonly socket: string
  readonly directory: string
  /** The id of the running process; another one after a restart. */
  readonly pid: number
  /** Ends it kindly and removes its folder. */
  stop(): Promise<void>
  /** Sends a signal (SIGKILL unless said) and, when that ends the process, waits until it has ended. SIGSTOP freezes it. */
  kill(signal?: NodeJS.Signals): Promise<void>
  /** Starts it again on the same port, socket and folder, after ending it if it still runs. */
  restart(): Promise<void>
}

/** A key prefix that no other test uses. */
export const freePrefix = (): string => `t${randomBytes(6).toString('hex')}`

let own: Promise<RedisServer> | undefined
const ownServer = (): Promise<RedisServer> => {
  own ??= startRedis()
  return own
}

/** The URL of the server that all tests of a run share; a test file that runs alone starts one for itself. */
export async function testRedisUrl(): Promise<string> {
  return process.env['MORROW_TEST_REDIS'] ?? (await ownServer()).url
}

/** The unix socket of the server that all tests of a run share. */
export async function testRedisSocket(): Promise<string> {
  return process.env['MORROW_TEST_REDIS_SOCKET'] ?? (await ownServer()).socket
}

/** Starts a private server on loopback and a unix socket in a temporary folder, and answers once it serves. */
export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const path = options.path ?? requireServer()
  const directory = mkdtempSync(join(tmpdir(), 'morrow-redis-'))
  const lines = [...defaults(options.appendOnly === true), ...(options.config ?? [])]
  const [port, child] = await launchOnFreePort(path, directory, lines)
  return ownedServer(path, directory, lines, port, child)
}

function ownedServer(
  path: string,
  directory: string,
  lines: readonly string[],
  port: number,
  first: ChildProcess,
): RedisServer {
  let child = first
  const ended = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.ref()
    await once(child, 'exit')
  }
  const kill = async (signal: NodeJS.Signals = 'SIGKILL'): Promise<void> => {
    child.kill(signal)
    if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') await ended()
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    socket: join(directory, 'redis.sock'),
    directory,
    get pid() {
      return child.pid ?? 0
    },
    kill,
    stop: async () => {
      child.kill('SIGCONT')
      await kill('SIGTERM')
      rmSync(directory, { recursive: true, force: true })
    },
    restart: async () => {
      await kill('SIGKILL')
      child = await launch(path, directory, lines, port)
    },
  }
}

const defaults = (appendOnly: boolean): readonly string[] => [
  'bind 127.0.0.1',
  'daemonize no',
  'save ""',
  'maxmemory-policy noeviction',
  'logfile redis.log',
  'unixsocket redis.sock',
  ...(appendOnly ? ['appendonly yes', 'appendfsync always'] : ['appendonly no']),
]

function requireServer(): string {
  const server = obtainRedisServer((line) => process.stderr.write(`${line}\n`))
  if (server.kind === 'found') return server.path
  throw new Error(`expected a redis-server of version 7 or newer on this machine, found none; type: ${server.line}`)
}

async function launchOnFreePort(
  path: string,
  directory: string,
  lines: readonly string[],
): Promise<[number, ChildProcess]> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    try {
      return [port, await launch(path, directory, lines, port)]
    } catch (error) {
      // Another process may take the port between our asking and the server's binding.
      if (attempt === 5) throw error
    }
  }
}

async function launch(path: string, directory: string, lines: readonly string[], port: number): Promise<ChildProcess> {
  const child = spawn(path, ['-'], { cwd: directory, stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  child.unref()
  child.stdin?.on('error', () => undefined)
  child.stdin?.end([...lines, `port ${port}`, ''].join('\n'))
  await once(child, 'spawn')
  const dismiss = guard(child.pid ?? 0, directory)
  child.once('exit', dismiss)
  for (let attempt = 1; ; attempt++) {
    const reply = await ask(port, 'PING').catch(() => '')
    if (/^(\+PONG|-NOAUTH|-DENIED)/.test(reply) && child.exitCode === null) return child
    if (child.exitCode !== null || attempt > 3_000) throw new Error(`redis-server did not start:\n${log(directory)}`)
    await pause(5)
  }
}

function log(directory: string): string {
  try {
    return readFileSync(join(directory, 'redis.log'), 'utf8').slice(-2_000)
  } catch {
    return '(it wrote no log)'
  }
}

/**
 * A port of the loopback interface on which nobody listens. It lies below those that the system gives to outgoing
 * connections: one of these would take it before the server does that it is meant for.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_240 + Math.floor(Math.random() * 22_000)
    const server = createServer()
    const free = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
    })
    if (free) return port
  }
}

/** Sends one inline command on a connection of its own and answers the raw reply. */
export async function ask(port: number, line: string): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1' })
  try {
    socket.setTimeout(2_000, () => socket.destroy(new Error(`no reply to ${line} within 2 s`)))
    socket.write(`${line}\r\n`)
    let reply = ''
    for await (const chunk of socket) {
      reply += String(chunk)
      if (isComplete(reply)) break
    }
    return reply
  } finally {
    socket.destroy()
  }
}

function isComplete(reply: string): boolean {
  const end = reply.indexOf('\r\n')
  if (end < 0) return false
  const size = reply.startsWith('$') ? Number(reply.slice(1, end)) : -1
  return size < 0 || reply.length >= end + 4 + size
}
