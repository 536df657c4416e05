import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { queueKeys } from '../../src/store/keys.ts'
import { openStore } from '../../src/store/store.ts'
import { readOverview } from '../../src/web/overview.ts'
import { overviewPage } from '../../src/web/page.ts'
import { keepCanary } from '../../src/wiring/canary.ts'
import { connectTo } from '../store/test-queue.ts'
import { IMPORTS, jsonOf, userProject } from './support.ts'

const CONFIG = `${IMPORTS}
export const config = defineConfig({ jobs: [defineJob({ name: 'digest', queue: 'mail' })] })
`
const FILE = `schedules:
  nightly:
    cron: '30 2 * * *'
    tz: Europe/Berlin
    job: digest
    spread: 10m
    exclude: easter
    starts: 2027-03-26
    ends: 2027-03-29
    overlap: skip
    lateness: { p99: 2s }
  once:
    every: 1h
    job: digest
    limit: 2
  by-hand:
    manual: true
    job: digest
  over:
    cron: '0 9 * * *'
    job: digest
    ends: 2026-01-01
`
const CALENDAR = `calendars:
  easter: { dates: 2027-03-27 }
`
const FILES = {
  'schedules/a.yml': FILE,
  'schedules/calendars/c.yml': CALENDAR,
  'morrow.config.mjs': CONFIG,
}
/** The same for tests that live in the present. */
const NOW = {
  ...FILES,
  'schedules/a.yml': FILE.replace(/ {4}starts: .*\n {4}ends: 2027.*\n/, ''),
  'schedules/calendars/c.yml': 'calendars: { easter: { weekly: [{ days: mon }, { days: wed }, { days: fri }] } }',
}
const NOWHERE = ['--redis-url', 'redis://127.0.0.1:1']

/** The store behind a project. */
async function storeOn(context: TestContext, env: Readonly<Record<string, string>>) {
  const connection = await connectTo(env['REDIS_URL'] ?? '')
  context.after(() => connection.close())
  return { store: openStore({ connection, prefix: env['MORROW_PREFIX'] ?? '' }) }
}

type Tick = Readonly<Record<'at' | 'local' | 'note' | 'excluded' | 'dueAt' | 'dueLocal' | 'state', string | undefined>>

test('next follows the policies of a schedule: its bounds, its calendars, its spread', async (context) => {
  const project = await userProject(context, FILES)
  const asked = ['schedule', 'next', 'nightly', '--from', '2027-01-01T00:00:00Z', ...NOWHERE]
  const ticks = jsonOf(await project.run(...asked, '--count', '9', '--json')) as readonly Tick[]
  assert.deepEqual(
    ticks.map(({ local, excluded }) => [local, excluded]),
    [
      ['2027-03-26T02:30:00+01:00', undefined],
      ['2027-03-27T02:30:00+01:00', 'easter'],
      ['2027-03-28T03:00:00+02:00', undefined],
      ['2027-03-29T02:30:00+02:00', undefined],
    ],
  )
  for (const { at, dueAt } of ticks) assert.ok(Date.parse(dueAt ?? '') > Date.parse(at ?? ''), at)
  const { out } = await project.run(...asked)
  assert.match(out, /^UTC +LOCAL \(Europe\/Berlin\) +DUE$/m)
  assert.match(out, /excluded by easter$/m)
  assert.match(out, /02:30 does not exist on 2027-03-28 in Europe\/Berlin/)
  const after = ['--from', '2028-01-01T00:00:00Z']
  assert.equal((await project.run('schedule', 'next', 'nightly', ...after)).out, 'no tick is planned after that')
})

test('next reads @every as an interval, and shows it in the zone that is asked for', async (context) => {
  const project = await userProject(context)
  const words = ['--cron', '@every 20h', '--from', '2026-12-01T00:00:00Z', '--count', '1', '--tz', 'Asia/Kolkata']
  const ran = await project.run('schedule', 'next', ...words)
  assert.match(ran.out, /^UTC +LOCAL \(Asia\/Kolkata\)/)
  assert.match(ran.out, /T\d\d:30:00\+05:30$/m)
})

test('beside a name, --tz says in which zone times are read and shown: the ticks stay those of the schedule', async (context) => {
  const project = await userProject(context, FILES)
  const ticksIn = async (...flags: readonly string[]) =>
    jsonOf(await project.run('schedule', 'next', 'nightly', '--json', '--count', '3', ...flags)) as readonly Tick[]
  const own = await ticksIn('--from', '2027-01-01')
  const elsewhere = await ticksIn('--from', '2027-01-01 05:00', '--tz', 'Asia/Kolkata')
  assert.deepEqual(
    elsewhere.map(({ at }) => at),
    own.map(({ at }) => at),
  )
  assert.deepEqual([own[0]?.local, elsewhere[0]?.local], ['2027-03-26T02:30:00+01:00', '2027-03-26T07:00:00+05:30'])
  assert.match(elsewhere[0]?.dueLocal ?? '', /\+05:30$/)
  assert.match(elsewhere[2]?.note ?? '', /02:30 does not exist on 2027-03-28 in Europe\/Berlin/)
  const shown = await project.run('schedule', 'next', 'nightly', '--from', '2027-01-01', '--tz', 'Asia/Kolkata')
  assert.match(shown.out, /^UTC +LOCAL \(Asia\/Kolkata\)/)
})

