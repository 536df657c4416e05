import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { formatFault } from '../../src/schedule/fault.ts'
import { isKept, readScheduleFiles } from '../../src/schedule/files.ts'

async function folderOf(t: TestContext, files: Readonly<Record<string, string>>): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'calendars-'))
  t.after(() => rm(home, { recursive: true }))
  const folder = join(home, 'schedules')
  for (const [name, text] of Object.entries({ 'a.yml': SCHEDULES, ...files })) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
  return folder
}

const SCHEDULES = `schedules:
  free: { every: 5m, job: x }
  named: { every: 5m, job: x, exclude: public }
  both: { every: 5m, job: x, exclude: [company, public] }
`
const PUBLIC = `calendars:\n  public: { dates: [12-25] }\n`
const COMPANY = `calendars:\n  company: { weekly: [{ days: sat-sun }] }\n`

const read = async (folder: string) => {
  const { schedules, faults, unreadable, calendarFiles } = await readScheduleFiles(folder)
  const keeps = (name: string) => isKept(unreadable, { name, source: { file: 'schedules/a.yml', line: 1, column: 1 } })
  return {
    names: schedules.map(({ name }) => name),
    kept: ['free', 'named', 'both', 'removed'].filter(keeps),
    faults: faults.map(formatFault),
    schedules,
    calendarFiles,
  }
}

test('calendars are read from their folder, and a schedule carries those it names', async (t) => {
  const folder = await folderOf(t, {
    'calendars/p.yml': PUBLIC,
    'calendars/c.yaml': COMPANY,
    'calendars/notes.md': 'no',
  })
  const { names, faults, schedules, calendarFiles } = await read(folder)
  assert.deepEqual([names, faults], [['free', 'named', 'both'], []])
  assert.deepEqual(calendarFiles, ['schedules/calendars/c.yaml', 'schedules/calendars/p.yml'])
  assert.deepEqual(
    schedules[2]?.policies.exclude?.map(({ name }) => name),
    ['company', 'public'],
  )
})

test('a calendar file that cannot be read keeps the schedules that name a calendar it may hold, and no other', async (t) => {
  const folder = await folderOf(t, { 'calendars/p.yml': 'calendars: [', 'calendars/c.yml': COMPANY })
  const { names, kept, faults } = await read(folder)
  assert.deepEqual([names, kept], [['free'], ['named', 'both']])
  assert.match(faults[0] ?? '', /^schedules\/calendars\/p\.yml:1:1\d: expected YAML/)
  assert.match(
    faults[1] ?? '',
    /^schedules\/a\.yml:3:40: named\.exclude: .*"public"; it may stand in schedules\/calendars\/p\.yml/,
  )
  assert.equal(faults.length, 3)
})

test('a faulty calendar keeps the schedules that name it, the others of its file are used', async (t) => {
  const folder = await folderOf(t, { 'calendars/all.yml': `${COMPANY}  public: { dates: 13-13 }\n` })
  const { names, kept, faults } = await read(folder)
  assert.deepEqual([names, kept], [['free'], ['named', 'both']])
  assert.match(
    faults.join('\n'),
    /^schedules\/calendars\/all\.yml:3:20: public\.dates: .*\n.*got "public", which is faulty\n/,
  )
})

test('a calendar of one name in two files belongs to neither', async (t) => {
  const folder = await folderOf(t, { 'calendars/p.yml': PUBLIC, 'calendars/q.yml': PUBLIC, 'calendars/r.yml': COMPANY })
  const { names, kept, faults } = await read(folder)
  assert.deepEqual([names, kept], [['free'], ['named', 'both']])
  assert.equal(
    faults[0],
    'schedules/calendars/q.yml:2:3: calendar "public": expected a name of its own, but schedules/calendars/p.yml:2 has it too; rename one',
  )
})

test('without a folder of calendars a schedule that names one is faulty, and stays as it was', async (t) => {
  const { names, kept, faults } = await read(await folderOf(t, {}))
  assert.deepEqual([names, kept], [['free'], ['named', 'both']])
  assert.match(faults[0] ?? '', /expected a calendar that is declared, got "public"; declare it in calendars\/\*\.yml$/)
})

test('links out of the folder, files in place of the folder and big files of calendars are refused', async (t) => {
  const folder = await folderOf(t, { 'calendars/c.yml': COMPANY, 'calendars/big.yml': '#'.repeat(1_100_000) })
  await writeFile(join(folder, '..', 'outside.yml'), PUBLIC)
  await symlink('../../outside.yml', join(folder, 'calendars', 'p.yml'))
  await symlink('nowhere', join(folder, 'calendars', 'gone.yml'))
  const { names, kept, faults } = await read(folder)
  assert.deepEqual([names, kept], [['free'], ['named', 'both']])
  assert.deepEqual(faults.slice(0, 3), [
    'schedules/calendars/big.yml: expected at most 1 MiB, got 1100000 bytes',
    'schedules/calendars/gone.yml: cannot be read (ENOENT)',
    'schedules/calendars/p.yml: expected a file in the folder, got a link that leaves it; copy the file',
  ])
  const other = await folderOf(t, { calendars: 'a file' })
  const answer = await read(other)
  assert.deepEqual([answer.names, answer.kept], [['free'], ['named', 'both']])
  assert.equal(answer.faults[0], 'schedules/calendars: expected a folder of calendars, but it cannot be read (ENOTDIR)')
})

test('a folder of calendars that leads out of the folder of schedules is refused', async (t) => {
  const folder = await folderOf(t, {})
  await mkdir(join(folder, '..', 'elsewhere'))
  await writeFile(join(folder, '..', 'elsewhere', 'p.yml'), PUBLIC)
  await symlink('../elsewhere', join(folder, 'calendars'))
  const { names, faults } = await read(folder)
  assert.deepEqual(names, ['free'])
  assert.match(
    faults[0] ?? '',
    /^schedules\/calendars\/p\.yml: expected a file in the folder, got a link that leaves it/,
  )
})
