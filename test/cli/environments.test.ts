import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createScheduler, createWorker } from '../../src/wiring/embed.ts'
import { freePrefix, testRedisUrl } from '../support/redis.ts'
import { IMPORTS, userProject } from './support.ts'

const CONFIG = `${IMPORTS}
const quick = defineJob({ name: 'quick' })
export default defineConfig({ jobs: [quick], handlers: () => [quick.handle(() => console.log('quick ran'))] })
`
const HOURLY = "schedules:\n  hourly: { cron: '0 * * * *', job: quick }\n"
const REFUSED =
  /of environment "staging", but environment "production" has this namespace and is alive \(its worker on .* was seen \d+ s ago\): use another Redis or prefix/

test('while a process of another environment lives one may look and enqueue, and moves nothing: exit code 78', async (context) => {
  const project = await userProject(context, { 'morrow.config.mjs': CONFIG, 'schedules/a.yml': HOURLY })
  const worker = project.start(['worker'], { MORROW_ENV: 'production' })
  await worker.line(/"msg":"morrow worker /)
  const apply = project.start(['schedule', 'apply'], { MORROW_ENV: 'production' })
  assert.equal((await apply.exit).code, 0, apply.output())
  const staging = { MORROW_ENV: 'staging' }
  const steering = [
    ['schedule', 'pause', 'hourly', '--reason', 'no'],
    ['schedule', 'resume', 'hourly'],
    ['schedule', 'skip', 'hourly'],
    ['schedule', 'backfill', 'hourly', '--from', '2026-01-01T00:00Z', '--to', '2026-01-01T01:00Z'],
  ]
  for (const words of [['worker'], ['scheduler'], ['schedule', 'apply'], ...steering]) {
    const child = project.start(words, staging)
    assert.equal((await child.exit).code, 78, child.output())
    assert.match(child.stderr(), REFUSED)
    assert.doesNotMatch(child.output(), /\n +at |hourly/)
  }
  for (const words of [['status'], ['job', 'enqueue', 'quick'], ['schedule', 'ls'], ['schedule', 'run', 'hourly']]) {
    const child = project.start(words, staging)
    assert.equal((await child.exit).code, 0, child.output())
  }
  await worker.line(/quick ran/)
  worker.signal('SIGTERM')
  await worker.exit
  const scheduler = project.start(['scheduler'], staging)
  await scheduler.line(/"event":"environment.tookOver","environment":"staging","from":"production"/)
  scheduler.signal('SIGTERM')
  await scheduler.exit
})

test('roles in a program of one’s own reject their start likewise', async () => {
  const options = { redisUrl: await testRedisUrl(), prefix: freePrefix(), logLevel: 'silent' } as const
  const owner = createScheduler({ ...options, environment: 'production' })
  await owner.start()
  const refused = { code: 'MORROW_ENVIRONMENT' }
  await assert.rejects(createScheduler({ ...options, environment: 'test' }).start(), refused)
  await assert.rejects(createWorker({ ...options, environment: 'test', handlers: [] }).start(), refused)
  await owner.stop()
})
