import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../support/until.ts'
import { userProject } from './support.ts'

/** Says who it is, and what it started; ends well at SIGTERM unless told to be stubborn. */
const PROCESS = `
import { spawn } from 'node:child_process'
const [name, mode] = process.argv.slice(2)
const child = spawn('sleep', ['600'], { stdio: 'ignore' })
process.on('SIGTERM', () => { console.log('bye of ' + name); if (mode !== 'stubborn') process.exit(143) })
console.log(['I am', name, process.pid, child.pid, process.env.HOST, process.env.PORT, process.argv.slice(2).join(' ')].join(' '))
if (mode === 'failing') setTimeout(() => process.exit(9), 300)
setInterval(() => {}, 1000)
`
const FILES = { 'p.mjs': PROCESS, 'schedules/a.yml': 'schedules: {}\n', 'jobs/morrow.config.mjs': 'export default {}' }

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** The ids in a process' first line: its own, and that of what it started. */
const pids = (line: RegExpExecArray): readonly number[] => line.slice(1, 3).map(Number)
const saying = (name: string): RegExp =>
  new RegExp(`${name}\\.1\\s* \\| I am ${name} (\\d+) (\\d+) 127\\.0\\.0\\.1 (\\d+) (.*)`)

const gone = (ids: readonly number[]): Promise<boolean> => until('all have ended', () => !ids.some(alive), 15_000)

test('dev runs the Procfile on loopback with prefixes, and a signal ends all of it', async (context) => {
  const project = await userProject(context, {
    ...FILES,
    Procfile: 'release: node p.mjs release\nweb: node p.mjs web --host 0.0.0.0\nworker: node p.mjs worker\n',
  })
  const dev = project.start(['dev', '--port', '4321'], { HOST: '0.0.0.0', NO_COLOR: '1' })
  const web = await dev.line(saying('web'))
  const worker = await dev.line(saying('worker'))
  assert.deepEqual([web[3], web[4], worker[3]], ['4321', 'web --host 127.0.0.1', '4421'])
  dev.signal('SIGTERM')
  assert.deepEqual(await dev.exit, { code: 143, signal: null }, dev.output())
  assert.match(dev.output(), /worker\.1 \| bye of worker/)
  assert.doesNotMatch(dev.output(), /release|\[\d+m/)
  await gone([...pids(web), ...pids(worker)])
})

test('a process that fails ends the others, and dev ends with its code', async (context) => {
  const project = await userProject(context, {
    ...FILES,
    Procfile: 'worker: node p.mjs worker\nother: node p.mjs other failing\n',
  })
  const dev = project.start(['dev'], { FORCE_COLOR: '1' })
  const worker = await dev.line(/I am worker (\d+) (\d+)/)
  assert.equal((await dev.exit).code, 9, dev.output())
  assert.match(dev.output(), /\[\d+mother\.1 {2}\|.\[0m ended with exit code 9/)
  await gone(pids(worker))
})

test('a second Ctrl-C kills what does not end', async (context) => {
  const project = await userProject(context, { ...FILES, Procfile: 'worker: node p.mjs worker stubborn\n' })
  const dev = project.start(['dev'])
  const worker = await dev.line(saying('worker'))
  dev.signal('SIGINT')
  await dev.line(/bye of worker/)
  await until('dev has ended', () => {
    dev.signal('SIGINT')
    return !pids(worker).some(alive)
  })
  assert.equal((await dev.exit).code, 130)
})

test('a killed dev leaves no orphans', async (context) => {
  const project = await userProject(context, { ...FILES, Procfile: 'worker: node p.mjs worker\nweb: node p.mjs web\n' })
  const dev = project.start(['dev'])
  const ids = [...pids(await dev.line(saying('worker'))), ...pids(await dev.line(saying('web')))]
  dev.signal('SIGKILL')
  await gone(ids)
})

test('a changed job module starts worker and scheduler again, a changed schedule file only the scheduler', async (context) => {
  const project = await userProject(context, {
    ...FILES,
    Procfile: 'web: node p.mjs web\nworker: node p.mjs worker\nscheduler: node p.mjs scheduler\n',
  })
  const dev = project.start(['dev', '--config', 'jobs/morrow.config.mjs'])
  const starts = (name: string): number => dev.output().split(`I am ${name} `).length - 1
  for (const name of ['web', 'worker', 'scheduler']) await dev.line(saying(name))
  project.write('schedules/a.yml', 'schedules: {}\n\n')
  await until('the scheduler is back', () => starts('scheduler') === 2)
  assert.equal(starts('worker'), 1)
  for (const written of ['jobs/uploads/17', 'jobs/state.json']) project.write(written, '{}')
  project.write('schedules/a.yml', 'schedules: {}\n')
  await until('the scheduler is back again', () => starts('scheduler') === 3)
  assert.equal(starts('worker'), 1)
  project.write('jobs/deep/mail.ts', 'export {}')
  await until('both are back', () => starts('scheduler') === 4 && starts('worker') === 2)
  assert.equal(starts('web'), 1)
  dev.signal('SIGINT')
  assert.equal((await dev.exit).code, 130)
})

test('what cannot be run is said before anything is', async (context) => {
  const project = await userProject(context)
  const none = await project.run('dev')
  assert.deepEqual([none.code, /Procfile: expected a file/.test(none.said)], [78, true])
  assert.match((await project.run('dev', '--procfile', '.')).said, /^error: .*\.: expected a file .*EISDIR/)
  project.write('Procfile', 'web: node a.js | tee log\n')
  assert.match((await project.run('dev')).said, /needs no shell/)
  project.write('Procfile', 'release: node a.js\n')
  assert.match((await project.run('dev')).said, /expected a process to run/)
})
