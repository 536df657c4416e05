import assert from 'node:assert/strict'
import { test } from 'node:test'
import Fastify from 'fastify'
import { LayoutNewerError, RedisUnavailableError, RedisUnsuitableError } from '../../src/store/errors.ts'
import { queueKeys } from '../../src/store/keys.ts'
import { webPlugin } from '../../src/web/web.ts'
import { announce, SECRET, seed, seedSchedules } from './seed.ts'
import { home, webOn } from './support.ts'

/** The text of a page as a person reads it, one blank between words. */
const readable = (page: string): string =>
  page
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&#39;', "'")
    .replace(/\s+/g, ' ')

test('an empty namespace teaches what to type', async (t) => {
  const { store } = await home(t)
  const text = readable((await webOn(t, store).get('/')).body)
  for (const taught of ['No queue yet', 'morrow job enqueue', 'schedules/*.yml', 'morrow worker', 'No job is dead'])
    assert.ok(text.includes(taught), taught)
})

test('the page shows the places, what comes, schedules, processes and dead jobs, and no payload', async (t) => {
  const here = await home(t)
  await seed(here)
  await seedSchedules(here)
  await announce(here)
  const { body, statusCode } = await webOn(t, here.store).get('/')
  const text = readable(body)
  assert.equal(statusCode, 200)
  const shown = [
    `namespace ${here.prefix}`,
    'scheduled 3 wait for their time ready 2',
    'ended 1',
    'held 1',
    'dead 1',
    '1 × write-invoice held for',
    'in 1 min tick mail send-digest',
    'send-mail 20',
    'To everybody every minute, UTC * * * * *',
    'at 02:30 every day, Europe/Berlin 30 2 * * *',
    '+01:00 in',
    'every 5 minutes every 5 min',
    'rebuild only when a person asks for it manual by hand only never –',
    'worker worker.1 pid 4711 0.1.0 production mail, * 3 1 h 2 min',
    'charge-card 20',
    'RangeError',
  ]
  for (const part of shown) assert.ok(text.includes(part), `expected "${part}" in ${text}`)
  assert.ok(!body.includes(SECRET))
})

test('the page says what nobody serves, with the line to type', async (t) => {
  const here = await home(t)
  await seed(here)
  const text = readable((await webOn(t, here.store).get('/')).body)
  assert.match(text, /2 jobs are ready in queue images, and no worker listens to it QUEUES=images morrow worker/)
  assert.match(text, /1 job is held in queue mail under the name write-invoice/)
})

test('a stylesheet, a script and an icon are served under a name that changes with their content', async (t) => {
  const { store } = await home(t)
  const { get } = webOn(t, store)
  const { body } = await get('/')
  const urls = [...body.matchAll(/"(\/assets\/[^"]+)"/g)].map(([, url]) => url ?? '')
  assert.equal(new Set(urls).size, 3)
  for (const url of urls) {
    const { statusCode, headers } = await get(url)
    assert.equal(statusCode, 200)
    assert.match(url, /\.[0-9a-f]{12}\.(css|js|svg)$/)
    assert.match(String(headers['cache-control']), /immutable/)
  }
  for (const url of ['/assets/page.css', '/assets/..%2Fweb.ts', '/assets/__proto__']) {
    assert.equal((await get(url)).statusCode, 404, url)
  }
})

test('the page can be mounted in an application, which keeps its own pages', async (t) => {
  const { store } = await home(t)
  const app = Fastify()
  t.after(() => app.close())
  app.get('/', () => 'the shop')
  app.register(webPlugin({ store: () => Promise.resolve(store), emit: () => undefined }), { prefix: '/morrow' })
  const get = (url: string) => app.inject({ url, headers: { host: 'localhost' } })
  assert.equal((await get('/')).body, 'the shop')
  for (const url of ['/morrow', '/morrow/']) {
    const { statusCode, body } = await get(url)
    assert.equal(statusCode, 200, url)
    const [, style = ''] = /href="(\/morrow\/assets\/[^"]+\.css)"/.exec(body) ?? []
    assert.equal((await get(style)).statusCode, 200)
  }
  assert.equal((await get('/morrow/healthz')).body, 'ok\n')
  assert.equal((await get('/')).headers['content-security-policy'], undefined)
})

