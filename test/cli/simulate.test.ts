import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { Connection } from '../../src/store/connection.ts'
import { connectTo } from '../store/test-queue.ts'
import { jsonOf, type Ran, type UserProject, userProject } from './support.ts'

const FILE = `defaults: { job: note, queue: notes }
schedules:
  hourly: { cron: '0 * * * *', overlap: queue-one }
  nightly: { cron: '30 1 * * *', tz: Europe/London }
  other: { every: 30m, env: [staging] }
`
const DAY = ['--from', '2026-03-29 00:00', '--to', '2026-03-29 06:00', '--tz', 'UTC']

type Value = {
  readonly steps: readonly {
    readonly at: string
    readonly kind: string
    readonly what?: string
    readonly fate?: string
    readonly schedule?: string
    readonly job?: number | null
    readonly first?: string
    readonly count?: number
    readonly note?: string | null
  }[]
  readonly jobs: Readonly<Record<string, number>>
  readonly proved: boolean
}

const simulate = (project: UserProject, ...words: readonly string[]): Promise<Ran> =>
  project.run('schedule', 'simulate', ...words)

const brief = (ran: Ran): readonly string[] => {
  assert.deepEqual([ran.code, ran.said], [0, ''])
  const { steps, proved } = jsonOf(ran) as Value
  assert.equal(proved, true)
  return steps.map(({ at, kind, what, fate, schedule = '-', job, count }) => {
    const more = kind === 'tick' ? [fate, `x${count}`] : [what]
    return [at.slice(11, 16), schedule, kind, ...more, job ?? ''].join(' ').trimEnd()
  })
}

/** The keys below the namespace of a project. */
async function keysOf({ env }: UserProject): Promise<unknown> {
  const connection = await connectTo(env['REDIS_URL'] ?? '')
  const keys = await connection.command('KEYS', `${env['MORROW_PREFIX']}*`)
  await connection.close()
  return keys
}

test('a simulation shows every decision, the jobs, and what people have to know of the clocks', async (context) => {
  const project = await userProject(context, { 'schedules/a.yml': FILE })
  const outage = ['--outage', '2026-03-29 02:30..2026-03-29 04:30', '--jobs', '70m', '--json']
  assert.deepEqual(brief(await simulate(project, 'hourly', 'nightly', ...DAY, ...outage)), [
    '01:00 - clocks gap',
    '01:00 hourly tick fired x1 0',
    '01:00 nightly tick fired x1 0',
    '01:00 hourly job started 0',
    '01:00 nightly job started 0',
    '02:00 hourly tick fired x1 1',
    '02:00 hourly job held 1',
    '02:10 hourly job ended 0',
    '02:10 nightly job ended 0',
    '02:10 hourly job released 1',
    '02:10 hourly job started 1',
    '02:30 - scheduler stops',
    '03:20 hourly job ended 1',
    '04:30 - scheduler starts',
    '04:30 hourly tick coalesced x1',
    '04:30 hourly tick late x1 2',
    '04:30 hourly job started 2',
    '05:00 hourly tick fired x1 3',
    '05:00 hourly job held 3',
    '05:40 hourly job ended 2',
    '05:40 hourly job released 3',
    '05:40 hourly job started 3',
    '06:00 hourly tick fired x1 4',
    '06:00 hourly job held 4',
  ])
  const { out } = await simulate(project, 'hourly', 'nightly', ...DAY, ...outage.slice(0, -1))
  assert.match(
    out,
    /^2026-03-29T01:00:00\+00:00 {2}nightly {3}tick fired: job 0; 01:30 does not exist on 2026-03-29 in Europe\/London/m,
  )
  assert.match(out, /clocks in Europe\/London go forward: from 2026-03-29 01:00 to 2026-03-29 02:00 no time is shown/)
  assert.match(out, /hourly {4}tick of 2026-03-29T04:00:00\+00:00 fired late, 30 min: job 2, stands for 2 ticks/)
  assert.match(out, /^hourly: 6 ticks planned: 4 fired, 1 coalesced into others, 1 late$/m)
  assert.match(out, /^6 jobs: 4 ended, 1 running, 1 waiting\nproved: every tick is accounted for$/m)
  assert.deepEqual(await keysOf(project), [])
})