test('times without an offset are read on the clocks of the expression', async (context) => {
  const project = await userProject(context)
  const next = (...words: readonly string[]) => project.run('schedule', 'next', '--count', '1', ...words)
  const inStockholm = await next('--cron', '30 6 * * * Europe/Stockholm', '--from', '2026-12-01 06:30')
  assert.match(inStockholm.out, /2026-12-02T06:30:00\+01:00$/m)
  assert.match((await next('--cron', '30 6 * * *', '--from', '2026-12-01')).out, /2026-12-01T06:30:00\+00:00$/m)
  const both = await next('--cron', '30 6 * * * Europe/Stockholm', '--tz', 'Europe/Berlin')
  assert.deepEqual(
    [both.code, both.said],
    [2, 'error: --tz: the expression names its zone, Europe/Stockholm; expected the same or none, got Europe/Berlin'],
  )
  assert.equal((await next('--cron', '30 6 * * *', '--from', 'yesterday')).code, 2)
})

test('explain tells an expression field by field, its kind, and what changed clocks do', async (context) => {
  const project = await userProject(context, FILES)
  const ran = await project.run('schedule', 'explain', 'nightly', '--from', '2027-01-01T00:00:00Z', ...NOWHERE)
  assert.equal(ran.code, 0)
  assert.match(ran.out, /^at 02:30 every day, Europe\/Berlin\n/)
  assert.match(ran.out, /^hour +2 +2$/m)
  assert.match(ran.out, /^wall-clock: /m)
  assert.match(ran.out, /^2027-03-28T01:00:00\.000Z .*02:30 does not exist: it runs once, at 03:00$/m)
  assert.match(ran.out, /^overlap +a tick is skipped while an earlier run has not ended$/m)
  const words = ['schedule', 'explain', '--cron', 'H/10 * * * *', '--json']
  const told = jsonOf(await project.run(...words)) as { readonly patterns: readonly { readonly kind: string }[] }
  assert.equal(told.patterns[0]?.kind, 'rhythmic')
  assert.match((await project.run(...words)).said, /^H is decided by the name of a schedule/)
  assert.equal((await project.run('schedule', 'explain')).code, 2)
  assert.equal((await project.run('schedule', 'explain', 'nightyl')).code, 3)
})

