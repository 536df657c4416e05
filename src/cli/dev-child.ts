import { type ChildProcess, spawn } from 'node:child_process'
import { constants } from 'node:os'
import { environmentWith } from '../config.ts'
import { type Duration, duration } from '../time/clock.ts'
import { SECOND } from '../time/duration.ts'
import { systemClock } from '../time/system-clock.ts'
import type { ProcessPlan } from './dev-plan.ts'

/** A running process of `morrow dev`, with all that it starts itself. */
export type DevChild = {
  /** Sends a signal to it and to all that it started. */
  signal(name: NodeJS.Signals): void
  /** Resolves with its exit code (128 and the signal's number after a signal) when it has ended. */
  readonly ended: Promise<number>
}

/** Starts a process in a group of its own; each of its lines goes to `line`. When we are gone, it ends within `patience`. */
export function startChild(plan: ProcessPlan, line: (text: string) => void, patience: Duration): DevChild {
  const child = spawn(plan.command, plan.args, {
    env: environmentWith(plan.env),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const dismiss = child.pid === undefined ? () => undefined : guard(child.pid, patience)
  readLines(child.stdout, line)
  readLines(child.stderr, line)
  const ended = new Promise<number>((resolve) => {
    child.once('error', (error) => {
      line(`cannot be started: ${error.message}`)
      if (child.pid === undefined) resolve(127)
    })
    child.once('exit', (code, signal) => {
      // What it started and left running goes with it.
      signalGroup(child, 'SIGKILL')
      dismiss()
      // Its last words come with the end of its pipes; what left the group may keep them open.
      child.once('close', () => resolve(exitCode(code, signal)))
      void systemClock.sleep(LAST_WORDS).then(() => resolve(exitCode(code, signal)))
    })
  })
  return { signal: (name) => signalGroup(child, name), ended }
}

const LAST_WORDS = duration(1_000)

const exitCode = (code: number | null, signal: NodeJS.Signals | null): number =>
  code ?? 128 + (signal === null ? 0 : constants.signals[signal])

function signalGroup({ pid }: ChildProcess, name: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, name)
  } catch {
    // The group is gone already.
  }
}

const LONGEST_LINE = 65_536

function readLines(stream: NodeJS.ReadableStream, line: (text: string) => void): void {
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const each of lines) line(each.replace(/\r$/, ''))
    if (rest.length < LONGEST_LINE) return
    line(rest)
    rest = ''
  })
  stream.on('end', () => {
    if (rest !== '') line(rest)
    rest = ''
  })
}

/** Waits for the end of our pipe, which comes however we went, then ends the group, kindly first. */
const WATCH = `read -r gone
kill -s TERM -- "-$1" 2>/dev/null || exit 0
while [ "$2" -gt 0 ] && kill -s 0 -- "-$1" 2>/dev/null; do sleep 1; set -- "$1" $(($2 - 1)); done
kill -s KILL -- "-$1" 2>/dev/null`

/** Ends a group when this process is gone, also after SIGKILL; answers how to dismiss it. */
function guard(pid: number, patience: Duration): () => void {
  const seconds = String(Math.ceil(patience / SECOND))
  const child = spawn('/bin/sh', ['-c', WATCH, 'morrow-dev-guard', String(pid), seconds], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
  })
  child.on('error', () => undefined)
  child.stdin.on('error', () => undefined)
  child.unref()
  return () => {
    child.kill('SIGKILL')
  }
}
