import assert from 'node:assert/strict'
import { test } from 'node:test'
import nodemailer from 'nodemailer'
import { fromSource, type RunningProcess, startProcess, type TestEnd } from '../support/processes.ts'
import { freePort, freePrefix, testRedisUrl } from '../support/redis.ts'

type Shop = { readonly url: string; readonly smtpPort: number; readonly process: RunningProcess }

async function startShop(t: TestEnd, ...args: readonly string[]): Promise<Shop> {
  const [port, smtpPort] = [await freePort(), await freePort()]
  const process = startProcess(t, {
    arguments: fromSource('examples/trial-mail/main.ts', '--port', String(port), ...args),
    env: {
      REDIS_URL: await testRedisUrl(),
      MORROW_PREFIX: freePrefix(),
      MORROW_WEB_AUTH: undefined,
      HOST: undefined,
      SMTP_PORT: String(smtpPort),
    },
  })
  await process.line(/the shop is at/)
  return { url: `http://127.0.0.1:${port}`, smtpPort, process }
}

const form = (to: string, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  body: new URLSearchParams({ to }),
  redirect: 'manual',
  headers,
})

test('a sign-up from another site is refused, one from the own page is taken', async (t) => {
  const { url } = await startShop(t)
  const sent = async (headers: Record<string, string>): Promise<number> =>
    (await fetch(`${url}/sign-ups`, form('ada@example.com', headers))).status
  assert.equal(await sent({ 'sec-fetch-site': 'same-origin' }), 303)
  assert.equal(await sent({ origin: url }), 303)
  for (const site of ['cross-site', 'same-site', 'none']) assert.equal(await sent({ 'sec-fetch-site': site }), 403)
  for (const origin of ['https://evil.example', 'null', `${url}.evil.example`])
    assert.equal(await sent({ origin }), 403)
})

test('what is no address is refused with what was expected', async (t) => {
  const { url } = await startShop(t)
  const answer = await fetch(`${url}/sign-ups`, form('<script>'))
  assert.equal(answer.status, 422)
  assert.match(await answer.text(), /Expected an e-mail address/)
})

test('what is no request of the shop is told as a page, and never as a fault of the shop', async (t) => {
  const { url, process } = await startShop(t)
  const long = form(`${'a'.repeat(20_000)}@example.com`)
  const xml: RequestInit = { method: 'POST', body: '<a/>', headers: { 'content-type': 'text/xml' } }
  for (const [path, status, init] of [
    ['/nothing', 404, {}],
    ['/sign-ups/no-id-of-ours', 404, {}],
    ['/sign-ups', 413, long],
    ['/sign-ups', 415, xml],
  ] as const) {
    const answer = await fetch(`${url}${path}`, init)
    assert.equal(answer.status, status, path)
    assert.match(await answer.text(), /^<!doctype html>/)
    assert.equal(answer.headers.get('cache-control'), 'no-store')
  }
  assert.equal(process.stderr(), '')
})

test('mail is shown as text, and a repeated Message-ID once', async (t) => {
  const { url, smtpPort } = await startShop(t)
  const transport = nodemailer.createTransport(`smtp://127.0.0.1:${smtpPort}`)
  const mail = {
    from: 'shop@trial-mail.example',
    to: 'ada@example.com',
    subject: '<script>alert(1)</script>',
    text: '<img src=x onerror=alert(1)> Grüße aus Köln',
    messageId: '<job-1@trial-mail.example>',
  }
  for (let time = 0; time < 3; time++) await transport.sendMail(mail)
  transport.close()
  const page = await (await fetch(`${url}/mailbox`)).text()
  assert.equal(page.split('<article>').length - 1, 1)
  assert.match(page, /came 2 more times and was kept once/)
  assert.match(page, /&lt;img src=x onerror=alert\(1\)&gt; Grüße aus Köln/)
  assert.doesNotMatch(page, /<script>alert|<img/)
})

test('for other machines there is the shop, but neither mailbox nor Morrow', async (t) => {
  const { url, process } = await startShop(t, '--host', '0.0.0.0')
  const status = async (path: string): Promise<number> => (await fetch(`${url}${path}`)).status
  assert.deepEqual(
    [await status('/'), await status('/mailbox'), await status('/morrow'), await status('/morrow/healthz')],
    [200, 404, 403, 200],
  )
  process.signal('SIGTERM')
  process.signal('SIGTERM')
  assert.deepEqual(await process.exit, { code: 143, signal: null })
})
