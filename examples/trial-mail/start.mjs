// npm start: from a fresh clone to a running example: web, worker and scheduler of the Procfile, on a Redis of its own.
import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { build, changedAt, ensureModules, requireNode, root } from '../../test/setup.mjs'
import { findRedis, socketIn } from './redis.mjs'
import { leftoversEnded, takeTurn } from './turn.mjs'

const CONFIG = 78
const BUILT = 'dist/examples/trial-mail/main.js'
/** What lives as long as the clone, or longer than one start: Redis' files, and what other terminals need to know. */
const DATA = resolve(root, process.env.TRIAL_MAIL_DATA || '.data')
const ENVIRONMENT = join(DATA, 'environment.json')
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']

const say = (line) => console.error(line)
const port = portOf('PORT', 5678)
const smtpPort = portOf('SMTP_PORT', 2525)

requireNode()
const turn = await takeTurn(DATA)
if (turn === undefined) refuseSecond()
await leftoversEnded(socketIn(join(DATA, 'redis')), say)
await requireFree('PORT', port)
await requireFree('SMTP_PORT', smtpPort)
ensureModules()
if (changedAt('dist/cli/main.js') < newestSource() || changedAt(BUILT) < newestSource()) build()
process.exitCode = await run()
turn.done()

async function run() {
  const redis = await findRedis(process.env, DATA, say)
  if (redis.kind === 'refused') {
    say(redis.text)
    return redis.code
  }
  say(redis.text)
  const variables = {
    MORROW_PREFIX: 'morrow',
    MORROW_CONFIG: 'dist/examples/trial-mail/morrow.config.js',
    ...redis.variables,
  }
  try {
    writeEnvironment(variables)
    return await runProcfile({ ...variables, ...process.env, ...redis.variables }, redis.pid)
  } finally {
    rmSync(ENVIRONMENT, { force: true })
    await redis.stop()
  }
}

/** What `npm run morrow` reads, so that it talks to the same Redis. It may hold a password: nobody else may read it. */
function writeEnvironment(variables) {
  const chosen = Object.keys(process.env).filter((name) => /^MORROW_(PREFIX|APP|ENV|CONFIG|TZ|REDIS_)/.test(name))
  const given = Object.fromEntries(chosen.map((name) => [name, process.env[name]]))
  mkdirSync(DATA, { recursive: true })
  writeFileSync(ENVIRONMENT, `${JSON.stringify({ ...variables, ...given }, null, 2)}\n`, { mode: 0o600 })
}

/** Runs `morrow dev` in a group of its own, so that a Ctrl-C reaches it once, from here. Answers its exit code. */
async function runProcfile(variables, redisPid) {
  const env = { ...variables, PORT: String(port), SMTP_PORT: String(smtpPort) }
  const options = { cwd: root, env, stdio: 'inherit', detached: true }
  const child = spawn(process.execPath, [join(root, 'dist/cli/main.js'), 'dev'], options)
  const dismiss = guard([child.pid, redisPid].filter((pid) => pid !== undefined))
  let told
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      told = signal
      child.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal)
    })
  }
  const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? exitCodeOf(signal))))
  void announce(ended)
  const code = await ended
  dismiss()
  return told === undefined ? code : exitCodeOf(told)
}

function exitCodeOf(signal) {
  return { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }[signal] ?? 1
}

/** Says where to look as soon as there is something to see. */
async function announce(ended) {
  let over = false
  void ended.then(() => {
    over = true
  })
  while (!over) {
    if (await listens(port)) return console.log(places())
    await Promise.race([pause(100), ended])
  }
}

function places() {
  return `
  The shop     http://127.0.0.1:${port}          sign up, and make it three seconds
  Its mailbox  http://127.0.0.1:${port}/mailbox  where the mail arrives
  Morrow       http://127.0.0.1:${port}/morrow   what waits, runs and comes next

  In another terminal:  npm run --silent morrow -- status
  Ctrl-C ends all of it.
`
}

/** Ends what was started, in this order, when this process is killed: a shell at the other end of a pipe waits for that. */
function guard(pids) {
  // Thirty seconds each at most: an ended process that nobody waits for still has its id.
  const each = 'kill -s TERM "$pid" && for n in $(seq 150); do kill -0 "$pid" || break; sleep 0.2; done'
  const script = `read -r gone; rm -f -- "$1"; shift; for pid in "$@"; do ${each}; done`
  const stdio = ['pipe', 'ignore', 'ignore']
  const shell = spawn('/bin/sh', ['-c', script, 'guard', ENVIRONMENT, ...pids.map(String)], { stdio, detached: true })
  shell.on('error', () => {})
  shell.stdin.on('error', () => {})
  return () => shell.kill('SIGKILL')
}

function newestSource() {
  const folders = ['src', 'examples/trial-mail']
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
  )
  return Math.max(...files.map(changedAt))
}

function portOf(name, usual) {
  const text = process.env[name] || String(usual)
  if (/^\d{1,5}$/.test(text) && Number(text) > 0 && Number(text) <= 65_535) return Number(text)
  say(`${name}: expected a port from 1 to 65535, got ${text}`)
  process.exit(CONFIG)
}

function refuseSecond() {
  say(`npm start runs already on ${DATA}. End it with Ctrl-C where it runs, or give this one data and ports of its own:
  TRIAL_MAIL_DATA=.data/second PORT=${port + 1} SMTP_PORT=${smtpPort + 1} npm start`)
  process.exit(CONFIG)
}

/** Ends the process when another program has a port, before anything is started. */
async function requireFree(name, wanted) {
  const server = createServer()
  const busy = await new Promise((resolve) => {
    server.once('error', ({ code }) => resolve(code === 'EADDRINUSE'))
    server.listen(wanted, '127.0.0.1', () => server.close(() => resolve(false)))
  })
  if (!busy) return
  say(
    `${name}: expected a free port, but another program listens on ${wanted}; end it, or type: ${name}=${wanted + 1} npm start`,
  )
  process.exit(CONFIG)
}

function listens(at) {
  return new Promise((resolve) => {
    const socket = connect(at, '127.0.0.1')
    const answer = (value) => {
      socket.destroy()
      resolve(value)
    }
    socket.once('connect', () => answer(true)).once('error', () => answer(false))
  })
}
