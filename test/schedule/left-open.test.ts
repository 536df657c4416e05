import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { defineJob } from '../../src/job/definition.ts'
import { readScheduleFiles } from '../../src/schedule/files.ts'
import { catalogueFor } from '../../src/wiring/catalogue.ts'

type How = { readonly zone?: string; readonly queue?: string; readonly published?: string }

/** Whether two processes take the same text for the same set of schedules. */
async function isOneSet(text: string, one: How, other: How): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'morrow-open-'))
  writeFileSync(join(folder, 'a.yml'), text)
  const digestFor = async ({ zone = 'UTC', queue, published }: How): Promise<string | null> => {
    const known = await catalogueFor(queue === undefined ? [] : [defineJob({ name: 'note', queue })])
    const catalogue = { ...known, queueOf: (job: string) => known.queueOf(job) ?? published }
    return (await readScheduleFiles(folder, { defaultZone: zone, catalogue })).digest
  }
  const digests = [await digestFor(one), await digestFor(other)]
  rmSync(folder, { recursive: true })
  assert.notEqual(digests[0], null)
  return digests[0] === digests[1]
}

const [UTC, BERLIN] = [{ zone: 'UTC' }, { zone: 'Europe/Berlin' }]
const [NOTES, POST] = [{ queue: 'notes' }, { queue: 'post' }]
const plain = "schedules: { a: { cron: '0 9 * * *', job: note } }"

test('equal files are two sets where another default zone or another queue of their jobs makes other schedules of them', async () => {
  assert.equal(await isOneSet(plain, UTC, BERLIN), false)
  assert.equal(await isOneSet(plain, NOTES, POST), false)
  assert.equal(await isOneSet(plain, { ...NOTES, ...UTC }, { ...NOTES, ...UTC }), true)
  assert.equal(await isOneSet("schedules: { a: { every: 15m, starts: '2026-01-01', job: note } }", UTC, BERLIN), false)
  assert.equal(await isOneSet('defaults: { job: note }\nschedules: { a: { every: 15m } }', NOTES, POST), false)
})

test('what the files say themselves is the same set whatever the process brings', async () => {
  const zoned = "defaults: { tz: Asia/Tokyo }\nschedules: { a: { cron: '0 9 * * *', job: note } }"
  assert.equal(await isOneSet(zoned, UTC, BERLIN), true)
  assert.equal(await isOneSet("schedules: { a: { cron: '0 9 * * * Asia/Tokyo', job: note } }", UTC, BERLIN), true)
  assert.equal(await isOneSet('schedules: { a: { every: 1h, queue: q, job: note } }', NOTES, POST), true)
  assert.equal(await isOneSet('schedules: { a: { every: 1h, job: another } }', NOTES, POST), true)
})

test('what others publish of jobs, and faults that come and go with it, make no set look new', async () => {
  assert.equal(await isOneSet(plain, { published: 'post' }, { published: 'notes' }), true)
  assert.equal(await isOneSet(plain, { published: 'post' }, {}), true)
  assert.equal(await isOneSet(plain, { queue: 'default' }, {}), true, 'nor what is taken without a word')
})
