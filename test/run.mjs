// npm test: sets up what a fresh clone lacks, then runs all tests (or the files and folders named) on one private Redis.
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { build, ensureModules, requireNode, root } from './setup.mjs'

const USAGE = 2
const UNAVAILABLE = 69
/** The longest that one file of tests may take, in milliseconds. */
const TIMEOUT = 180_000

const options = process.argv.slice(2).filter((argument) => argument.startsWith('-'))
const named = process.argv.slice(2).filter((argument) => !argument.startsWith('-'))
const files = (named.length === 0 ? ['test'] : named).flatMap(testFiles)

requireNode()
ensureModules()
const { tsImport } = await import('tsx/esm/api')
const { obtainRedisServer } = await tsImport('./support/redis-server.ts', import.meta.url)
const { startRedis } = await tsImport('./support/redis.ts', import.meta.url)

const server = obtainRedisServer((line) => console.error(line))
if (server.kind === 'missing') {
  console.error(`The tests need redis-server 7 or newer, which is not on this machine. Type:\n  ${server.line}`)
  process.exit(UNAVAILABLE)
}
build()
const redis = await startRedis({ path: server.path })
process.exitCode = await runTests()
await redis.stop()

/** Runs the tests in processes of their own and answers the exit code; a signal is passed on, and Redis stopped after it. */
function runTests() {
  const runner = ['--conditions=morrow:source', '--import', 'tsx', '--test', '--test-reporter=spec']
  const limits = [`--test-concurrency=${Math.max(2, availableParallelism())}`, `--test-timeout=${TIMEOUT}`]
  const env = { ...process.env, MORROW_TEST_REDIS: redis.url, MORROW_TEST_REDIS_SOCKET: redis.socket }
  const child = spawn(process.execPath, [...runner, ...limits, ...options, ...files], {
    cwd: root,
    stdio: 'inherit',
    env,
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  return new Promise((resolve) => {
    child.once('error', (error) => {
      console.error(error.message)
      resolve(1)
    })
    child.once('exit', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 143)))
  })
}

/** A test file as it is named, or all of a folder, from the root of the project; ends the process where there is none. */
function testFiles(path) {
  const here = [resolve(path), resolve(root, path)].find(existsSync)
  if (here === undefined) return refuse(path, 'there is no such file or folder')
  if (!statSync(here).isDirectory()) return [relative(root, here)]
  const found = readdirSync(here, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.test.ts'))
  if (found.length === 0) return refuse(path, 'nothing there ends in .test.ts')
  return found.sort().map((name) => relative(root, join(here, name)))
}

function refuse(path, why) {
  console.error(`expected a test file or a folder of them, got ${path}: ${why}`)
  process.exit(USAGE)
}
