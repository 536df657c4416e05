import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openPresence, type PresenceNews } from '../../src/store/presence.ts'
import type { ProcessCard } from '../../src/store/registry.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { duration } from '../../src/time/clock.ts'
import { MINUTE, SECOND } from '../../src/time/duration.ts'
import { type FakeClock, fakeClock } from '../support/fake-clock.ts'
import { freePrefix, testRedisUrl } from '../support/redis.ts'
import { connectTo } from './test-queue.ts'

const CARD: ProcessCard = {
  ...{ id: '', roles: ['worker'], host: 'box', pid: 1, version: '1', environment: 'production', startedAt: 0 },
  ...{ queues: [], names: [], catalogue: {}, tz: '2026a', clockAhead: 0, running: 0 },
}

async function open(): Promise<{ store: Store; clock: FakeClock }> {
  const clock = fakeClock()
  const connection = await connectTo(await testRedisUrl())
  return { store: openStore({ connection, prefix: freePrefix(), now: () => String(clock.now()) }), clock }
}

/** A process of an environment, which says that it lives when a test says so. */
function process({ store, clock }: { store: Store; clock: FakeClock }, environment: string, moves = true) {
  const news: PresenceNews[] = []
  const card = { ...CARD, id: freePrefix(), environment }
  const presence = openPresence({ store, clock, card: () => card, moves, tell: (one) => void news.push(one) })
  return { ...presence, taken: () => news.flatMap((one) => (one.kind === 'environment' ? [one.from] : [])) }
}

const refused = (own: string, owner: string) => ({
  code: 'MORROW_ENVIRONMENT',
  message: new RegExp(
    `of environment "${own}", but environment "${owner}" has this namespace and is alive \\(its worker on box`,
  ),
})

test('the first process writes its environment, and another one is refused while one of that was seen within a minute', async () => {
  const space = await open()
  const first = process(space, 'production')
  assert.equal(await space.store.environments.owner(), null)
  await first.tick()
  assert.equal(await space.store.environments.owner(), 'production')
  await process(space, 'production').tick()
  await space.clock.advance(duration(MINUTE))
  const other = process(space, 'staging')
  await assert.rejects(other.hold(), refused('staging', 'production'))
  await assert.rejects(other.tick(), refused('staging', 'production'))
  await assert.rejects(space.store.environments.hold('staging', space.clock.now()), /was seen 60 s ago/)
  assert.equal(await space.store.environments.owner(), 'production')
})

test('one whose processes were not seen for a minute is taken over from, and that is said once', async () => {
  const space = await open()
  await process(space, 'production').tick()
  await space.clock.advance(duration(MINUTE + 1))
  const other = process(space, 'staging')
  await other.tick()
  await other.tick()
  assert.deepEqual(other.taken(), ['production'])
  assert.equal(await space.store.environments.owner(), 'staging')
})

test('one whose processes have stopped is taken over from at once', async () => {
  const space = await open()
  const first = process(space, 'development')
  await first.tick()
  await first.leave()
  await process(space, 'test').hold()
  assert.equal(await space.store.environments.owner(), 'test')
})

test('a page of another environment looks, and owns nothing; one of the owner keeps others out', async () => {
  const space = await open()
  const page = process(space, 'staging', false)
  await page.tick()
  assert.equal(await space.store.environments.owner(), null)
  const worker = process(space, 'production')
  await worker.tick()
  await page.tick()
  await process(space, 'production', false).tick()
  await worker.leave()
  await assert.rejects(process(space, 'staging').tick(), refused('staging', 'production'))
})

test('of two environments that begin at once one has the namespace', async () => {
  for (let round = 0; round < 10; round++) {
    const space = await open()
    if (round % 2 === 0) {
      await process(space, 'gone').tick()
      await space.clock.advance(duration(2 * MINUTE))
    }
    const ends = await Promise.allSettled(['a', 'b', 'c'].map((name) => process(space, name).tick()))
    assert.equal(ends.filter(({ status }) => status === 'fulfilled').length, 1)
    await space.store.connection.close()
  }
})

test('a process that was frozen while another environment took over is told at its next look', async () => {
  const space = await open()
  const frozen = process(space, 'production')
  await frozen.tick()
  await space.clock.advance(duration(MINUTE + SECOND))
  await process(space, 'staging').tick()
  await assert.rejects(frozen.tick(), refused('production', 'staging'))
})
