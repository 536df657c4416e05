import assert from 'node:assert/strict'
import { test } from 'node:test'
import { duration } from '../../src/time/clock.ts'
import { openAttempts } from '../../src/web/attempts.ts'
import { fakeClock } from '../support/fake-clock.ts'
import { home, webOn } from './support.ts'

const from = (remote: string | undefined, forwardedFor?: string) => ({ remote, forwardedFor })

test('ten wrong passwords a minute are looked at from one address, and it alone waits', async () => {
  const clock = fakeClock()
  const attempts = openAttempts(clock)
  for (let n = 0; n < 10; n++) {
    assert.equal(attempts.waitFor(from('10.0.0.1')), 0)
    attempts.wrong(from('10.0.0.1'))
  }
  assert.deepEqual([attempts.waitFor(from('10.0.0.1')), attempts.waitFor(from('10.0.0.2'))], [60, 0])
  assert.equal(attempts.waitFor(from('::ffff:10.0.0.1')), 60, 'the same address')
  await clock.advance(duration(59_001))
  assert.equal(attempts.waitFor(from('10.0.0.1')), 1)
  await clock.advance(duration(999))
  assert.equal(attempts.waitFor(from('10.0.0.1')), 0)
})

test('a customer with many addresses of IPv6 is one', () => {
  const attempts = openAttempts(fakeClock())
  for (let n = 0; n < 10; n++) attempts.wrong(from(`2001:db8:1:2::${n}`))
  assert.ok(attempts.waitFor(from('2001:db8:1:2:ffff:1:2:3')) > 0)
  assert.equal(attempts.waitFor(from('2001:db8:1:3::1')), 0)
  for (let n = 0; n < 10; n++) attempts.wrong(from('::1'))
  assert.ok(attempts.waitFor(from('::1')) > 0)
})

test('behind a proxy each address counts by itself, whatever a visitor has written before it', () => {
  const attempts = openAttempts(fakeClock())
  for (let n = 0; n < 10; n++) attempts.wrong(from('10.0.0.9', `1.2.3.${n}, 203.0.113.7`))
  assert.ok(attempts.waitFor(from('10.0.0.9', '203.0.113.7')) > 0)
  assert.equal(attempts.waitFor(from('10.0.0.9', '203.0.113.8')), 0)
})

test('a hundred wrong ones through one proxy keep out all behind it but those that gave the right one', async () => {
  const clock = fakeClock()
  const attempts = openAttempts(clock)
  attempts.right(from('10.0.0.9', '203.0.113.7'))
  for (let n = 0; n < 100; n++) attempts.wrong(from('10.0.0.9', `198.51.100.${n}`))
  assert.ok(attempts.waitFor(from('10.0.0.9', '203.0.113.8')) > 0)
  assert.equal(attempts.waitFor(from('10.0.0.9', '203.0.113.7')), 0)
  assert.equal(attempts.waitFor(from('10.0.0.10', '203.0.113.8')), 0, 'another proxy')
  for (let n = 0; n < 10; n++) attempts.wrong(from('10.0.0.9', '203.0.113.7'))
  assert.ok(attempts.waitFor(from('10.0.0.9', '203.0.113.7')) > 0, 'its own count holds for it too')
})

test('however many addresses there are, a bounded number is remembered', () => {
  const attempts = openAttempts(fakeClock())
  for (let n = 0; n < 10; n++) attempts.wrong(from('first'))
  for (let n = 0; n < 2_000; n++) attempts.wrong(from(`${n}`))
  assert.equal(attempts.waitFor(from('first')), 0)
  assert.equal(attempts.waitFor(from('9'.repeat(100_000))), 0)
})

test('the page answers 429 and when to try again, to the right password too, and health checks go on', async (context) => {
  const auth = { user: 'ops', password: 'a long secret' }
  const { store } = await home(context)
  const { get } = webOn(context, store, { auth })
  const basic = (password: string) => ({ authorization: `Basic ${Buffer.from(`ops:${password}`).toString('base64')}` })
  assert.equal((await get('/', basic(auth.password))).statusCode, 200)
  for (const path of ['/', '/metrics', '/readyz', '/nothing', '/assets/page.css']) {
    for (let n = 0; n < 2; n++) assert.notEqual((await get(path, basic(`wrong${n}`))).statusCode, 429)
  }
  for (let n = 0; n < 20; n++) assert.equal((await get('/')).statusCode, 401, 'without a password nothing is tried')
  const refused = await get('/', basic(auth.password))
  assert.deepEqual([refused.statusCode, Number(refused.headers['retry-after']) > 50], [429, true])
  assert.match(refused.body, /^Too many wrong passwords came from this address: none is looked at for \d+ s\.$/m)
  assert.equal((await get('/readyz', basic(auth.password))).statusCode, 200)
  assert.equal((await get('/', basic(auth.password), '10.0.0.7')).statusCode, 200)
})
