import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const PROGRAM = fileURLToPath(new URL('./child.mjs', import.meta.url))
/** Settings of the person who measures must not reach what is measured. */
const FOREIGN = /^(MORROW_|REDIS_|QUEUES?$|CONCURRENCY$|LOG_LEVEL$|NODE_|npm_)/

/** Systems whose due jobs are moved by a process of its own. */
const WITH_SCHEDULER = ['morrow', 'node-resque']

/** What a system did not get done in the time that a row has. */
export class Unfinished extends Error {}

/** The processes of one measurement, all of one system; every wait ends at the deadline at the latest. */
export function openCrew({ system, redis, cwd, deadline }) {
  const children = []
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !FOREIGN.test(name)))
  return {
    hasScheduler: WITH_SCHEDULER.includes(system),
    /** Starts a role and answers once it serves. */
    async start(role, options = {}) {
      const child = fork(PROGRAM, [system, role], {
        cwd,
        env,
        execArgv: [],
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      })
      children.push(child)
      const member = memberOf(child, `${system} ${role}`, deadline)
      await member.hear('up')
      child.send({ redis, ...options })
      return { ...member, can: (await member.hear('ready')).can ?? [] }
    },
    /** Ends all of them at once: what they have done is measured, and Redis is emptied next. */
    async end() {
      const running = children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)
      for (const child of running) child.kill('SIGKILL')
      await Promise.all(running.map((child) => once(child, 'exit')))
    },
  }
}

function memberOf(child, name, deadline) {
  const heard = []
  let look = () => undefined
  let fault
  child.on('message', (message) => {
    if (message.kind === 'failed') fault = new Error(`${name}: ${message.error}`)
    else heard.push(message)
    look()
  })
  child.on('exit', (code, signal) => {
    fault = new Error(`${name} ended by itself (${signal ?? code})`)
    look()
  })
  /** The next answer of a kind; Unfinished when it does not come in time. */
  const hear = (kind, within = Number.POSITIVE_INFINITY) =>
    new Promise((resolve, reject) => {
      const left = Math.max(0, Math.min(within, deadline - performance.now()))
      const settle = (act) => {
        clearTimeout(timer)
        look = () => undefined
        act()
      }
      const timer = setTimeout(() => settle(() => reject(new Unfinished(`no "${kind}" of ${name} in time`))), left)
      look = () => {
        const index = heard.findIndex((message) => message.kind === kind)
        if (index >= 0) settle(() => resolve(heard.splice(index, 1)[0]))
        else if (fault) settle(() => reject(fault))
      }
      look()
    })
  return {
    hear,
    /** Gives an order and answers what it took: milliseconds, and microseconds of CPU. */
    async order(order) {
      child.send(order)
      return hear('done')
    },
    /** How many jobs a worker has handled so far. */
    async handled() {
      child.send({ kind: 'count' })
      return (await hear('count', 2_000).catch(() => ({ handled: 0 }))).handled
    },
  }
}
