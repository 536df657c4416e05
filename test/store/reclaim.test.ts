import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NOTHING } from './places.ts'
import { labels, openTestQueue } from './test-queue.ts'

test('a lease over many jobs is reclaimed in bounded portions, and the order stays', async () => {
  const queue = await openTestQueue()
  const all = labels('j', 600)
  for (const from of [0, 200, 400]) await queue.enqueue(all.slice(from, from + 200))
  for (let call = 1; call <= 6; call++) await queue.claim('w', call, { limit: 100 })
  queue.at(15_001)
  const portions: number[] = []
  for (let turn = await queue.keeper.reclaim(3); turn.back > 0; turn = await queue.keeper.reclaim(3))
    portions.push(turn.back)
  assert.deepEqual(portions, [300, 300])
  assert.deepEqual(await queue.places(), { ...NOTHING, ready: all })
})

test('a job over which the third worker is lost is dead', async () => {
  const queue = await openTestQueue()
  await queue.enqueue(['killer', 'B'])
  for (const [round, owner] of ['one', 'two', 'three'].entries()) {
    queue.at(20_000 * round)
    await queue.claim(owner, 1, { limit: 1 })
    queue.at(20_000 * round + 15_001)
    const { back, died } = await queue.keeper.reclaim(3)
    assert.deepEqual([back, died], round < 2 ? [1, 0] : [0, 1])
  }
  assert.deepEqual(await queue.places(), { ...NOTHING, ready: ['B'], dead: ['killer'] })
})

test('failures and hand-backs are no lost workers', async () => {
  const queue = await openTestQueue()
  await queue.enqueue(['A'])
  await queue.retry('w', 2, (await queue.claim('w', 1)).jobs, 0, '1')
  await queue.keeper.promote('s')
  await queue.handBack('w', 4, (await queue.claim('w', 3)).jobs, '3')
  for (const [round, owner] of ['one', 'two'].entries()) {
    await queue.claim(owner, 1)
    queue.at((round + 1) * 15_001)
    while ((await queue.keeper.reclaim(3)).nextIn !== null);
  }
  assert.deepEqual(await queue.places(), { ...NOTHING, ready: ['A'] })
})

test('an owner without jobs whose lease ended is removed, and its next claim is lost', async () => {
  const queue = await openTestQueue()
  await queue.enqueue(['A'])
  await queue.complete('w', 2, (await queue.claim('w', 1)).jobs, '1')
  queue.at(15_001)
  assert.deepEqual(await queue.keeper.reclaim(3), { back: 0, died: 0, nextIn: null })
  assert.equal(await queue.connection.command('EXISTS', `${queue.keys.owners}w`), 0)
  assert.equal((await queue.claim('w', 3)).kind, 'lost')
})
