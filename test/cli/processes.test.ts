import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { ask, freePort, startRedis } from '../support/redis.ts'
import { until } from '../support/until.ts'
import { IMPORTS, jsonOf, userProject } from './support.ts'

const CONFIG = `${IMPORTS}
const quick = defineJob({ name: 'quick' })
const slow = defineJob({ name: 'slow' })
export default defineConfig({
  jobs: [quick, slow],
  handlers: () => [
    quick.handle(() => console.log('quick ran')),
    slow.handle((_, { signal }) => new Promise((resolve) => { console.log('slow began'); setTimeout(resolve, 60_000) })),
  ],
  setup: ({ role }) => { console.log('set up for ' + role); return { stop: () => console.log('closed') } },
})
`

/** How many connections a process of ours has open, by the name that they carry. */
const connections = async (url: string, name: string): Promise<number> => {
  const list = await ask(Number(new URL(url).port), 'CLIENT LIST')
  return list.split('\n').filter((line) => line.includes(` name=${name}`)).length
}

test('a process without Redis ends with the code that says why, and one clear text', async (context) => {
  const guarded = await startRedis({ config: ['requirepass secret', 'maxmemory-policy allkeys-lru'] })
  context.after(() => guarded.stop())
  const project = await userProject(context, { 'morrow.config.mjs': CONFIG })
  const withPassword = guarded.url.replace('//', '//:secret@')
  const cases: readonly (readonly [words: readonly string[], url: string | undefined, code: number, text: RegExp])[] = [
    [['worker'], 'redis://127.0.0.1:1', 69, /Redis is unavailable \(redis:\/\/127\.0\.0\.1:1: /],
    [['status'], undefined, 78, /REDIS_URL: expected where Redis is/],
    [['scheduler'], guarded.url.replace('//', '//:hush@'), 77, /Redis refuses access/],
    [['web'], withPassword, 78, /expected maxmemory-policy noeviction, got allkeys-lru/],
    [['wroker'], undefined, 2, /Did you mean worker/],
    [['run', 'worker,sheduler'], undefined, 2, /expected worker, scheduler or web/],
  ]
  const ended = cases.map(async ([words, url, code, text]) => {
    const child = project.start(words, { REDIS_URL: url })
    const exit = await child.exit
    assert.deepEqual([exit.code, child.stdout()], [code, ''], `${words.join(' ')}: ${child.output()}`)
    assert.match(child.stderr(), text)
    assert.doesNotMatch(child.stderr(), /\n +at |hush/)
  })
  await Promise.all(ended)
})

test('a worker runs what is ready, and with --until-empty ends by itself with 0', async (context) => {
  const project = await userProject(context, { 'morrow.config.mjs': CONFIG })
  await project.run('job', 'enqueue', 'quick')
  const child = project.start(['worker', '--until-empty', '--concurrency', '3'])
  assert.deepEqual(await child.exit, { code: 0, signal: null }, child.output())
  assert.match(child.stdout(), /set up for worker\n[\s\S]*quick ran\n[\s\S]*closed\n/)
  assert.match(child.stdout(), /"msg":"morrow worker .*queues \*, concurrency 3, jobs quick, slow; /)
})

test('SIGTERM, however often, ends a process with 143 within its deadline, and hands back what does not finish', async (context) => {
  const project = await userProject(context, { 'morrow.config.mjs': CONFIG })
  const receipt = jsonOf(await project.run('job', 'enqueue', 'slow', '--json')) as { readonly id: string }
  const child = project.start(['worker', '--shutdown-timeout', '1s'])
  await child.line(/slow began/)
  for (let times = 0; times < 3; times += 1) child.signal('SIGTERM')
  assert.deepEqual(await child.exit, { code: 143, signal: null }, child.output())
  assert.match(child.stdout(), /closed/)
  const { place, attempt } = jsonOf(await project.run('job', 'show', receipt.id, '--json')) as Record<string, unknown>
  assert.deepEqual([place, attempt], ['ready', 1])
})

test('a second Ctrl-C ends a process now, with a page beside the worker too, and hands back what does not finish', async (context) => {
  const project = await userProject(context, { 'morrow.config.mjs': CONFIG })
  const receipt = jsonOf(await project.run('job', 'enqueue', 'slow', '--json')) as { readonly id: string }
  const child = project.start(['run', 'worker,web', '--port', '0', '--shutdown-timeout', '60s'])
  await child.line(/slow began/)
  child.signal('SIGINT')
  await child.line(/"process\.stopping"/)
  // Within 300 ms a second signal is the same keystroke, passed on by npm.
  await pause(400)
  child.signal('SIGINT')
  assert.deepEqual(await child.exit, { code: 130, signal: null }, child.output())
  assert.match(child.stdout(), /closed\n[\s\S]*"process\.stopped"/)
  const { place, attempt } = jsonOf(await project.run('job', 'show', receipt.id, '--json')) as Record<string, unknown>
  assert.deepEqual([place, attempt], ['ready', 1])
})

test('setup runs once in each process, with its roles, and one that hangs does not keep it from stopping', async (context) => {
  const config = `${IMPORTS}
export default defineConfig({
  handlers: [],
  setup: ({ role }) => new Promise((resolve) => {
    console.log('set up for ' + role)
    if (role === 'web') resolve({ stop: () => console.log('closed') })
  }),
})
`
  const project = await userProject(context, { 'morrow.config.mjs': config })
  const web = project.start(['web', '--port', '0'])
  await web.line(/the page is at/)
  web.signal('SIGTERM')
  assert.deepEqual(await web.exit, { code: 143, signal: null }, web.output())
  assert.match(web.stdout(), /^set up for web\n[\s\S]*closed\n/)
  const hanging = ['worker', 'scheduler', 'run worker,scheduler,web'].map(async (words) => {
    const child = project.start(words.split(' '))
    await child.line(/set up for (run )?[a-z,]+/)
    child.signal('SIGTERM')
    assert.deepEqual(await child.exit, { code: 143, signal: null }, child.output())
    assert.ok(child.stdout().startsWith(`set up for ${words.replace('run ', '')}\n`), child.stdout())
  })
  await Promise.all(hanging)
})

test('three roles in one process have at most four connections, a page, and health checks', async (context) => {
  const project = await userProject(context, { 'morrow.config.mjs': CONFIG, 'schedules/a.yml': 'schedules: {}\n' })
  const [port, healthPort] = [await freePort(), await freePort()]
  const flags = ['--port', String(port), '--health-port', String(healthPort)]
  const child = project.start(['run', 'worker,scheduler,web', ...flags])
  await child.line(/the page is at http:\/\/127\.0\.0\.1:\d+/)
  await project.run('job', 'enqueue', 'quick')
  await child.line(/quick ran/)
  const text = async (from: number, path: string): Promise<string> =>
    (await fetch(`http://127.0.0.1:${from}${path}`)).text()
  assert.equal(await text(healthPort, '/healthz'), 'ok\n')
  assert.equal(await text(healthPort, '/readyz'), 'ok\n')
  await until('the job is counted', async () =>
    (await text(healthPort, '/metrics')).includes('morrow_jobs_completed_total{queue="default",job="quick"} 1'),
  )
  assert.match(await text(port, '/'), /<html/)
  const status = jsonOf(await project.run('status', '--json')) as { processes: readonly { roles: readonly string[] }[] }
  assert.deepEqual(
    status.processes.map(({ roles }) => roles),
    [['worker', 'scheduler', 'web']],
  )
  const open = await connections(project.env['REDIS_URL'] ?? '', 'morrow-worker-scheduler')
  assert.ok(open >= 2 && open <= 4, `${open} connections`)
  child.signal('SIGINT')
  assert.deepEqual(await child.exit, { code: 130, signal: null }, child.output())
})

test('a port that is taken is said with the setting that chooses another', async (context) => {
  const project = await userProject(context)
  const port = await freePort()
  const first = project.start(['web', '--port', String(port)])
  await first.line(/the page is at/)
  // Nobody said where schedules are, and there are none: that is no fault.
  assert.match(await (await fetch(`http://127.0.0.1:${port}/`)).text(), /Everything that waits is served/)
  const second = project.start(['web', '--port', String(port)])
  assert.equal((await second.exit).code, 78)
  assert.match(second.stderr(), /PORT: expected a free port/)
})
