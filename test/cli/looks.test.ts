import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startRedis } from '../support/redis.ts'
import { jsonOf, userProject } from './support.ts'

type Status = {
  readonly ok: boolean
  readonly queues: readonly { readonly queue: string; readonly ready: number; readonly oldestReadyAt: string | null }[]
  readonly unserved: readonly { readonly text: string; readonly line: string }[]
  readonly next: readonly { readonly kind: string; readonly name: string }[]
}

test('status is fine while nothing waits, and ends with 4 when nobody serves what does', async (context) => {
  const project = await userProject(context)
  const empty = await project.run('status', '--json')
  assert.deepEqual([empty.code, (jsonOf(empty) as Status).ok], [0, true])
  await project.run('job', 'enqueue', 'mail', '--queue', 'mail')
  await project.run('job', 'enqueue', 'later', '--queue', 'mail', '--in', '1h')
  const ran = await project.run('status', '--json')
  const { queues, unserved, next, ok } = jsonOf(ran) as Status
  assert.deepEqual([ran.code, ok, queues[0]?.queue, queues[0]?.ready], [4, false, 'mail', 1])
  assert.notEqual(queues[0]?.oldestReadyAt, null)
  assert.match(unserved[0]?.line ?? '', /QUEUES=mail morrow worker/)
  assert.deepEqual(
    next.map(({ kind, name }) => [kind, name]),
    [['job', 'later']],
  )
  const shown = await project.run('status')
  assert.match(shown.out, /^mail +1 +1 +0 +0 +0 +0 /m)
  assert.match(shown.said, /no worker listens to it\n {2}QUEUES=mail morrow worker/)
})

test('queue check ends with 4 when the oldest due job is older than allowed', async (context) => {
  const project = await userProject(context)
  await project.run('job', 'enqueue', 'mail', '--queue', 'mail')
  await project.run('job', 'enqueue', 'other', '--queue', 'slow', '--in', '1h')
  assert.equal((await project.run('queue', 'check')).code, 0)
  const late = await project.run('queue', 'check', '--max-age', '1ms', '--json')
  assert.deepEqual([late.code, (jsonOf(late) as Status).ok], [4, false])
  assert.match(late.said, /more than 1 ms in mail$/)
  assert.equal((await project.run('queue', 'check', 'slow', '--max-age', '1ms')).code, 0)
  const strange = await project.run('queue', 'check', 'mial')
  assert.deepEqual([strange.code, strange.said], [3, 'there is no queue "mial"; did you mean mail?'])
  assert.equal((await project.run('queue', 'check', '--max-age', '5')).code, 2)
  assert.match((await project.run('queue', 'ls')).out, /^slow +1 +0 /m)
})

test('queue check sees jobs that are held because no worker knows them', async (context) => {
  const project = await userProject(context, { 'morrow.config.mjs': 'export default { handlers: [] }' })
  await project.run('job', 'enqueue', 'strange', '--queue', 'mail')
  assert.equal((await project.run('worker', '--until-empty')).code, 0)
  assert.match((await project.run('queue', 'ls')).out, /^mail +0 +0 +1 /m)
  const late = await project.run('queue', 'check', '--max-age', '1ms')
  assert.deepEqual([late.code, late.said], [4, 'jobs have been due for more than 1 ms in mail'])
})

test('config shows every setting with its origin, and no secret', async (context) => {
  const project = await userProject(context, {
    'morrow.config.mjs': 'export default { lease: "20s", webAuth: "ada:hush" }',
  })
  const ran = await project.run('config', '--redis-url', 'redis://user:hush@redis.example:6379/2')
  assert.equal(ran.code, 0)
  assert.match(ran.out, /^redisUrl +redis:\/\/redis\.example:6379\/2 +flag$/m)
  assert.match(ran.out, /^lease +20 s +file$/m)
  assert.match(ran.out, /^prefix +t[0-9a-f]{12} +environment$/m)
  assert.match(ran.out, /^webAuth +ada:\*\*\* +file$/m)
  assert.doesNotMatch(ran.out + (await project.run('config', '--json')).out, /hush/)
})

type Report = { readonly ok: boolean; readonly findings: readonly { readonly about: string; readonly state: string }[] }

test('doctor looks at Redis, the clock, connections, tz data and the files', async (context) => {
  const project = await userProject(context, { 'schedules/a.yml': 'schedules: {}\n' })
  const ran = await project.run('doctor', '--json')
  const { findings, ok } = jsonOf(ran) as Report
  const about = [
    'Node',
    'tz data',
    'Redis',
    'eviction',
    'persistence',
    'latency',
    'clock',
    'connections',
    'processes',
    'canary',
    'schedules',
  ]
  assert.deepEqual([...new Set(findings.map((each) => each.about))], about)
  assert.deepEqual([ran.code, ok], [0, true])
  project.write('schedules/a.yml', 'schedules: { a: { cron: x } }\n')
  const faulty = await project.run('doctor')
  assert.equal(faulty.code, 4)
  assert.match(faulty.out, /^WRONG +schedules +schedules\/a\.yml:1:/m)
})

test('doctor finds a Redis that throws jobs away, and ends with 69 where there is none', async (context) => {
  const redis = await startRedis({ config: ['maxmemory-policy allkeys-lru'] })
  context.after(() => redis.stop())
  const project = await userProject(context, { 'schedules/a.yml': 'schedules: {}\n' })
  const evicting = await project.run('doctor', '--redis-url', redis.url)
  assert.equal(evicting.code, 4)
  assert.match(evicting.out, /^WRONG +eviction +allkeys-lru/m)
  for (const words of [['status'], ['job', 'enqueue', 'mail', '--queue', 'mail']]) {
    const refused = await project.run(...words, '--redis-url', redis.url)
    assert.deepEqual([refused.code, /expected maxmemory-policy noeviction/.test(refused.said)], [78, true])
  }
  const none = await project.run('doctor', '--redis-url', 'redis://127.0.0.1:1')
  assert.equal(none.code, 69)
  assert.match(none.out, /^WRONG +Redis +Redis is unavailable \(redis:\/\/127\.0\.0\.1:1/m)
  assert.match(none.out, /^ok +tz data/m)
})

test("the clock is shown, and Redis' can be taken for right", async (context) => {
  const project = await userProject(context)
  const shown = await project.run('clock', 'show', '--json')
  assert.deepEqual([shown.code, (jsonOf(shown) as { readonly held: boolean }).held], [0, false])
  assert.equal((await project.run('clock', 'accept')).code, 0)
})
