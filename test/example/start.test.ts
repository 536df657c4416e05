import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { startProcess } from '../support/processes.ts'
import { freePort, freePrefix, testRedisUrl } from '../support/redis.ts'
import { findRedisServer } from '../support/redis-server.ts'
import { until } from '../support/until.ts'
import { dataFolder, gone, hasEnvironment, startExample, times } from './support.ts'

test('a customer who signs up for three seconds gets the mail, once', async (t) => {
  const [redis, prefix, data] = [await testRedisUrl(), freePrefix(), dataFolder(t)]
  const example = await startExample(t, data, { REDIS_URL: redis, MORROW_PREFIX: prefix })
  assert.match(example.process.stderr(), /Redis: REDIS_URL/)
  const environment = JSON.parse(readFileSync(join(data, 'environment.json'), 'utf8'))
  assert.deepEqual([environment.REDIS_URL, environment.MORROW_PREFIX], [redis, prefix])

  const path = await example.signUp('ada@example.com', true)
  assert.match(path, /^\/sign-ups\/\w+$/)
  const isThere = async (): Promise<boolean> => (await example.text('/mailbox')).includes('ada@example.com')
  await until('the mail is in the mailbox', isThere, 20_000)
  const ended = async (): Promise<boolean> => (await example.text(path)).includes('<strong>ended</strong>')
  await until('the job has ended', ended)
  const mailbox = await example.text('/mailbox')
  assert.equal(times(mailbox, 'to ada@example.com'), 1)
  assert.ok(mailbox.includes('Your trial ends'))
  assert.doesNotMatch(mailbox, /more times/)

  const page = await example.text('/morrow')
  for (const part of [
    'digest',
    'morning-digest',
    'Europe/Berlin',
    'nightly-clean-up',
    'by hand only',
    'worker',
    'scheduler',
  ])
    assert.ok(page.includes(part), `expected ${part} in ${page}`)
  assert.ok(!page.includes('ada@example.com'))

  example.process.signal('SIGTERM')
  assert.deepEqual(await example.process.exit, { code: 143, signal: null })
  assert.equal(hasEnvironment(data), false)
  await gone(example.url)
})

test('with a Redis of its own, what waits for three days is there after the next start', async (t) => {
  const data = dataFolder(t)
  const first = await startExample(t, data, {})
  assert.match(first.process.stderr(), /Redis: .*(redis|valkey)-server, private, on /)
  const path = await first.signUp('eve@example.com', false)
  first.process.signal('SIGINT')
  assert.deepEqual(await first.process.exit, { code: 130, signal: null })
  const second = await startExample(t, data, {})
  assert.match(await second.text(path), /<strong>scheduled<\/strong>/)
  second.process.signal('SIGTERM')
  await second.process.exit
})

test('when the starter is killed, nothing that it started stays', async (t) => {
  const data = dataFolder(t)
  const example = await startExample(t, data, {})
  example.process.signal('SIGKILL')
  await example.process.exit
  await gone(example.url)
  await until('the variables are gone', () => !hasEnvironment(data))
  const socket = join(data, 'redis/redis.sock')
  await until('Redis has ended', () => !existsSync(socket))
})

test('after a kill, the next start waits for what is left, and goes on with its own Redis', async (t) => {
  const data = dataFolder(t)
  const killed = await startExample(t, data, {})
  const path = await killed.signUp('grace@example.com', false)
  killed.process.signal('SIGKILL')
  await killed.process.exit
  const next = await startExample(t, data, {})
  assert.doesNotMatch(next.process.stderr(), /ran already/)
  assert.match(await next.text(path), /<strong>scheduled<\/strong>/)
  assert.equal((await fetch(`${next.url}/morrow/readyz`)).status, 200)
})

test('a second start on the same data is refused, with what to type, and the first one goes on', async (t) => {
  const data = dataFolder(t)
  const { url } = await startExample(t, data, {})
  const [PORT, SMTP_PORT] = [await freePort(), await freePort()].map(String)
  const { code, output } = await refused({ PORT, SMTP_PORT, TRIAL_MAIL_DATA: data }, t)
  assert.equal(code, 78, output)
  assert.match(output, /runs already .*\n\s+TRIAL_MAIL_DATA=.data\/second PORT=\d+ SMTP_PORT=\d+ npm start/)
  assert.equal(hasEnvironment(data), true)
  assert.equal((await fetch(`${url}/morrow/readyz`)).status, 200)
})

test('a server that PATH does not lead to is not taken', (t) => {
  const { PATH } = process.env
  t.after(() => {
    process.env['PATH'] = PATH
  })
  process.env['PATH'] = dataFolder(t)
  assert.equal(findRedisServer([]), undefined)
})

const refused = async (env: Readonly<Record<string, string | undefined>>, t: Parameters<typeof dataFolder>[0]) => {
  const process = startProcess(t, {
    arguments: ['examples/trial-mail/start.mjs'],
    env: { TRIAL_MAIL_DATA: dataFolder(t), ...env },
  })
  const { code } = await process.exit
  return { code, output: process.output() }
}

test('a REDIS_URL that does not answer is an error, and nothing else is tried', async (t) => {
  const [PORT, SMTP_PORT, nobody] = [await freePort(), await freePort(), await freePort()].map(String)
  const { code, output } = await refused({ PORT, SMTP_PORT, REDIS_URL: `redis://127.0.0.1:${nobody}` }, t)
  assert.equal(code, 69, output)
  assert.match(output, /REDIS_URL is set, so nothing else is tried/)
})

test('a port that is taken is named, with what to type', async (t) => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const { code, output } = await refused({ PORT: String(port) }, t)
  assert.equal(code, 78, output)
  assert.match(output, new RegExp(`PORT: expected a free port, but .* ${port}; .*PORT=${port + 1} npm start`))
})
