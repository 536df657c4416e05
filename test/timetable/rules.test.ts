import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compile, compileAll } from '../../src/timetable/rules.ts'
import { each, openTimetable } from './timetable.ts'

test('a version is never taken for the definition that came into force after it', async () => {
  const { apply, store, stands } = await openTimetable()
  const fail = (error: unknown): never => assert.fail(String(error))
  await apply(each())
  const before = await stands()
  await apply(each({ job: 'other' }))
  const older = { id: `${before.id}`, version: 'read-just-before' }
  assert.deepEqual(await compileAll(store, 'mail', [older], fail), [undefined])
  const [now] = await compileAll(store, 'mail', [await stands()], fail)
  assert.equal(now?.definition.job, 'other')
  assert.deepEqual(await compileAll(store, 'mail', [older], fail), [undefined])
})

test('a definition that only a newer release can read says so', () => {
  assert.throws(() => compile('id', 'newer', '{"timing":{"kind":"moon"}}'), {
    name: 'StoreError',
    message: /schedule id cannot be read by this release: a newer release has probably written it/,
  })
})
