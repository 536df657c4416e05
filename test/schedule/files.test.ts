import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { formatFault } from '../../src/schedule/fault.ts'
import { isKept, readScheduleFiles } from '../../src/schedule/files.ts'

const schedule = (name: string): string => `schedules:\n  ${name}:\n    every: 5m\n    job: x\n    queue: q\n`

async function folderOf(t: TestContext, files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'schedules-'))
  t.after(() => rm(home, { recursive: true }))
  const folder = join(home, 'schedules')
  await mkdir(folder)
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  return folder
}

const at = (file: string, name: string) => ({ name, source: { file, line: 2, column: 3 } })

test('every *.yml and *.yaml of the folder is read, in the order of names', async (t) => {
  const folder = await folderOf(t, {
    'b.yml': schedule('two'),
    'a.yaml': schedule('one'),
    'notes.md': 'no',
    '.hidden.yml': 'no',
  })
  await mkdir(join(folder, 'calendars.yml'))
  const { schedules, files, faults, unreadable } = await readScheduleFiles(folder)
  assert.deepEqual(files, ['schedules/a.yaml', 'schedules/b.yml'])
  assert.deepEqual(
    schedules.map(({ name }) => name),
    ['one', 'two'],
  )
  assert.deepEqual([faults, unreadable], [[], []])
})

test('a typo in one of three files keeps what stood in that file, and only that', async (t) => {
  const folder = await folderOf(t, { 'a.yml': schedule('one'), 'b.yml': 'schedules: [', 'c.yml': schedule('three') })
  const { schedules, faults, unreadable } = await readScheduleFiles(folder)
  assert.deepEqual(
    schedules.map(({ name }) => name),
    ['one', 'three'],
  )
  assert.match(formatFault(faults[0] ?? { file: '', line: 0, column: 0, message: '' }), /^schedules\/b\.yml:1:1\d: /)
  assert.equal(isKept(unreadable, at('schedules/b.yml', 'two')), true)
  assert.equal(isKept(unreadable, at('schedules/a.yml', 'removed')), false)
})

test('a faulty schedule keeps its last good definition, its neighbours go on', async (t) => {
  const folder = await folderOf(t, { 'a.yml': `${schedule('one')}  two:\n    every: 10\n    job: x\n` })
  const { schedules, unreadable } = await readScheduleFiles(folder)
  assert.deepEqual(
    schedules.map(({ name }) => name),
    ['one'],
  )
  assert.deepEqual(
    unreadable.map(({ kind }) => kind),
    ['schedule'],
  )
  assert.deepEqual(
    [isKept(unreadable, at('schedules/a.yml', 'two')), isKept(unreadable, at('schedules/a.yml', 'three'))],
    [true, false],
  )
})

test('a missing or empty folder removes nothing', async (t) => {
  const folder = await folderOf(t, {})
  for (const [path, state] of [
    [folder, 'empty'],
    [join(folder, 'nowhere'), 'missing'],
  ] as const) {
    const { unreadable, schedules } = await readScheduleFiles(path)
    assert.deepEqual(
      unreadable.map((one) => (one.kind === 'folder' ? one.state : one.kind)),
      [state],
    )
    assert.deepEqual(schedules, [])
    assert.equal(isKept(unreadable, at('schedules/a.yml', 'one')), true)
  }
})

test('a name in two files belongs to neither, and both places are named', async (t) => {
  const folder = await folderOf(t, { 'a.yml': schedule('one'), 'b.yml': schedule('one') })
  const { schedules, faults, unreadable } = await readScheduleFiles(folder)
  assert.deepEqual(schedules, [])
  assert.deepEqual(faults.map(formatFault), [
    'schedules/b.yml:2:3: one: expected a name of its own, but schedules/a.yml:2 has it too; rename one',
  ])
  assert.equal(isKept(unreadable, at('schedules/a.yml', 'one')), true)
})

test('links that leave the folder, big files, bytes that are no text and what vanished are faults of their file', async (t) => {
  const folder = await folderOf(t, {
    'big.yml': `# ${'x'.repeat(1_100_000)}`,
    'bytes.yml': Uint8Array.of(0xff, 0xfe, 0x00),
    'good.yml': schedule('one'),
  })
  await writeFile(join(folder, '..', 'outside.yml'), schedule('evil'))
  await symlink(join(folder, '..', 'outside.yml'), join(folder, 'link.yml'))
  await symlink(join(folder, 'gone.txt'), join(folder, 'vanished.yml'))
  await writeFile(join(folder, 'inside.txt'), schedule('inside'))
  await symlink('inside.txt', join(folder, 'inside.yml'))
  const { schedules, faults } = await readScheduleFiles(folder)
  assert.deepEqual(
    schedules.map(({ name }) => name),
    ['one', 'inside'],
  )
  assert.deepEqual(faults.map(formatFault), [
    'schedules/big.yml: expected at most 1 MiB, got 1100002 bytes',
    'schedules/bytes.yml: expected UTF-8 text, got other bytes',
    'schedules/link.yml: expected a file in the folder, got a link that leaves it; copy the file',
    'schedules/vanished.yml: cannot be read (ENOENT)',
  ])
})
