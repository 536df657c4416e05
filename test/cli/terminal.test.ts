import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, openSync } from 'node:fs'
import { test } from 'node:test'
import { print, table } from '../../src/cli/terminal.ts'
import { projectRoot } from '../support/processes.ts'
import { mainArguments } from './support.ts'

test('what would steer a terminal is shown and not obeyed; for machines it stays as it is', () => {
  const lines: string[] = []
  const terminal = { out: (text: string) => lines.push(text), say: () => undefined, colour: false }
  const printed = { text: 'a\u001b[31mb\u009bc\r\n\td ünï', value: '\u001b' }
  print(terminal, false, printed)
  print(terminal, true, printed)
  assert.deepEqual(lines, ['a\\x1b[31mb\\x9bc\\x0d\n\td ünï', '"\\u001b"'])
})

test('columns are as wide as what stands in them, numbers to the right', () => {
  const rows = [
    ['QUEUE', 'READY'],
    ['mail', 7],
    ['critical', 12],
  ]
  assert.equal(table(rows), 'QUEUE     READY\nmail          7\ncritical     12')
  assert.equal(table([]), '')
})

const FULL = '/dev/full'

test('data that cannot be written is a failure, messages are not', { skip: !existsSync(FULL) }, () => {
  const full = openSync(FULL, 'w')
  const run = (stdio: readonly ('ignore' | 'pipe' | number)[], ...words: readonly string[]) =>
    spawnSync(process.execPath, [...mainArguments, ...words], { cwd: projectRoot, stdio: [...stdio], encoding: 'utf8' })
  const lost = run(['ignore', full, 'pipe'], 'schedule', 'next', '--cron', '0 9 * * *')
  assert.deepEqual([lost.status, /the output cannot be written: ENOSPC/.test(lost.stderr)], [1, true], lost.stderr)
  assert.equal(run(['ignore', 'pipe', full], 'schedule', 'nxet').status, 2)
  closeSync(full)
})

test('a pipe that is closed early ends a command well', () => {
  const words = ['schedule', 'next', '--cron', '* * * * *', '--count', '10000', '--json']
  const script = '"$@" | head -n 1; test "$PIPESTATUS" = 0'
  const command = [process.execPath, ...mainArguments, ...words]
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script, 'bash', ...command], { encoding: 'utf8' })
  assert.deepEqual([status, stdout, stderr], [0, '[\n', ''])
})