test('the example of the docs is what is printed', async (context) => {
  const schedules = `schedules:
  send-digest: { cron: 30 1 * * *, tz: Europe/London, job: send-digest }
  poll-inbox: { every: 30m, job: poll-inbox, overlap: queue-one }
`
  const project = await userProject(context, { 'schedules/a.yml': schedules })
  const docs = readFileSync(new URL('../../docs/schedules.md', import.meta.url), 'utf8')
  const [, example = ''] = /--jobs 40m\n([^`]+)\n```/.exec(docs) ?? []
  const time = ['--from', '2026-03-29 00:00', '--to', '2026-03-29 04:10', '--tz', 'Europe/London']
  const { out } = await simulate(project, ...time, '--outage', '2026-03-29 02:10..2026-03-29 03:40', '--jobs', '40m')
  assert.equal(out, example)
})

test('what does not tick in this environment is left out, and said', async (context) => {
  const project = await userProject(context, { 'schedules/a.yml': FILE })
  const ran = await simulate(project, ...DAY)
  assert.deepEqual([ran.code, ran.said], [0, 'not in force in environment development, left out: other'])
  const misspelt = await simulate(project, 'hurly', ...DAY)
  assert.deepEqual([misspelt.code, /did you mean hourly\?$/.test(misspelt.said)], [3, true])
})

test('an expression takes its policies from flags; pauses, late ones and their deadline included', async (context) => {
  const project = await userProject(context)
  const cron = ['--cron', '*/10 * * * *', '--from', '2026-12-01', '--to', '2026-12-01 00:50', '--json']
  const missed = ['--missed', '{ policy: all, max: 1 }', '--overlap', 'skip', '--jobs', '15m']
  const around = ['--outage', '2026-12-01 00:15..2026-12-01 00:35', '--pause', '2026-12-01 00:36..2026-12-01 00:45']
  assert.deepEqual(brief(await simulate(project, ...cron, ...missed, ...around)), [
    '00:10 simulated tick fired x1 0',
    '00:10 simulated job started 0',
    '00:15 - scheduler stops',
    '00:25 simulated job ended 0',
    '00:35 - scheduler starts',
    '00:35 simulated tick missed x1',
    '00:35 simulated tick late x1 1',
    '00:35 simulated job started 1',
    '00:36 - pause begins',
    '00:40 simulated tick paused x1',
    '00:45 - pause ends',
    '00:50 simulated job ended 1',
    '00:50 simulated tick fired x1 2',
    '00:50 simulated job started 2',
  ])
})

test('a run is cancelled by the next, which begins when it has ended, and one that begins too late expires', async (context) => {
  const project = await userProject(context)
  const cron = ['--cron', '*/10 * * * *', '--from', '2026-12-01', '--to', '2026-12-01 00:35', '--json']
  assert.deepEqual(brief(await simulate(project, ...cron, '--overlap', 'cancel-previous', '--jobs', '1h')), [
    '00:10 simulated tick fired x1 0',
    '00:10 simulated job started 0',
    '00:20 simulated tick fired x1 1',
    '00:20 simulated job held 1',
    '00:20 simulated job cancelled 0',
    '00:20 simulated job released 1',
    '00:20 simulated job started 1',
    '00:30 simulated tick fired x1 2',
    '00:30 simulated job held 2',
    '00:30 simulated job cancelled 1',
    '00:30 simulated job released 2',
    '00:30 simulated job started 2',
  ])
  const file = `schedules: { often: { cron: '*/10 * * * *', job: note, overlap: queue-one, deadline: 5m } }`
  const other = await userProject(context, { 'schedules/a.yml': file })
  const times = ['--from', '2026-12-01', '--to', '2026-12-01 00:36', '--jobs', '25m', '--json']
  assert.deepEqual(brief(await simulate(other, ...times)), [
    '00:10 often tick fired x1 0',
    '00:10 often job started 0',
    '00:20 often tick fired x1 1',
    '00:20 often job held 1',
    '00:30 often tick overlap x1 0',
    '00:35 often job ended 0',
    '00:35 often job released 1',
    '00:35 often job expired 1',
  ])
})

test('ticks that are owed at the end are said, and are no fault', async (context) => {
  const project = await userProject(context)
  const cron = ['--cron', '0 * * * *', '--from', '2026-12-01', '--to', '2026-12-01 06:30']
  const ran = await simulate(project, ...cron, '--outage', '2026-12-01 03:30..2026-12-02 00:00')
  assert.equal(ran.code, 0)
  assert.match(ran.out, /^simulated: from 2026-12-01T04:00:00\+00:00 on, 3 ticks are due and not decided on yet$/m)
})

test('a summary has no time line', async (context) => {
  const project = await userProject(context, { 'schedules/a.yml': FILE })
  const whole = await simulate(project, 'hourly', ...DAY)
  const { code, out } = await simulate(project, 'hourly', ...DAY, '--summary')
  assert.equal(code, 0)
  assert.match(out, /^2026-03-29T00:00:00\+00:00 to .*\nhourly: 6 ticks planned: 6 fired\n6 jobs: .*\nproved: /)
  assert.ok(whole.out.endsWith(`\n\n${out}`))
})

test('more than ten thousand ticks are refused unless they are asked for, and more than a hundred thousand always', async (context) => {
  const project = await userProject(context)
  const many = ['--cron', '* * * * * *', '--from', '2026-12-01', '--to']
  const ran = await simulate(project, ...many, '2026-12-01 12:00')
  assert.equal(ran.code, 2)
  assert.match(ran.said, /expected at most 10000 planned ticks, got 43200; .*--force/)
  const too = await simulate(project, ...many, '2027-12-01', '--force')
  assert.match(too.said, /got more than 100000; shorten the time, name fewer schedules$/)
})

test('flags that cannot be meant are refused before anything is played', async (context) => {
  const project = await userProject(context, { 'schedules/a.yml': FILE })
  for (const [words, said] of [
    [['--outage', '2026-03-29 02:00'], /--outage: expected two instants/],
    [['--outage', '2026-03-29 03:00..2026-03-29 02:00'], /--outage: expected the earlier instant first/],
    [['--from', 'tomorrow'], /--from: expected an instant/],
    [['--from', '2026-03-29', '--to', '2026-03-28'], /--to: expected an instant after --from/],
    [['--jobs', '20'], /--jobs: expected a duration/],
    [['--missed', 'skip'], /--missed: expected only beside --cron/],
    [['--cron', '0 * * * *', 'hourly'], /names of schedules or --cron, got both/],
    [['--cron', '61 * * * *'], /61/],
    [['--cron', '0 * * * *', '--missed', 'some'], /--missed: expected/],
    [['--cron', '0 * * * *', '--tz', 'Nowhere'], /zone/],
  ] as const) {
    const ran = await simulate(project, ...words)
    assert.deepEqual([ran.code, said.test(ran.said)], [2, true], `${words.join(' ')}: ${ran.said}`)
  }
})

/** Waits until a simulation below the namespace of a project has told something in a ledger; answers where its keys begin. */
async function begun({ env }: UserProject, connection: Connection): Promise<string> {
  for (;;) {
    const keys = await connection.command('KEYS', `${env['MORROW_PREFIX']}:simulation:*:ledger:*`)
    const [key] = Array.isArray(keys) ? keys.map(String) : []
    if (key !== undefined) return key.replace(/:ledger:.*/, '')
  }
}

const LONG = ['--cron', '* * * * *', '--from', '2026-12-01', '--to', '2026-12-07', '--json']

test('after a fault nothing is left behind either', async (context) => {
  const project = await userProject(context)
  const running = simulate(project, ...LONG)
  const connection = await connectTo(project.env['REDIS_URL'] ?? '')
  const queue = await begun(project, connection)
  await connection.command('DEL', `${queue}:ready`)
  await connection.command('SET', `${queue}:ready`, 'spoilt')
  const ran = await running
  await connection.close()
  assert.equal(ran.code, 1)
  assert.match(ran.said, /WRONGTYPE/)
  assert.deepEqual(await keysOf(project), [])
})

test('Ctrl-C ends a simulation early and leaves nothing behind', async (context) => {
  const project = await userProject(context)
  const running = project.start(['schedule', 'simulate', ...LONG])
  const connection = await connectTo(project.env['REDIS_URL'] ?? '')
  await begun(project, connection)
  running.signal('SIGINT')
  const { code } = await running.exit
  await connection.close()
  assert.equal(code, 130)
  assert.match(running.stderr(), /stopped before the end; its keys are removed/)
  assert.deepEqual(await keysOf(project), [])
})
