// What a fresh clone lacks. Plain JavaScript and nothing but Node, because it runs before anything is installed.
import { spawnSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The root of the project. */
export const root = fileURLToPath(new URL('..', import.meta.url))

const OLDEST_NODE = [20, 19]

/** Ends the process when this Node is too old to run anything here. */
export function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return
  console.error(
    `expected Node ${OLDEST_NODE.join('.')} or newer, this is ${process.version}: https://nodejs.org/en/download`,
  )
  process.exit(78)
}

/** Installs the dependencies when there are none, or others than package-lock.json asks for. */
export function ensureModules() {
  if (changedAt(INSTALLED) >= changedAt(WANTED) || isInstalled()) return
  console.error('installing dependencies: npm ci')
  run(npm(), ['ci', '--no-audit', '--no-fund', '--loglevel=error'], 'npm ci failed')
}

const WANTED = 'package-lock.json'
/** What npm notes of its last installation. */
const INSTALLED = 'node_modules/.package-lock.json'

/** A lock file may be younger than the installation and ask for nothing new, after a checkout for instance. */
function isInstalled() {
  if (changedAt(INSTALLED) === 0) return false
  const [wanted, installed] = [WANTED, INSTALLED].map(
    (path) => JSON.parse(readFileSync(join(root, path), 'utf8')).packages,
  )
  const versions = Object.entries(wanted).filter(([path, { optional }]) => path !== '' && !optional)
  return versions.every(([path, { version }]) => installed[path]?.version === version)
}

/** Compiles the sources and the example into dist. */
export function build() {
  run(process.execPath, [join(root, 'test/build.mjs')], 'the build failed')
}

/** Runs a command in the root of the project with its output on stderr, and ends this process when it fails. */
function run(command, args, failure) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] })
  if (status === 0) return
  console.error(error === undefined ? failure : `${failure}: ${error.message}`)
  process.exit(1)
}

/** npm as it comes with this Node, also where PATH does not lead to it. */
function npm() {
  const beside = join(dirname(process.execPath), 'npm')
  return statOf(beside) === undefined ? 'npm' : beside
}

/** When a file of the project was changed last, in milliseconds; 0 when there is none. */
export const changedAt = (path) => statOf(join(root, path))?.mtimeMs ?? 0

function statOf(path) {
  return statSync(path, { throwIfNoEntry: false })
}
