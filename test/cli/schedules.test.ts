import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { IMPORTS, jsonOf, userProject } from './support.ts'

const CONFIG = `${IMPORTS}
import { z } from '${import.meta.resolve('zod')}'
export const config = defineConfig({ jobs: [defineJob({ name: 'digest', queue: 'mail', payload: z.object({ audience: z.string() }) })] })
`
const GOOD = `schedules:
  daily:
    cron: '0 9 * * *'
    tz: Europe/Berlin
    job: digest
    payload: { audience: all }
`

test('the next ticks of an expression stand in UTC, in its zone, and with notes on changed clocks', async (context) => {
  const project = await userProject(context)
  const zone = ['--tz', 'America/New_York', '--from', '2026-03-07T00:00:00Z', '--count', '3', '--json']
  const ran = await project.run('schedule', 'next', '--cron', '30 2 * * *', ...zone)
  assert.deepEqual(
    [ran.code, jsonOf(ran)],
    [
      0,
      [
        { at: '2026-03-07T07:30:00.000Z', local: '2026-03-07T02:30:00-05:00' },
        {
          at: '2026-03-08T07:00:00.000Z',
          local: '2026-03-08T03:00:00-04:00',
          note: '02:30 does not exist on 2026-03-08 in America/New_York (clocks go from 02:00 to 03:00): taken as 03:00',
        },
        { at: '2026-03-09T06:30:00.000Z', local: '2026-03-09T02:30:00-04:00' },
      ],
    ],
  )
})

test('the next ticks of a schedule of the files need no Redis', async (context) => {
  const project = await userProject(context, { 'schedules/mail.yml': GOOD })
  const ran = await project.run(
    'schedule',
    'next',
    'daily',
    '--from',
    '2026-12-01T00:00:00Z',
    '--count',
    '1',
    '--redis-url',
    'redis://127.0.0.1:1',
  )
  assert.match(ran.out, /2026-12-01T08:00:00\.000Z {2}2026-12-01T09:00:00\+01:00/)
  const misspelt = await project.run('schedule', 'next', 'dialy')
  assert.deepEqual([misspelt.code, /did you mean daily/.test(misspelt.said)], [3, true])
  for (const words of [[], ['daily', '--cron', '* * * * *'], ['daily', '--count', '0'], ['--cron', '61 * * * *']]) {
    assert.equal((await project.run('schedule', 'next', ...words)).code, 2, words.join(' '))
  }
})

test('ticks begin at an instant, or at a reading of the clock in the zone that is given', async (context) => {
  const project = await userProject(context)
  const next = (...words: readonly string[]) =>
    project.run('schedule', 'next', '--cron', '0 9 * * *', '--count', '1', ...words)
  const read = await next('--from', '2026-12-01 09:00', '--tz', 'Europe/Berlin')
  assert.match(read.out, /2026-12-02T08:00:00\.000Z {2}2026-12-02T09:00:00\+01:00/)
  for (const words of [['tomorrow'], [''], ['2026-12-01 09:00', '--tz', 'Nowhere']]) {
    const refused = await next('--from', ...words)
    assert.equal(refused.code, 2, words.join(' '))
    assert.match(refused.said, /^error: --(from|tz): /)
  }
})

