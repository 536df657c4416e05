import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
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
