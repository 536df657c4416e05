// npm run --silent morrow -- …: the command line from a clone, on the same Redis as a running `npm start`.
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { build, changedAt, ensureModules, requireNode, root } from './setup.mjs'

requireNode()
ensureModules()
if (changedAt('dist/cli/main.js') < newestSource()) build()

const command = [join(root, 'dist/cli/main.js'), ...process.argv.slice(2)]
// An empty variable counts as unset.
const given = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== ''))
const env = { ...environmentOfStart(), ...given }
const child = spawn(process.execPath, command, { stdio: 'inherit', env })
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.once('exit', (code, signal) => {
  process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 143)
})

/** The variables with which `npm start` runs its processes: it keeps them beside its data while it runs. */
function environmentOfStart() {
  try {
    return JSON.parse(readFileSync(resolve(root, process.env.TRIAL_MAIL_DATA || '.data', 'environment.json'), 'utf8'))
  } catch {
    return {}
  }
}

function newestSource() {
  const names = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  return Math.max(...names.map((name) => changedAt(`src/${name}`)))
}
