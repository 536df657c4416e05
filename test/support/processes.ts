import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { guard } from './guard.ts'

/** The root of the project, where every child process starts unless said. */
export const projectRoot: string = fileURLToPath(new URL('../..', import.meta.url))

/** What starts a child process; the environment is ours with `env` laid over it (undefined takes a variable away). */
export type ProcessOptions = {
  readonly command?: string
  readonly arguments: readonly string[]
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly cwd?: string
}

/** How a process ended: the exit code, or the signal that killed it. */
export type Exit = { readonly code: number | null; readonly signal: NodeJS.Signals | null }

/** A real child process that a test started; it and all it started are killed when the test or this process ends. */
export type RunningProcess = {
  readonly pid: number
  /** Everything it has written so far, both streams as they came. */
  output(): string
  stdout(): string
  stderr(): string
  /** Resolves with the first line, past or to come, that matches; throws with all output when it exits or `timeout` ms pass. */
  line(pattern: RegExp, timeout?: number): Promise<RegExpExecArray>
  /** Sends a signal to the process itself, not to what it started. */
  signal(name: NodeJS.Signals): void
  /** Resolves when it has ended and all its output has been read. */
  readonly exit: Promise<Exit>
  /** Kills it with all that it started, if it still runs, and waits for the end. */
  kill(): Promise<void>
}

/** Whoever runs something at the end of a test; node:test's own context fits. */
export type TestEnd = { after(callback: () => Promise<void>): void }

/** Arguments for Node that run a TypeScript file of this project from its sources. */
export const fromSource = (file: string, ...rest: readonly string[]): readonly string[] => [
  '--conditions=morrow:source',
  '--import',
  'tsx',
  file,
  ...rest,
]

type Output = { all: string; stdout: string; stderr: string; changed: readonly (() => void)[] }

/** Starts a process (Node unless said) in a group of its own; pass the test's context to have it killed at the test's end. */
export function startProcess(test: TestEnd, options: ProcessOptions): RunningProcess {
  const child = spawn(options.command ?? process.execPath, options.arguments, {
    cwd: options.cwd ?? projectRoot,
    env: { ...process.env, NODE_TEST_CONTEXT: undefined, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const output: Output = { all: '', stdout: '', stderr: '', changed: [] }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output.all += text
      output[name] += text
      for (const look of output.changed) look()
    })
  }
  const exit = ending(child, output)
  const kill = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) killGroup(child)
    await exit
  }
  test.after(kill)
  return {
    pid: child.pid ?? 0,
    output: () => output.all,
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    line: (pattern, timeout = 15_000) => awaitLine(output, exit, pattern, timeout),
    signal: (name) => {
      child.kill(name)
    },
    exit,
    kill,
  }
}

function ending(child: ChildProcess, output: Output): Promise<Exit> {
  const dismiss = child.pid === undefined ? undefined : guard(-child.pid)
  child.once('error', (error) => {
    output.all += `could not start: ${error.message}\n`
  })
  return new Promise((resolve) => {
    child.once('close', (code, signal) => {
      // What it left running would outlive the test: the group goes with its leader.
      killGroup(child)
      dismiss?.()
      resolve({ code, signal })
      for (const look of output.changed) look()
    })
  })
}

function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  } catch {
    // The group is gone already.
  }
}

function awaitLine(output: Output, exit: Promise<Exit>, pattern: RegExp, timeout: number): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    const finish = (): void => {
      clearTimeout(timer)
      output.changed = output.changed.filter((other) => other !== look)
    }
    const look = (): boolean => {
      const match = firstMatch(output.all, pattern)
      if (match === undefined) return false
      finish()
      resolve(match)
      return true
    }
    const fail = (why: string): void => {
      if (look()) return
      finish()
      reject(new Error(`expected a line like ${pattern}, but ${why}; it wrote:\n${output.all}`))
    }
    const timer = setTimeout(() => fail(`${timeout} ms passed`), timeout)
    output.changed = [...output.changed, look]
    if (!look()) void exit.then(({ code, signal }) => fail(`the process ended (${signal ?? code})`))
  })
}

function firstMatch(text: string, pattern: RegExp): RegExpExecArray | undefined {
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  for (const line of whole.split('\n')) {
    const match = new RegExp(pattern.source, pattern.flags.replace('g', '')).exec(line)
    if (match !== null) return match
  }
  return undefined
}