test('lint prints every fault with its place and ends with 4; without Redis, and without job types where they cannot be loaded', async (context) => {
  const project = await userProject(context, { 'schedules/mail.yml': GOOD, 'morrow.config.mjs': CONFIG })
  assert.equal((await project.run('schedule', 'lint', '--redis-url', 'redis://127.0.0.1:1')).code, 0)
  project.write(
    'schedules/bad.yml',
    'schedules:\n  nightly:\n    cron: "0 0 31 2 *"\n    job: digest\n  odd:\n    every: 5m\n    job: digets\n',
  )
  project.write('schedules/worse.yml', 'schedules:\n  a:\n    cron: * * * * *\n    job: digest\n')
  const ran = await project.run('schedule', 'lint')
  assert.equal(ran.code, 4)
  assert.match(ran.out, /^schedules\/bad\.yml:3:11: /m)
  assert.match(ran.out, /^schedules\/bad\.yml:7:10: .*did you mean digest\?$/m)
  assert.match(ran.out, /^schedules\/worse\.yml:3:\d+: .*quote the expression/m)
  const faults = jsonOf(await project.run('schedule', 'lint', '--json')) as readonly { readonly line: number }[]
  assert.equal(faults.length, ran.out.split('\n').length)

  project.write('broken.mjs', 'throw new Error("no database here")')
  const lenient = await project.run('schedule', 'lint', '--config', 'broken.mjs')
  assert.equal(lenient.code, 4)
  assert.match(lenient.said, /job names and payloads are not checked: .*no database here/)
  assert.doesNotMatch(lenient.out, /did you mean digest/)
})

test('a folder that is missing is a fault', async (context) => {
  const ran = await (await userProject(context)).run('schedule', 'lint')
  assert.deepEqual([ran.code, ran.out], [4, 'schedules: does not exist; what was last applied stays in force'])
})

test('the schema of a project knows its jobs and their payloads', async (context) => {
  const project = await userProject(context, { 'schedules/mail.yml': GOOD, 'morrow.config.mjs': CONFIG })
  const { out } = await project.run('schedule', 'schema')
  assert.match(out, /"enum": \[\s+"digest"\s+\]/)
  assert.match(out, /"audience"/)
  const written = await project.run('schedule', 'schema', '--write')
  const line = '# yaml-language-server: $schema=./schema.json'
  assert.equal(written.out, line)
  const again = jsonOf(await project.run('schedule', 'schema', '--write', '--json'))
  assert.deepEqual(again, { file: 'schedules/schema.json', line })
  assert.equal(readFileSync(join(project.folder, 'schedules/schema.json'), 'utf8').trim(), out)
})

test('the schema of calendars is printed, and written beside them', async (context) => {
  const project = await userProject(context, { 'schedules/mail.yml': GOOD, 'morrow.config.mjs': CONFIG })
  const shown = jsonOf(await project.run('schedule', 'schema', '--calendars')) as { readonly title: string }
  assert.equal(shown.title, 'Morrow calendars')
  const written = await project.run('schedule', 'schema', '--calendars', '--write', '--json')
  const line = '# yaml-language-server: $schema=./schema.json'
  assert.deepEqual(jsonOf(written), { file: 'schedules/calendars/schema.json', line })
  assert.deepEqual(JSON.parse(readFileSync(join(project.folder, 'schedules/calendars/schema.json'), 'utf8')), shown)
  const elsewhere = await project.run('schedule', 'schema', '--calendars', '--write', 'calendars.json')
  assert.equal(elsewhere.out, '# yaml-language-server: $schema=../../calendars.json')
  assert.equal((await project.run('schedule', 'lint')).code, 0)
})

test('apply puts the files in force, and ls shows them', async (context) => {
  const project = await userProject(context, { 'schedules/mail.yml': GOOD, 'morrow.config.mjs': CONFIG })
  const applied = await project.run('schedule', 'apply', '--json')
  assert.deepEqual(jsonOf(applied), {
    generation: '1',
    refused: null,
    tookOver: null,
    environmentBefore: null,
    applied: ['daily'],
    unchanged: [],
    withdrawn: [],
    withheld: [],
    faults: [],
  })
  const [daily] = jsonOf(await project.run('schedule', 'ls', '--json')) as readonly Record<string, unknown>[]
  assert.deepEqual(
    [daily?.['name'], daily?.['when'], daily?.['queue'], daily?.['source']],
    ['daily', '0 9 * * * Europe/Berlin', 'mail', 'schedules/mail.yml:2'],
  )
  project.write('schedules/mail.yml', 'schedules:\n  daily:\n    corn: 1\n')
  const faulty = await project.run('schedule', 'apply')
  assert.equal(faulty.code, 4)
  assert.match((await project.run('schedule', 'ls')).out, /^daily {2,}0 9/m)
})
