import assert from 'node:assert/strict'
import { appendFile, mkdir, mkdtemp, open, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { formatFault } from '../../src/schedule/fault.ts'
import { isKept, readScheduleFiles } from '../../src/schedule/files.ts'
import { readTexts, readWhole } from '../../src/schedule/folder.ts'

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
  await mkdir(join(folder, 'more'))
  const { schedules, files, calendarFiles, faults, unreadable } = await readScheduleFiles(folder)
  assert.deepEqual([files, calendarFiles], [['schedules/a.yaml', 'schedules/b.yml'], []])
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

const namesOf = (schedules: readonly { readonly name: string }[]): readonly string[] =>
  schedules.map(({ name }) => name)

/** Every bad file, and what is said of it; a good one stands beside each. */
const BAD: Readonly<Record<string, { readonly text: string; readonly says: RegExp }>> = {
  'an empty file': { text: '', says: /^schedules\/bad\.yml:1:1: expected the key schedules, got an empty file/ },
  'a byte order mark and nothing else': { text: '\ufeff', says: /^schedules\/bad\.yml:1:1: .*empty file/ },
  'only blanks and CRLF': { text: ' \r\n\r\n', says: /^schedules\/bad\.yml:1:1: .*empty file/ },
  tabs: { text: 'schedules:\n\tbad:\n\t\tjob: x\n', says: /^schedules\/bad\.yml:2:1: .*indent with spaces/ },
  'a key twice': {
    text: 'schedules:\n  bad:\n    every: 5m\n    job: x\n    every: 6m\n',
    says: /^schedules\/bad\.yml:5:5: expected each key once, got "every" again, after line 3/,
  },
  'a key twice in a payload': {
    text: 'schedules:\n  bad: { every: 5m, job: x, payload: { a: { b: 1, b: 2 } } }\n',
    says: /^schedules\/bad\.yml:2:51: expected each key once, got "b" again/,
  },
  'an anchor': {
    text: 'schedules:\n  bad: &a { every: 5m, job: x }\n',
    says: /^schedules\/bad\.yml:2:11: expected no anchor, got &a/,
  },
  'an alias': { text: 'schedules:\n  bad: *a\n', says: /^schedules\/bad\.yml:2:8: / },
  'a billion laughs': {
    text: `a: &a [x, x]\n${Array.from({ length: 9 }, (_, i) => `a${i}: &a${i} [*a${i === 0 ? '' : i - 1}, *a${i === 0 ? '' : i - 1}]`).join('\n')}\n`,
    says: /^schedules\/bad\.yml:1:7: expected no anchor, got &a/m,
  },
  'a merge key': {
    text: 'schedules:\n  bad: { <<: { every: 5m }, job: x }\n',
    says: /^schedules\/bad\.yml:2:10: expected no merge key/,
  },
  'brackets in brackets': {
    text: '['.repeat(1_000_000),
    says: /^schedules\/bad\.yml:1:65: expected at most 64 levels/,
  },
  'braces in braces': {
    text: `schedules:\n  a: ${'{a: '.repeat(200_000)}`,
    says: /^schedules\/bad\.yml:2:262: expected at most 64 levels/,
  },
  'lists in lists': {
    text: `schedules:\r\n${'- '.repeat(500_000)}`,
    says: /^schedules\/bad\.yml:2:129: expected at most 64 levels/,
  },
  'keys in keys': { text: '? '.repeat(500_000), says: /^schedules\/bad\.yml:1:129: expected at most 64 levels/ },
  'maps in maps': {
    text: Array.from({ length: 1_000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
    says: /^schedules\/bad\.yml:66:66: expected at most 64 levels/,
  },
  'a text for the schedules': {
    text: 'schedules: all\n',
    says: /^schedules\/bad\.yml:1:12: schedules: expected a map .*got "all"/,
  },
  'a number for a file': {
    text: '5\n',
    says: /^schedules\/bad\.yml:1:1: expected the two keys defaults and schedules, got 5/,
  },
  'a directive': {
    text: '%YAML 9.9\n---\nschedules: {}\n',
    says: /^schedules\/bad\.yml:1:7: expected plain YAML, got .*; leave the directive out/,
  },
  'a date for a name': {
    text: 'schedules:\n  ? [a]\n  : { every: 5m, job: x }\n',
    says: /^schedules\/bad\.yml:2:5: expected a name as key/,
  },
  'faulty defaults': {
    text: 'defaults: { overlap: no }\nschedules: {}\n',
    says: /^schedules\/bad\.yml:1:22: defaults\.overlap: expected allow/,
  },
}

for (const [name, { text, says }] of Object.entries(BAD)) {
  test(`${name}: said with its place, kept what stood in that file, and every other schedule goes on`, async (t) => {
    const folder = await folderOf(t, { 'a.yml': schedule('one'), 'bad.yml': text, 'c.yml': schedule('three') })
    const { schedules, faults, unreadable } = await readScheduleFiles(folder)
    assert.match(faults.map(formatFault).join('\n'), says)
    assert.deepEqual(namesOf(schedules), ['one', 'three'])
    const keeps = [
      isKept(unreadable, at('schedules/bad.yml', 'bad')),
      isKept(unreadable, at('schedules/a.yml', 'gone')),
    ]
    assert.deepEqual(keeps, [true, false])
  })
}

test('a byte order mark and CRLF are read as what they are', async (t) => {
  const folder = await folderOf(t, { 'a.yml': `\ufeff${schedule('one').replaceAll('\n', '\r\n')}` })
  const { schedules, faults } = await readScheduleFiles(folder)
  assert.deepEqual([namesOf(schedules), faults], [['one'], []])
})

test('20,000 keys are looked through in a moment, each of them once', async (t) => {
  const folder = await folderOf(t, {
    'a.yml': `schedules:\n${Array.from({ length: 20_000 }, (_, i) => `  a${i}: 5`).join('\n')}\n  a7: 5\n`,
    'b.yml': schedule('one'),
  })
  const { schedules, faults } = await readScheduleFiles(folder)
  const [twice, ...more] = faults.map(formatFault).filter((text) => !text.includes('expected a map'))
  assert.equal(
    twice,
    'schedules/a.yml:20002:3: expected each key once, got "a7" again, after line 9; give each its own name',
  )
  assert.deepEqual([more, faults.length], [[], 20_002])
  assert.deepEqual(namesOf(schedules), ['one'])
})

test('a file of 10 MB is refused by its size, and what is no file by its kind', async (t) => {
  const folder = await folderOf(t, { 'a.yml': schedule('one'), 'big.yml': 'schedules: {}' })
  await truncate(join(folder, 'big.yml'), 10_000_000)
  await mkdir(join(folder, 'mounted.yml'))
  await symlink('loop.yml', join(folder, 'loop.yml'))
  await symlink('.', join(folder, 'self.yml'))
  const { schedules, faults, unreadable } = await readScheduleFiles(folder)
  assert.deepEqual(namesOf(schedules), ['one'])
  assert.deepEqual(faults.map(formatFault), [
    'schedules/big.yml: expected at most 1 MiB, got 10000000 bytes',
    'schedules/loop.yml: cannot be read (ELOOP)',
    'schedules/mounted.yml: expected a file, got a folder or something else',
    'schedules/self.yml: expected a file in the folder, got a link that leaves it; copy the file',
  ])
  assert.equal(isKept(unreadable, at('schedules/mounted.yml', 'two')), true)
})

test('a file that changes or is cut short while it is read is not believed', async (t) => {
  const folder = await folderOf(t, { 'a.yml': schedule('one') })
  const path = join(folder, 'a.yml')
  const fault = 'changed while it was read; it is read again at the next look'
  const changed = { kind: 'fault', fault, passing: true }
  for (const change of [() => appendFile(path, '# more'), () => truncate(path, 10)]) {
    const handle = await open(path)
    t.after(() => handle.close())
    const readFile = async () => {
      const bytes = await handle.readFile()
      await change()
      return bytes
    }
    assert.deepEqual(await readWhole({ stat: () => handle.stat(), readFile }), changed)
  }
})

test('files beyond the thousandth are refused by name, and removed nothing', async (t) => {
  const names = Array.from({ length: 1_002 }, (_, i) => `${1_000 + i}.yml`)
  const folder = await folderOf(t, Object.fromEntries(names.map((name) => [name, 'schedules: {}\n'])))
  const { faults, unreadable } = await readScheduleFiles(folder)
  assert.deepEqual(faults.map(formatFault), [
    'schedules/2000.yml: expected at most 1000 files in a folder; put more into one file',
    'schedules/2001.yml: expected at most 1000 files in a folder; put more into one file',
  ])
  assert.equal(isKept(unreadable, at('schedules/2001.yml', 'two')), true)
})

test('a former name that is still declared, or taken over twice, is a fault of those that say it', async (t) => {
  const was = (name: string, former: string): string => `${schedule(name)}    was: ${former}\n`
  const folder = await folderOf(t, {
    'a.yml': was('new', 'old'),
    'b.yml': schedule('old'),
    'c.yml': was('left', 'gone'),
    'd.yml': was('right', 'gone'),
    'e.yml': was('fine', 'former'),
  })
  const { schedules, faults, unreadable } = await readScheduleFiles(folder)
  assert.deepEqual(namesOf(schedules), ['old', 'fine'])
  assert.deepEqual(faults.map(formatFault), [
    'schedules/a.yml:2:3: new.was: expected a name that no schedule has any more, got "old", which schedules/b.yml:2 still declares; remove it there, or leave was out',
    'schedules/d.yml:2:3: right.was: expected a name that no schedule has any more, got "gone", which left (schedules/c.yml:2) takes over too; leave was out of one',
    'schedules/c.yml:2:3: left.was: expected a name that no schedule has any more, got "gone", which right takes over too',
  ])
  const kept = ['gone', 'left', 'former'].map((name) => isKept(unreadable, at('schedules/x.yml', name)))
  assert.deepEqual(kept, [true, true, false])
})

test('a faulty schedule that was renamed keeps what was applied under its former name', async (t) => {
  const folder = await folderOf(t, { 'a.yml': `schedules:\n  new:\n    every: 5\n    job: x\n    was: old\n` })
  const { schedules, unreadable } = await readScheduleFiles(folder)
  assert.deepEqual(schedules, [])
  assert.equal(isKept(unreadable, at('schedules/b.yml', 'old')), true)
})

test('a file that vanishes after the folder was listed is a fault, not an empty file', async (t) => {
  const folder = await folderOf(t, { 'a.yml': schedule('one') })
  const read = await readTexts(folder, folder, ['a.yml', 'b.yml'])
  assert.deepEqual(read[1], { name: 'b.yml', kind: 'fault', fault: 'cannot be read (ENOENT)' })
})
