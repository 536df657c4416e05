import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { projectRoot } from '../support/processes.ts'

const node = (words: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  spawnSync(process.execPath, [...words], { cwd: projectRoot, env: { ...process.env, ...env }, encoding: 'utf8' })

test('npm test says in one line that a path which is named holds no tests', () => {
  for (const [path, why] of [
    ['test/nowhere.test.ts', 'there is no such file or folder'],
    ['docs', 'nothing there ends in .test.ts'],
  ] as const) {
    const { status, stdout, stderr } = node(['test/run.mjs', path])
    const text = `expected a test file or a folder of them, got ${path}: ${why}\n`
    assert.deepEqual([status, stdout, stderr], [2, '', text])
  }
})

test('npm run morrow speaks to the Redis of a running npm start, unless the environment names another', (context) => {
  const data = mkdtempSync(join(tmpdir(), 'morrow-clone-'))
  context.after(() => rmSync(data, { recursive: true, force: true }))
  writeFileSync(join(data, 'environment.json'), '{ "REDIS_URL": "unix:///its.sock", "MORROW_PREFIX": "its" }')
  const settings = (REDIS_URL: string): Readonly<Record<string, unknown>> => {
    const env = { TRIAL_MAIL_DATA: data, REDIS_URL, MORROW_PREFIX: '', LOG_LEVEL: '' }
    const { stdout, stderr } = node(['test/morrow.mjs', 'config', '--json'], env)
    assert.notEqual(stdout, '', stderr)
    const rows = JSON.parse(stdout) as {
      readonly settings: readonly { readonly name: string; readonly value: unknown }[]
    }
    return Object.fromEntries(rows.settings.map(({ name, value }) => [name, value]))
  }
  assert.equal(settings('')['redisUrl'], 'unix:///its.sock')
  const { redisUrl, prefix } = settings('redis://other:6379')
  assert.deepEqual([redisUrl, prefix], ['redis://other:6379', 'its'])
})
