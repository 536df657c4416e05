import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Claimant, foreseeReign, type Reign, reignOf } from '../../src/store/generations.ts'
import { spaceKeys } from '../../src/store/keys.ts'
import { MINUTE } from '../../src/time/duration.ts'
import { freePrefix, testRedisUrl } from '../support/redis.ts'
import { connectTo } from './test-queue.ts'

type Asking = Partial<Claimant> & { readonly hash: string }

async function open() {
  const [connection, prefix] = [await connectTo(await testRedisUrl()), freePrefix()]
  const whole = (given: Asking): Claimant => ({ given: null, living: [], now: 0, force: false, ...given })
  return {
    ask: (given: Asking): Promise<Reign> => reignOf(connection, prefix, whole(given)),
    foresee: (given: Asking) => foreseeReign(connection, prefix, whole(given)),
    stored: () => connection.command('HGETALL', spaceKeys(prefix).generation),
    close: () => connection.close(),
  }
}

const said = ({ kind, number, before }: Reign): string => `${kind} ${number} over ${before}`

test('what is foreseen is what comes, whoever asks in whatever order, and looking writes nothing', async () => {
  const asking = fc.record({
    hash: fc.constantFrom('a', 'b', 'c', 'd'),
    given: fc.option(fc.integer({ min: 1, max: 5 }), { freq: 1 }),
    living: fc.subarray(['1', '2', '3', 'v1', 'v2', 'v4']),
    passes: fc.integer({ min: -3 * MINUTE, max: 3 * MINUTE }),
    force: fc.boolean(),
  })
  const story = fc.asyncProperty(fc.array(asking, { minLength: 1, maxLength: 15 }), async (all) => {
    const space = await open()
    let now = Date.UTC(2026, 0, 1)
    for (const { passes, ...each } of all) {
      now += passes
      const before = await space.stored()
      const { isNew, ...foreseen } = await space.foresee({ ...each, now })
      assert.deepEqual(await space.stored(), before)
      assert.deepEqual(await space.ask({ ...each, now }), foreseen)
      const isKnown = foreseen.kind === 'uncounted' || !(await space.foresee({ ...each, now })).isNew
      assert.ok(isKnown, `it was ${isNew ? 'new' : 'known'}, and is known from then on`)
    }
    await space.close()
  })
  await fc.assert(story, { numRuns: 60, interruptAfterTimeLimit: 8_000 })
})

test('files without a number that a person puts in force in place of given ones are left there while they live', async () => {
  const space = await open()
  assert.equal(said(await space.ask({ hash: 'a' })), 'reigns 1 over 0')
  assert.equal(said(await space.ask({ hash: 'b', given: 8 })), 'reigns 8 over 1')
  assert.equal(said(await space.ask({ hash: 'a' })), 'uncounted 1 over 8')
  assert.equal(said(await space.ask({ hash: 'a', force: true, now: 1 })), 'reigns 1 over 8')
  const given = { hash: 'b', given: 8, living: ['v8'] }
  assert.equal(said(await space.ask({ ...given, now: 2 * MINUTE })), 'forced 8 over 1')
  assert.equal(said(await space.ask({ ...given, living: ['1', 'v8'], now: 9 * MINUTE })), 'forced 8 over 1')
  assert.equal(said(await space.ask({ hash: 'c', living: ['1'], now: 9 * MINUTE })), 'reigns 2 over 1')
  assert.equal(said(await space.ask({ ...given, now: 10 * MINUTE })), 'forced 8 over 2', 'nor over the next of these')
  assert.equal(said(await space.ask({ ...given, hash: 'd', given: 9, now: 10 * MINUTE })), 'reigns 9 over 2')
  assert.equal(said(await space.ask({ hash: 'c', now: 60 * MINUTE })), 'uncounted 2 over 9')
})

test('what a person left in force gives way to given numbers two minutes after it has gone', async () => {
  const space = await open()
  await space.ask({ hash: 'b', given: 8 })
  await space.ask({ hash: 'a', force: true })
  assert.equal(said(await space.ask({ hash: 'b', given: 8, now: 2 * MINUTE + 1 })), 'reigns 8 over 1')
})

test('a set that comes back after numbers were given and left is not taken for a new one', async () => {
  const space = await open()
  for (const hash of ['a', 'b', 'c']) await space.ask({ hash })
  await space.ask({ hash: 'd', given: 7 })
  assert.equal(said(await space.ask({ hash: 'a', force: true, now: MINUTE })), 'reigns 1 over 7')
  assert.equal(said(await space.ask({ hash: 'c', living: ['1', '3'], now: MINUTE })), 'forced 3 over 1')
})

test('a person who forces what is in force already keeps out what came before it', async () => {
  const space = await open()
  await space.ask({ hash: 'a' })
  await space.ask({ hash: 'b' })
  const back = await space.ask({ hash: 'a', now: 3 * MINUTE })
  const again = await space.ask({ hash: 'a', force: true, now: 4 * MINUTE })
  assert.deepEqual([said(back), said(again)], ['reigns 1 over 2', 'reigns 1 over 1'])
  assert.equal(again.reign, back.reign, 'nothing is applied anew')
  assert.equal(said(await space.ask({ hash: 'b', living: ['1'], now: 9 * MINUTE })), 'forced 2 over 1')
})

test('a clock that went back by a day keeps nobody out for a day', async () => {
  const space = await open()
  const day = 24 * 60 * MINUTE
  await space.ask({ hash: 'a', now: day })
  await space.ask({ hash: 'b', now: day })
  assert.equal(said(await space.ask({ hash: 'a', now: day })), 'older 1 over 2')
  assert.equal(said(await space.ask({ hash: 'a', living: ['2'], now: 0 })), 'older 1 over 2')
  assert.equal(said(await space.ask({ hash: 'a', now: 0 })), 'reigns 1 over 2')
})
