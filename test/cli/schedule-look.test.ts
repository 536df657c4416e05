import assert from 'node:assert/strict'
import { test } from 'node:test'
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

type Tick = Readonly<Record<'at' | 'local' | 'note' | 'excluded' | 'dueAt' | 'state', string | undefined>>

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
