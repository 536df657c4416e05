import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isLoopback, judge, type Visit } from '../../src/web/access.ts'
import { home, webOn } from './support.ts'

const auth = { user: 'ops', password: 'a:long secret' }
const basic = (text: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(text).toString('base64')}`,
})
const visit = (parts: Partial<Visit> & { readonly host?: string }): Visit => ({
  remote: '127.0.0.1',
  bound: ['127.0.0.1'],
  ...parts,
  headers: { host: parts.host ?? 'localhost:5678', ...parts.headers },
})

test('without credentials this machine may look under its own names', () => {
  for (const host of ['localhost', 'localhost:5678', 'LOCALHOST:1', '127.0.0.1:80', '[::1]:5678'])
    assert.equal(judge(visit({ host }), undefined).kind, 'granted', host)
  for (const remote of ['::1', '::ffff:127.0.0.1', '127.9.9.9'])
    assert.equal(judge(visit({ remote }), undefined).kind, 'granted', remote)
})

test('without credentials everybody else is refused, with the line to type', () => {
  const refused: readonly Visit[] = [
    visit({ host: 'evil.example' }),
    visit({ host: 'localhost.evil.example' }),
    visit({ host: 'localhost:5678@evil.example' }),
    visit({ host: '' }),
    visit({ host: '127.0.0.1.evil.example:5678' }),
    visit({ remote: '10.0.0.7' }),
    { ...visit({}), remote: undefined },
    visit({ bound: ['0.0.0.0'] }),
    visit({ bound: ['127.0.0.1', '192.168.1.4'] }),
    visit({ bound: ['::'] }),
    visit({ headers: { 'x-forwarded-for': '203.0.113.9' } }),
    visit({ headers: { forwarded: 'for=203.0.113.9' } }),
    visit({ headers: { via: '1.1 vegur' } }),
  ]
  for (const each of refused) {
    const access = judge(each, undefined)
    assert.equal(access.kind, 'refused', JSON.stringify(each))
    if (access.kind === 'refused') assert.equal(access.line, 'heroku config:set MORROW_WEB_AUTH=user:password')
  }
})

test('with credentials everybody must give them, wherever they come from', () => {
  for (const bound of [['127.0.0.1'], ['0.0.0.0']]) {
    assert.equal(judge(visit({ bound, headers: basic('ops:a:long secret') }), auth).kind, 'granted')
    for (const wrong of ['ops:', 'ops:a:long secre', 'ops:a:long secret ', ':a:long secret', '', 'Ops:a:long secret'])
      assert.equal(judge(visit({ bound, headers: basic(wrong) }), auth).kind, 'unnamed', wrong)
    for (const authorization of ['Bearer x', 'Basic', 'Basic %%%', `Basic ${'A'.repeat(10_000)}`])
      assert.equal(judge(visit({ bound, headers: { authorization } }), auth).kind, 'unnamed')
    assert.equal(judge(visit({ bound }), auth).kind, 'unnamed')
  }
})

test('addresses of this machine alone are told from others', () => {
  for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) assert.ok(isLoopback(address))
  for (const address of ['0.0.0.0', '::', '10.0.0.1', '1127.0.0.1', '127.0.0.1.evil.example', ''])
    assert.ok(!isLoopback(address), address)
})

test('the health checks answer everybody, and say no more than ok or not', async (t) => {
  const { store } = await home(t)
  const { get } = webOn(t, store)
  for (const path of ['/healthz', '/readyz']) {
    const answer = await get(path, { host: 'app.example', 'x-forwarded-for': '203.0.113.9' }, '10.0.0.7')
    assert.deepEqual([answer.statusCode, answer.body], [200, 'ok\n'], path)
  }
})

test('on another address all but the health checks is 403 until credentials are configured', async (t) => {
  const { store } = await home(t)
  const { web } = webOn(t, store, { host: '0.0.0.0' })
  await web.start()
  const { port } = new URL(web.url() ?? '')
  for (const path of ['/', '/metrics', '/assets/x.css', '/nothing']) {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`)
    assert.equal(answer.status, 403, path)
    assert.match(await answer.text(), /heroku config:set MORROW_WEB_AUTH=user:password/)
  }
  assert.equal((await fetch(`http://127.0.0.1:${port}/healthz`)).status, 200)
  await web.stop()
})

test('with credentials the page asks for them and is then shown, and the password is nowhere in it', async (t) => {
  const { store } = await home(t)
  const { get } = webOn(t, store, { auth })
  const unnamed = await get('/')
  assert.equal(unnamed.statusCode, 401)
  assert.match(String(unnamed.headers['www-authenticate']), /^Basic realm="Morrow"/)
  const shown = await get('/', { host: 'app.example', ...basic('ops:a:long secret') }, '10.0.0.7')
  assert.equal(shown.statusCode, 200)
  assert.doesNotMatch(shown.body, /a:long secret/)
})

test('every answer forbids what a page could be made to do', async (t) => {
  const { store } = await home(t)
  const { get } = webOn(t, store)
  for (const path of ['/', '/nothing', '/healthz', '/metrics', '/%zz', `/assets/${'a'.repeat(300)}`]) {
    const { headers, body } = await get(path)
    assert.doesNotMatch(body, /%zz|aaaa/)
    assert.match(
      String(headers['content-security-policy']),
      /default-src 'none'.*script-src 'self'.*require-trusted-types-for 'script'/,
    )
    assert.doesNotMatch(String(headers['content-security-policy']), /unsafe|\*/)
    assert.equal(headers['x-content-type-options'], 'nosniff')
    assert.equal(headers['referrer-policy'], 'no-referrer')
    assert.equal(headers['cache-control'], 'no-store')
    assert.equal(headers['access-control-allow-origin'], undefined)
  }
  assert.equal(
    (await get('/', { 'x-forwarded-proto': 'https' })).headers['strict-transport-security'],
    'max-age=31536000',
  )
})

test('nothing can be changed: every method but GET and HEAD is unknown', async (t) => {
  const { store } = await home(t)
  const { web } = webOn(t, store)
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const) {
    const answer = await web.app.inject({ method, url: '/', headers: { host: 'localhost' } })
    assert.equal(answer.statusCode, 404, method)
  }
})
