import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import type { Command } from 'commander'
import { EXIT } from '../../src/cli/exit.ts'
import { program, runCli } from '../../src/cli/program.ts'
import { projectRoot } from '../support/processes.ts'

const docs = readFileSync(join(projectRoot, 'docs/cli.md'), 'utf8')
const silent = { out: () => undefined, say: () => undefined, colour: false }
const root = program({ terminal: silent, finish: () => undefined })

/** Every command that does something, as it is typed. */
const leaves = (from: Command, before: string): readonly (readonly [path: string, command: Command])[] =>
  from.commands.length === 0
    ? [[before, from]]
    : from.commands.flatMap((each) => leaves(each, `${before} ${each.name()}`))

test('every command stands in docs/cli.md, with an example', () => {
  for (const [path] of leaves(root, 'morrow')) {
    const row = docs.split('\n').find((line) => line.startsWith(`| \`${path}\` |`))
    assert.ok(row !== undefined, `${path} is missing`)
    assert.match(row, new RegExp(`\\| \`${path}[^|]*\` \\|$`), `${path} has no example`)
  }
})

test('every exit code stands in docs/cli.md', () => {
  for (const code of Object.values(EXIT)) assert.match(docs, new RegExp(`^\\| ${code} \\|`, 'm'))
})

test('every command has help with an example, and ends it with 0', async () => {
  for (const [path] of leaves(root, 'morrow')) {
    const lines: string[] = []
    const terminal = { ...silent, out: (text: string) => lines.push(text) }
    assert.equal(await runCli([...path.split(' ').slice(1), '--help'], terminal), EXIT.ok, path)
    assert.match(lines.join('\n'), /Examples:\n {2}\$ morrow /, path)
  }
})

test('no command, and an unknown one, is wrong use; the version is data', async () => {
  const said: string[] = []
  const terminal = { ...silent, say: (text: string) => said.push(text) }
  assert.equal(await runCli([], terminal), EXIT.usage)
  assert.equal(await runCli(['job', 'enqeue'], terminal), EXIT.usage)
  assert.match(said.join('\n'), /Did you mean enqueue/)
  assert.equal(await runCli(['status', '--jsno'], terminal), EXIT.usage)
  assert.equal(await runCli(['--version'], terminal), EXIT.ok)
})

const read = (path: string): string => readFileSync(join(projectRoot, path), 'utf8')

/** Everything that people read, by its path from the root. */
const pages = [
  'README.md',
  ...readdirSync(join(projectRoot, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(md|yml)$/.test(name))
    .map((name) => `docs/${name}`),
]

/** The anchors that a page's headings get. */
const anchorsOf = (path: string): readonly string[] =>
  [...read(path).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  )

test('every link and every picture in the docs leads somewhere', () => {
  const broken = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = '']) => {
      if (/^https?:/.test(link)) return []
      const [path = '', anchor] = link.split('#')
      const target = path === '' ? page : join(dirname(page), path)
      if (!existsSync(join(projectRoot, target))) return [`${page}: ${link}`]
      return anchor === undefined || anchorsOf(target).includes(anchor) ? [] : [`${page}: ${link}`]
    }),
  )
  assert.deepEqual(broken, [])
})

/** The words of a command line up to a pipe, a remark or the next command; quotes hold words together. */
const wordsOf = (line: string): readonly string[] =>
  (/^(?:'[^']*'|"[^"]*"|[^|#>&;\n'"])*/.exec(line)?.[0] ?? '').match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? []

/** What is wrong with a command line by the commands and flags that there are. */
function faultOf(line: string): string | undefined {
  let at: Command = root
  const [, ...words] = wordsOf(line)
  for (const word of words) {
    const [flag = ''] = word.replace(/^\[/, '').split(/[=\]]/)
    if (/^--?[a-z]/i.test(flag)) {
      if (flag === '--help' || at.options.some(({ long, short }) => flag === long || flag === short)) continue
      return `${line}: there is no ${flag}`
    }
    if (at.commands.length === 0 || word === '…' || word === 'NAME') continue
    const next = at.commands.find((each) => each.name() === word)
    if (next === undefined) return `${line}: there is no ${word}`
    at = next
  }
  return undefined
}

test('every command in the docs is one that there is, with flags that it has', () => {
  const wrong = pages.flatMap((page) => {
    const text = read(page).replace(/\\\n\s*/g, ' ')
    const lines = [...text.matchAll(/`(morrow [a-z][^`]*)`|^(?:\$ |[a-z]+: |\s*command: "?)?(morrow [a-z].*?)"?$/gm)]
    return lines
      .flatMap(([, quoted, alone]) => faultOf(quoted ?? alone ?? '') ?? [])
      .map((fault) => `${page}: ${fault}`)
  })
  assert.deepEqual(wrong, [])
})
