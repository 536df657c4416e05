import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import Fastify from 'fastify'
import { createClient, defineJob, type WebOptions, webPlugin } from '../../src/index.ts'
import { freePrefix, testRedisUrl } from '../support/redis.ts'

const sendMail = defineJob({ name: 'send-mail', queue: 'mail' })

/** The page of an application that mounts it, as text. */
async function mounted(t: TestContext, options: WebOptions): Promise<string> {
  const where = { redisUrl: await testRedisUrl(), prefix: freePrefix(), logLevel: 'silent' } as const
  const client = createClient(where)
  const app = Fastify()
  t.after(async () => {
    await app.close()
    await client.close()
  })
  app.register(webPlugin({ client, ...where, ...options }), { prefix: '/morrow' })
  const { statusCode, body } = await app.inject({ url: '/morrow', headers: { host: 'localhost' } })
  assert.equal(statusCode, 200, body)
  return body.replace(/<[^>]+>/g, ' ')
}

function folderWith(t: TestContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'morrow-mounted-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'mail.yml'), text)
  return folder
}

test('a mounted page says what is wrong with the schedule files', async (t) => {
  const folder = folderWith(t, 'schedules:\n  digest:\n    cron: "61 * * * *"\n    job: send-mail\n')
  const page = await mounted(t, { schedules: folder })
  assert.match(page, /Somebody is needed[\s\S]*mail\.yml:3:\d+: /)
})

test('where the job types are told, a schedule that names another one is a fault', async (t) => {
  const folder = folderWith(t, 'schedules:\n  digest:\n    cron: "1 * * * *"\n    job: send-mial\n')
  assert.match(await mounted(t, { schedules: folder, jobs: [sendMail] }), /mail\.yml:4:\d+: .*send-mial/)
  assert.doesNotMatch(await mounted(t, { schedules: folder }), /send-mial/)
})

test('a folder that somebody named and that is not there is a fault', async (t) => {
  const folder = join(folderWith(t, ''), 'nowhere')
  assert.match(await mounted(t, { schedules: folder }), /Somebody is needed[\s\S]*nowhere/)
})
