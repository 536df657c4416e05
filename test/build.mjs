// npm run build: src -> dist, examples/trial-mail -> dist/examples/trial-mail.
import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ensureModules, root } from './setup.mjs'

const started = performance.now()
const inRoot = (path) => join(root, path)

// `npm pack` in a fresh clone comes here before anything is installed.
ensureModules()
rmSync(inRoot('dist'), { recursive: true, force: true })
compile('tsconfig.build.json')
copyAssets('src', 'dist')
if (hasSources('examples/trial-mail')) {
  compile('examples/trial-mail/tsconfig.json')
  copyAssets('examples/trial-mail', 'dist/examples/trial-mail', /(^|\/)tsconfig\.json$|\.mjs$|\.md$/)
}
if (existsSync(inRoot('dist/cli/main.js'))) chmodSync(inRoot('dist/cli/main.js'), 0o755)
console.log(`built dist in ${((performance.now() - started) / 1000).toFixed(1)} s`)

function compile(project) {
  const tsc = inRoot('node_modules/typescript/bin/tsc')
  const { status } = spawnSync(process.execPath, [tsc, '-p', project], { cwd: root, stdio: ['ignore', 2, 2] })
  if (status !== 0) {
    console.error(`expected ${project} to compile; see the errors above`)
    process.exit(1)
  }
}

/** Copies what the compiler leaves behind: Lua scripts, JSON schemas, pages. */
function copyAssets(from, to, except) {
  for (const path of filesIn(from)) {
    if (path.endsWith('.ts') || except?.test(path)) continue
    mkdirSync(dirname(inRoot(`${to}/${path}`)), { recursive: true })
    cpSync(inRoot(`${from}/${path}`), inRoot(`${to}/${path}`))
  }
}

function hasSources(folder) {
  return existsSync(inRoot(folder)) && filesIn(folder).some((path) => path.endsWith('.ts'))
}

function filesIn(folder) {
  const entries = readdirSync(inRoot(folder), { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(inRoot(folder).length + 1))
}
