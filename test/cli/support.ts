import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import { pathToFileURL } from 'node:url'
import { runCli } from '../../src/cli/program.ts'
import { projectRoot, type RunningProcess, startProcess } from '../support/processes.ts'
import { freePrefix, testRedisUrl } from '../support/redis.ts'

/** What came of one command: its exit code, and what it wrote. */
export type Ran = { readonly code: number; readonly out: string; readonly said: string }

/** A project of a user's in a folder of its own, on a namespace of its own. */
export type UserProject = {
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
  write(file: string, text: string): void
  /** Runs a command in this process. */
  run(...words: readonly string[]): Promise<Ran>
  /** Starts a command as a process of its own. */
  start(words: readonly string[], env?: Readonly<Record<string, string | undefined>>): RunningProcess
}

const source = (path: string): string => pathToFileURL(join(projectRoot, path)).href

/** What stands at the top of a configuration file that is written by a test. */
export const IMPORTS = `import { defineConfig, defineJob } from '${source('src/index.ts')}'\n`

/** Arguments for Node that run the command line from its sources, in whatever folder. */
export const mainArguments: readonly string[] = [
  '--conditions=morrow:source',
  '--import',
  source('node_modules/tsx/dist/loader.mjs'),
  join(projectRoot, 'src/cli/main.ts'),
]

/** Makes a project with these files; it is gone when the test ends. */
export async function userProject(
  test: TestContext,
  files: Readonly<Record<string, string>> = {},
): Promise<UserProject> {
  const folder = mkdtempSync(join(tmpdir(), 'morrow-cli-'))
  test.after(() => rmSync(folder, { recursive: true, force: true }))
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text)
  }
  for (const [file, text] of Object.entries(files)) write(file, text)
  const env = { REDIS_URL: await testRedisUrl(), MORROW_PREFIX: freePrefix(), LOG_LEVEL: 'silent' }
  return {
    folder,
    env,
    write,
    run: (...words) => within(folder, env, words),
    start: (words, more = {}) => {
      withTsx(folder)
      const started = { ...env, LOG_LEVEL: 'info', ...more }
      return startProcess(test, { arguments: [...mainArguments, ...words], cwd: folder, env: started })
    },
  }
}

/** Makes tsx known in a folder, as after `npm install tsx`. */
export function withTsx(folder: string): void {
  if (existsSync(join(folder, 'node_modules'))) return
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(join(projectRoot, 'node_modules/tsx'), join(folder, 'node_modules/tsx'))
}

/** Runs a command in this process, which has the folder and the environment of the project meanwhile. */
async function within(folder: string, env: Readonly<Record<string, string>>, words: readonly string[]): Promise<Ran> {
  const before = { folder: process.cwd(), env: process.env }
  const lines = { out: [] as string[], said: [] as string[] }
  process.chdir(folder)
  process.env = { ...before.env, ...env }
  try {
    const terminal = {
      out: (text: string) => lines.out.push(text),
      say: (text: string) => lines.said.push(text),
      colour: false,
    }
    const code = await runCli(words, terminal)
    return { code, out: lines.out.join('\n'), said: lines.said.join('\n') }
  } finally {
    process.chdir(before.folder)
    process.env = before.env
  }
}

/** What a command printed with --json. */
export const jsonOf = ({ out }: Ran): unknown => JSON.parse(out)
