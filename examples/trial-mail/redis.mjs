// Finds a Redis for the example, in this order: REDIS_URL, a server on this machine, an embedded one. Never one that
// merely happens to listen on localhost:6379: it may hold somebody's data.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { root } from '../../test/setup.mjs'

const EMBEDDED = { name: 'js-redis-server', version: '0.3.0' }
/** Paths of sockets may have no more characters than this on any system that we know. */
const LONGEST_SOCKET = 100
const REFUSALS = new Set([69, 77, 78])

/**
 * A Redis to run on: its variables, a sentence that says which one it is, and how to stop it. Ends in `{ code, text }`
 * when there is none. `REDIS_URL` that does not answer is an error: nothing else is tried.
 */
export async function findRedis(environment, data, say) {
  if (environment.REDIS_URL) return given(environment)
  const embedded = environment.TRIAL_MAIL_REDIS === 'embedded'
  const { findRedisServer, obtainRedisServer } = await serverFinder()
  const path = embedded ? undefined : findRedisServer([])
  if (path !== undefined) return privateServer(path, join(data, 'redis'))
  const own = await embeddedServer(join(data, 'embedded'), say)
  if (own !== undefined) return own
  const obtained = obtainRedisServer(say)
  if (obtained.kind === 'found') return privateServer(obtained.path, join(data, 'redis'))
  return refused(69, `Morrow needs a Redis, and found none on this machine. Type:\n  ${obtained.line}`)
}

const refused = (code, text) => ({ kind: 'refused', code, text })

/** What the tests use to find a server, or to install one where that needs no question. */
async function serverFinder() {
  const { tsImport } = await import('tsx/esm/api')
  return tsImport('../../test/support/redis-server.ts', import.meta.url)
}

/** REDIS_URL as Morrow itself reads it, with TLS and passwords. */
function given(environment) {
  const cli = [join(root, 'dist/cli/main.js'), 'status', '--json']
  const { status, stderr } = spawnSync(process.execPath, cli, { cwd: root, env: environment, encoding: 'utf8' })
  if (REFUSALS.has(status)) return refused(status, `REDIS_URL is set, so nothing else is tried:\n${stderr.trim()}`)
  return {
    kind: 'found',
    variables: { REDIS_URL: environment.REDIS_URL },
    text: 'Redis: REDIS_URL',
    stop: async () => {},
  }
}

/** A server of our own on a unix socket, which keeps what it is told; one that a killed start has left behind is used again. */
async function privateServer(path, folder) {
  mkdirSync(folder, { recursive: true })
  const socket = socketIn(folder)
  const variables = { REDIS_URL: `unix://${socket}` }
  const text = `Redis: ${path}, private, on ${socket}; it keeps its data in ${folder}`
  if (await answers(socket))
    return { kind: 'found', variables, text: `${text}, and ran already`, stop: () => shutDown(socket) }
  rmSync(socket, { force: true })
  const child = spawn(path, ['-'], { cwd: folder, stdio: ['pipe', 'ignore', 'inherit'], detached: true })
  child.stdin.end(
    [
      'port 0',
      `unixsocket "${socket}"`,
      'unixsocketperm 700',
      'appendonly yes',
      'save ""',
      'maxmemory-policy noeviction',
      'daemonize no',
      'logfile redis.log',
      '',
    ].join('\n'),
  )
  return started(child, socket, variables, text, join(folder, 'redis.log'))
}

/** A server in JavaScript, in a process and a dependency tree of its own; undefined when it cannot be installed. */
async function embeddedServer(folder, say) {
  const installed = join(folder, 'node_modules', EMBEDDED.name, 'package.json')
  if (!existsSync(installed) && !installEmbedded(folder, say)) return undefined
  const socket = socketIn(folder)
  rmSync(socket, { force: true })
  const script = join(root, 'examples/trial-mail/embedded-redis.mjs')
  const child = spawn(process.execPath, [script, folder, socket], {
    stdio: ['pipe', 'ignore', 'inherit'],
    detached: true,
  })
  const variables = { REDIS_URL: `unix://${socket}`, MORROW_REDIS_FLAGLESS: '1' }
  const text = `Redis: ${EMBEDDED.name} ${EMBEDDED.version}, embedded, on ${socket}\nIT LIVES IN MEMORY: jobs are lost when this ends. For more than a look, install redis-server and start again.`
  return started(child, socket, variables, text)
}

function installEmbedded(folder, say) {
  say(`no redis-server on PATH: installing ${EMBEDDED.name} under ${folder}`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
  const wanted = ['install', `${EMBEDDED.name}@${EMBEDDED.version}`, '--save-exact']
  const quiet = ['--omit=peer', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  return spawnSync('npm', [...wanted, ...quiet], { cwd: folder, stdio: ['ignore', 2, 2] }).status === 0
}

async function started(child, socket, variables, text, log) {
  const failed = once(child, 'error').then(([error]) => error)
  for (let attempt = 0; attempt < 500; attempt++) {
    if (await answers(socket)) return { kind: 'found', variables, text, pid: child.pid, stop: watched(child) }
    const error = await Promise.race([failed, pause(20)])
    if (error !== undefined || child.exitCode !== null) break
  }
  await stop(child)
  const said = log !== undefined && existsSync(log) ? readFileSync(log, 'utf8').slice(-1_000) : ''
  return refused(69, `The Redis server did not start (exit code ${child.exitCode}).\n${said}`)
}

/** Says when a server ends that should not; answers how to stop it. */
function watched(child) {
  const tell = (code, signal) => {
    console.error(`The Redis server has ended (${signal ?? `exit code ${code}`}): press Ctrl-C, and start again`)
  }
  child.once('exit', tell)
  return () => {
    child.off('exit', tell)
    return stop(child)
  }
}

async function stop(child) {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}

/** Ends a server that is not a child of this process; resolves when nobody listens on its socket any more. */
async function shutDown(socket) {
  const connection = connect(socket).on('error', () => {})
  connection.end('SHUTDOWN\r\n')
  for (let attempt = 0; attempt < 500 && (await isOpen(socket)); attempt++) await pause(20)
}

/** Where a socket of a folder is: in it, or where that path is too long, in a folder of this user among temporary files. */
export function socketIn(folder, name = 'redis') {
  const path = join(folder, `${name}.sock`)
  if (Buffer.byteLength(path) <= LONGEST_SOCKET) return path
  const short = join(tmpdir(), `morrow-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`)
  mkdirSync(short, { recursive: true, mode: 0o700 })
  const { uid, mode } = lstatSync(short)
  if (uid === process.getuid?.() && (mode & 0o077) === 0) return join(short, `${name}.sock`)
  throw new Error(`expected ${short} to belong to this user alone; remove it, or use a folder with a shorter path`)
}

/** Whether somebody listens on a socket. */
export function isOpen(path) {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy()
      resolve(true)
    }).on('error', () => resolve(false))
  })
}

/** Whether a server answers PING on a socket within a second. */
async function answers(socket) {
  const connection = connect(socket)
  try {
    connection.setTimeout(1_000, () => connection.destroy(new Error('silent')))
    connection.write('PING\r\n')
    const [reply] = await once(connection, 'data')
    return String(reply).startsWith('+PONG')
  } catch {
    return false
  } finally {
    connection.destroy()
  }
}