test('when Redis does not answer, the page says so in plain words', async (t) => {
  const { store } = await home(t)
  const down = () => Promise.reject(new RedisUnavailableError('redis://user:secret@10.0.0.1'))
  const { get, events } = webOn(t, store, { store: down })
  const { statusCode, headers, body } = await get('/')
  assert.equal(statusCode, 503)
  assert.match(readable(body), /Redis does not answer/)
  assert.equal(headers['retry-after'], '5')
  assert.doesNotMatch(body, /secret|10\.0\.0\.1/)
  assert.deepEqual([events.length, events[0]?.kind], [1, 'error'])
  const ready = await get('/readyz')
  assert.deepEqual([ready.statusCode, ready.body], [503, 'not ok: Redis does not answer\n'])
  assert.equal((await get('/readyz', { host: 'app.example' })).body, 'not ok\n')
  assert.equal((await get('/healthz')).statusCode, 200)
  assert.match((await get('/metrics')).body, /^morrow_cluster_up 0$/m)
})

test('what else goes wrong is told apart, and its words stay in the log', async (t) => {
  const { store } = await home(t)
  const failing = (error: Error) => webOn(t, store, { store: () => Promise.reject(error) }).get('/')
  const expected = [
    [new Error('Connection is closed.'), 503, /Redis does not answer/],
    [Object.assign(new Error('WRONGPASS secret'), { name: 'ReplyError' }), 503, /Redis cannot be used/],
    [new RedisUnsuitableError('Redis 6.2 secret'), 503, /Redis cannot be used/],
    [new SyntaxError('Unexpected token secret'), 500, /This page could not be made/],
  ] as const
  for (const [error, status, title] of expected) {
    const { statusCode, headers, body } = await failing(error)
    assert.equal(statusCode, status, error.message)
    assert.match(readable(body), title)
    assert.doesNotMatch(body, /secret/)
    assert.equal(headers['refresh'], status === 503 ? '5' : undefined)
  }
})

test('a namespace of a newer release is left alone, and the page says so', async (t) => {
  const { store } = await home(t)
  const newer = () => Promise.reject(new LayoutNewerError('9', 1))
  const { statusCode, body } = await webOn(t, store, { store: newer }).get('/')
  assert.equal(statusCode, 503)
  assert.match(readable(body), /A newer release is at work here/)
  await store.connection.command('SET', store.space.keys.layout, 99)
  const ready = await webOn(t, store).get('/readyz')
  assert.deepEqual([ready.statusCode, ready.body.includes('99')], [503, true])
})

test('a port that another program has is named, with what to type', async (t) => {
  const { store } = await home(t)
  const first = webOn(t, store).web
  await first.start()
  const port = Number(new URL(first.url() ?? '').port)
  const second = webOn(t, store, { port }).web
  await assert.rejects(second.start(), {
    name: 'ListenError',
    code: 'MORROW_CONFIG',
    message: `PORT: expected a free port, but another program listens on 127.0.0.1:${port}; end it, or choose another port: PORT=${port + 1}`,
  })
  await first.stop()
})

test('whether schedules are served is answered to everybody, and why not to whoever may look', async (t) => {
  const here = await home(t)
  const { get } = webOn(t, here.store)
  const ask = async (headers = {}) => {
    const { statusCode, body } = await get('/healthz/schedules', headers)
    return [statusCode, body]
  }
  assert.deepEqual(await ask(), [200, 'ok\n'])
  await seedSchedules(here)
  assert.deepEqual(await ask(), [200, 'ok\n'])
  await announce(here, { roles: ['scheduler'] })
  const digest = await here.store.schedules.home('digest')
  await here.store.connection.command('ZADD', queueKeys(here.prefix, 'mail').ticks, 1_000, digest?.id ?? '')
  const [code, why] = await ask()
  assert.equal(code, 503)
  assert.match(
    String(why),
    /^not ok: scheduler silent for \d+ s: a tick of schedule digest is not decided, .*1 scheduler says it lives\n$/,
  )
  assert.deepEqual(await ask({ host: 'app.example' }), [503, 'not ok\n'])
  const down = webOn(t, here.store, { store: () => Promise.reject(new RedisUnavailableError('redis://10.0.0.1')) })
  assert.equal((await down.get('/healthz/schedules')).statusCode, 503)
})

test('people who look at the same time ask Redis once', async (t) => {
  const { store } = await home(t)
  let asked = 0
  const { get } = webOn(t, store, {
    store: () => {
      asked += 1
      return Promise.resolve(store)
    },
  })
  await get('/healthz')
  await Promise.all([get('/'), get('/'), get('/')])
  assert.equal(asked, 1)
})