test('show tells a schedule in force: words, place, state, next ticks', async (context) => {
  const project = await userProject(context, NOW)
  await project.run('schedule', 'apply')
  const ran = await project.run('schedule', 'show', 'nightly')
  assert.equal(ran.code, 0)
  assert.match(ran.out, /^nightly: at 02:30 every day, Europe\/Berlin\n/)
  for (const row of [
    /^queue +mail$/m,
    /^declared +schedules\/a\.yml:2$/m,
    /^generation +1$/m,
    /^state +on$/m,
    /^next due +\d{4}-\d\d-\d\dT02:\d\d:\d\d(\.\d+)?\+0\d:00 Europe\/Berlin \(in /m,
    /^last fired +never$/m,
    /^jobs made +0$/m,
    /^unended +none$/m,
    /^budget +p99 2 s$/m,
    /excluded by easter$/m,
  ])
    assert.match(ran.out, row)
  const told = jsonOf(await project.run('schedule', 'show', 'once', '--json')) as Readonly<Record<string, unknown>>
  assert.deepEqual([told['limit'], told['counted'], (told['ticks'] as unknown[]).length], [2, 0, 2])
  assert.match((await project.run('schedule', 'show', 'by-hand')).out, /no next tick: it runs only when a person/)
  const unknown = await project.run('schedule', 'show', 'nightyl')
  assert.deepEqual([unknown.code, unknown.said], [3, 'there is no schedule "nightyl"; did you mean nightly?'])
})

test('ls tells the state of each schedule', async (context) => {
  const project = await userProject(context, NOW)
  await project.run('schedule', 'apply')
  const rows = jsonOf(await project.run('schedule', 'ls', '--json')) as readonly Readonly<Record<string, unknown>>[]
  assert.deepEqual(
    rows.map((row) => [row['name'], row['state'], row['queue'], row['latenessMs']]),
    [
      ['by-hand', 'manual', 'mail', null],
      ['nightly', 'on', 'mail', null],
      ['once', 'on', 'mail', null],
      ['over', 'ended', 'mail', null],
    ],
  )
  assert.match((await project.run('schedule', 'ls')).out, /^over +0 9 \* \* \* UTC +ended +- +- +digest +mail +0$/m)
})

test("ls tells of Morrow's own schedule only where all are asked for", async (context) => {
  const project = await userProject(context, NOW)
  await project.run('schedule', 'apply')
  const { store } = await storeOn(context, project.env)
  await keepCanary({ store, id: 'test', emit: () => undefined })
  const names = async (...flags: readonly string[]) => {
    const rows = jsonOf(await project.run('schedule', 'ls', '--json', ...flags)) as readonly { readonly name: string }[]
    return rows.map(({ name }) => name)
  }
  assert.deepEqual(await names(), ['by-hand', 'nightly', 'once', 'over'])
  assert.deepEqual(await names('--all'), ['by-hand', 'morrow.canary', 'nightly', 'once', 'over'])
  assert.match((await project.run('schedule', 'show', 'morrow.canary')).out, /^declared +by Morrow itself$/m)
  assert.match((await project.run('schedule', 'ls', '--all')).out, /^morrow\.canary +every 1 min from 30 s +on /m)
})

test('ls and show tell the same of a schedule, and show more', async (context) => {
  const project = await userProject(context, NOW)
  await project.run('schedule', 'apply')
  await project.run('schedule', 'pause', 'nightly', '--reason', 'moving', '--until', '2h')
  const rows = jsonOf(await project.run('schedule', 'ls', '--json')) as readonly Readonly<Record<string, unknown>>[]
  for (const row of rows) {
    const shown = jsonOf(await project.run('schedule', 'show', String(row['name']), '--json')) as typeof row
    for (const [key, value] of Object.entries(row)) assert.deepEqual(shown[key], value, `${row['name']}: ${key}`)
  }
  assert.deepEqual(
    rows.map(({ sentence, state }) => [sentence, state]),
    [
      ['only when a person asks for it', 'manual'],
      ['at 02:30 every day, Europe/Berlin', 'paused'],
      ['every hour', 'on'],
      ['at 09:00 every day, UTC', 'ended'],
    ],
  )
})

test('a next tick that will not run says so wherever it is shown', async (context) => {
  const files = { ...NOW, 'schedules/calendars/c.yml': 'calendars: { easter: { weekly: [{ days: sun-sat }] } }' }
  const project = await userProject(context, files)
  await project.run('schedule', 'apply')
  await project.run('schedule', 'skip', 'once', '--by', 'ada', '--reason', 'stocktaking')
  const hindrances = jsonOf(await project.run('schedule', 'ls', '--json')) as readonly Readonly<
    Record<string, unknown>
  >[]
  assert.deepEqual(
    hindrances.map(({ name, hindrance }) => [name, hindrance]),
    [
      ['by-hand', null],
      ['nightly', 'excluded'],
      ['once', 'called-off'],
      ['over', null],
    ],
  )
  assert.match((await project.run('schedule', 'ls')).out, /^once .*\(in [^)]+\), called off /m)
  assert.match((await project.run('schedule', 'show', 'once')).out, /^next due .*\), called off$/m)
  assert.match((await project.run('schedule', 'show', 'once')).out, /^called off +\d{4}-.* UTC, by ada: stocktaking$/m)
  const shown = jsonOf(await project.run('schedule', 'show', 'once', '--json')) as {
    readonly calledOff: readonly object[]
  }
  assert.deepEqual(
    shown.calledOff.map((each) => Object.entries(each).filter(([key]) => key === 'by' || key === 'reason')),
    [
      [
        ['by', 'ada'],
        ['reason', 'stocktaking'],
      ],
    ],
  )
  const { store } = await storeOn(context, project.env)
  const page = overviewPage(await readOverview(store), { base: '' })
  assert.match(page, /<span class="tag rest">called off<\/span><span class="note">by ada: stocktaking<\/span>/)
  assert.match(page, /<span class="tag rest">excluded by a calendar<\/span>/)
  await project.run('schedule', 'pause', 'once', '--reason', 'moving')
  await project.run('schedule', 'pause', 'nightly', '--reason', 'moving')
  const { out } = await project.run('status')
  assert.match(out, /digest \(tick of once, called off\)/)
  assert.match(out, /digest \(tick of nightly, excluded by a calendar\)/)
})

test('ls tells of a schedule that begins later, and of one that another release wrote', async (context) => {
  const project = await userProject(context, {
    ...FILES,
    'schedules/a.yml':
      'schedules: { later: { every: 1h, job: digest, starts: 2030-01-01 }, odd: { every: 1h, job: digest } }',
  })
  await project.run('schedule', 'apply')
  const { store } = await storeOn(context, project.env)
  const home = await store.schedules.home('odd')
  const [{ definition } = { definition: '' }] = await store.schedules
    .list()
    .then((all) => all.filter((one) => one.name === 'odd'))
  const { schedules } = queueKeys(store.prefix, 'mail')
  const newer = { ...JSON.parse(definition), timing: { kind: 'tide', at: 'high' } }
  await store.connection.command(
    'HSET',
    `${schedules}${home?.id}`,
    'definition',
    JSON.stringify(newer),
    'version',
    'newer',
  )
  const { out, code } = await project.run('schedule', 'ls')
  assert.equal(code, 0)
  assert.match(out, /^later +every 1 h +begins 2030-01-01T00:00:00\+00:00 UTC \(in /m)
  assert.match(out, /^odd +of another release /m)
})
