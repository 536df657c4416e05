import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { type Exit, projectRoot, startProcess, type TestEnd } from '../support/processes.ts'

/** What the library can change under us: how it connects, loses, finds anew, and what becomes of calls meanwhile. */
const CORE = [
  'test/store/connection.test.ts',
  'test/store/line.test.ts',
  'test/store/owner.test.ts',
  'test/store/cluster.test.ts',
  'test/store/failover.test.ts',
  'test/client/client.test.ts',
]

const OLDEST = pathToFileURL(`${projectRoot}/test/support/ioredis-5.mjs`).href

async function run(test: TestEnd, ...args: readonly string[]): Promise<Exit & { readonly output: string }> {
  const running = startProcess(test, { arguments: args, env: { NODE_OPTIONS: `--import ${OLDEST}` } })
  const exit = await running.exit
  return { ...exit, output: running.output() }
}

test('the core of store and client does on ioredis 5.11.1 what it does on 6', async (context) => {
  const asked = `console.log(import.meta.resolve('ioredis'))`
  const { output: found } = await run(context, '--input-type=module', '--eval', asked)
  assert.match(found, /node_modules\/ioredis-5\//)
  const source = ['--conditions=morrow:source', '--import', 'tsx']
  const { code, output } = await run(context, ...source, '--test', '--test-reporter=tap', ...CORE)
  assert.equal(code, 0, output)
  assert.ok(Number(/^# pass (\d+)/m.exec(output)?.[1]) > 50, output)
})
