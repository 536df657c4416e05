import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { IMPORTS, jsonOf, type UserProject, userProject } from './support.ts'

const CONFIG = `${IMPORTS}
export const config = defineConfig({ jobs: [defineJob({ name: 'digest', queue: 'mail' })] })
`
const FILE = `schedules:
  nightly:
    cron: '30 4 * * *'
    tz: Europe/Berlin
    job: digest
  goes:
    every: 1h
    job: digest
`
const FILES = { 'schedules/a.yml': FILE, 'morrow.config.mjs': CONFIG }
const NOWHERE = ['--redis-url', 'redis://127.0.0.1:1']

type Changed = {
  readonly name: string
  readonly kind: string
  readonly looksLike: string | null
  readonly ticks: Readonly<Record<'appear' | 'vanish' | 'move', { readonly count: number; readonly first: unknown[] }>>
}
type Plan = {
  readonly changes: readonly Changed[]
  readonly unchanged: readonly string[]
  readonly generation: { readonly name: string; readonly isNew: boolean } | null
}

const kinds = ({ changes }: Plan) => changes.map(({ name, kind }) => `${kind} ${name}`)

test('warnings of lint have place and fix, and fail only with --strict', async (context) => {
  const crooked = FILE.replace('30 4 * * *', '*/90 4 * * *')
  const project = await userProject(context, { ...FILES, 'schedules/a.yml': crooked })
  const ran = await project.run('schedule', 'lint', ...NOWHERE)
  assert.equal(ran.code, 0)
  assert.match(
    ran.out,
    /^schedules\/a\.yml:3:12: warning: nightly\.cron: \*\/90 in the minute field .*; write every: 90m$/,
  )
  assert.equal(ran.said, '2 schedules in 1 file: no faults, 1 warning')
  assert.equal((await project.run('schedule', 'lint', '--strict')).code, 4)
  const [found] = jsonOf(await project.run('schedule', 'lint', '--json')) as readonly Record<string, unknown>[]
  assert.deepEqual(
    [found?.['severity'], found?.['code'], found?.['line'], found?.['column'], found?.['fix']],
    ['warning', 'step-too-large', 3, 12, 'write every: 90m'],
  )
  project.write('schedules/a.yml', FILE)
  assert.equal((await project.run('schedule', 'lint', '--strict')).code, 0)
})

test('a plan shows changes with their ticks, claims no number, and fails only when asked to', async (context) => {
  const project = await userProject(context, FILES)
  const plan = async (): Promise<Plan> => jsonOf(await project.run('schedule', 'plan', '--json')) as Plan
  assert.deepEqual(kinds(await plan()), ['added goes', 'added nightly'])
  assert.deepEqual((await plan()).generation, { name: '1', before: '', isNew: true })
  assert.equal((await project.run('schedule', 'apply')).code, 0)
  const same = await project.run('schedule', 'plan', '--exit-code')
  assert.deepEqual([same.code, same.said], [0, ''])
  assert.match(
    same.out,
    /nothing changes against what is in force: 2 schedules unchanged\nthese files are generation 1/,
  )

  project.write('schedules/a.yml', FILE.replace('30 4', '45 5').replace('goes:', 'comes:'))
  const changed = await plan()
  assert.deepEqual(kinds(changed), ['added comes', 'removed goes', 'changed nightly'])
  assert.equal(changed.changes[0]?.looksLike, 'goes')
  const { move, appear, vanish } = changed.changes[2]?.ticks ?? assert.fail('nightly changes')
  assert.ok(move.count >= 6 && appear.count + vanish.count <= 2, `${move.count} move`)
  assert.equal(move.first.length, 3)
  const text = await project.run('schedule', 'plan')
  assert.equal(text.code, 0)
  assert.match(
    text.out,
    /^~ nightly {2}changed {2}schedules\/a\.yml:2\n {4}at 05:45 every day, Europe\/Berlin\n {4}before: at 04:30/m,
  )
  assert.match(text.out, /write was: goes if it is that one under a new name/)
  assert.match(text.out, /^these files are new: they get generation 2; 1 is in force$/m)
  assert.equal((await project.run('schedule', 'plan', '--exit-code')).code, 4)
  assert.equal((await plan()).generation?.isNew, true)
})

test('a plan with faults ends with 4, and removes nothing that cannot be read', async (context) => {
  const project = await userProject(context, FILES)
  await project.run('schedule', 'apply')
  project.write('schedules/a.yml', FILE.replace('every: 1h', 'every: nonsense'))
  const ran = await project.run('schedule', 'plan')
  assert.equal(ran.code, 4)
  assert.match(ran.said, /^schedules\/a\.yml:7:12: goes: every: expected a duration/m)
  assert.match(ran.out, /^goes: kept as before, because what should say so cannot be read$/m)
})

function git(project: UserProject, ...words: readonly string[]): void {
  const who = ['-c', 'user.name=ada', '-c', 'user.email=ada@example.com', '-c', 'init.defaultBranch=main']
  execFileSync('git', [...who, ...words], { cwd: project.folder, stdio: 'ignore' })
}

test('files are compared with those of a git ref or of a folder, without Redis', async (context) => {
  const project = await userProject(context, { ...FILES, 'schedules/calendars/c.yml': 'calendars: {}\n' })
  git(project, 'init')
  git(project, 'add', '-A')
  git(project, 'commit', '-m', 'first')
  mkdirSync(join(project.folder, 'before'))
  project.write('before/a.yml', FILE)
  project.write('schedules/a.yml', FILE.replace('30 4', '45 5'))
  for (const against of ['main', 'before']) {
    const ran = await project.run('schedule', 'plan', '--against', against, '--json', ...NOWHERE)
    assert.deepEqual([ran.code, ran.said], [0, ''], against)
    const plan = jsonOf(ran) as Plan
    assert.deepEqual([kinds(plan), plan.unchanged, plan.generation], [['changed nightly'], ['goes'], null])
  }
  assert.equal((await project.run('schedule', 'plan', '--against', 'main', '--exit-code')).code, 4)
  for (const against of ['nowhere', '--output=x', 'main:schedules']) {
    const ran = await project.run('schedule', 'plan', `--against=${against}`)
    assert.deepEqual([ran.code, /expected a git ref or a folder/.test(ran.said)], [2, true], against)
  }
})
