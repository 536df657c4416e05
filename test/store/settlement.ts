import assert from 'node:assert/strict'
import { test } from 'node:test'
import { part, type Reply, word } from '../../src/store/reply.ts'
import { NOTHING, type Places } from './places.ts'
import { keysOf, openTestQueue, type TestQueue } from './test-queue.ts'

/** How many jobs a settlement told as lost. */
export const lostIn = (reply: Reply): number => {
  const words = part(reply, 2)
  const told = Array.isArray(words) ? words.filter((each) => each === 'lost') : part(reply, 3)
  return Array.isArray(told) ? told.length : 0
}

/** Notes all that Redis holds of a queue; what it answers makes Redis forget whatever came after. */
async function remember(queue: TestQueue): Promise<() => Promise<void>> {
  const { connection, keys } = queue
  const all = async () => (await keysOf(queue)).filter((key) => key.startsWith(keys.pages.slice(0, -'p:'.length)))
  const kept = await all()
  for (const key of kept) await connection.command('COPY', key, `kept:${key}`)
  return async () => {
    for (const key of await all()) await connection.command('DEL', key)
    for (const key of kept) await connection.command('RENAME', `kept:${key}`, key)
  }
}

/** What is so for every kind of settlement; `places` is what it makes of job B in its owner's second call. */
export function testSettlement(
  kind: string,
  places: Partial<Places>,
  settle: (queue: TestQueue) => TestQueue['complete'],
): void {
  const moved = { ...NOTHING, ready: ['C'], ...places }

  test(`${kind} moves the job that the owner has, once, however often it is sent`, async () => {
    const queue = await openTestQueue()
    await queue.enqueue(['A', 'B', 'C'])
    const [a, b] = (await queue.claim('w', 1, { limit: 2 })).jobs
    assert.ok(a && b)
    assert.equal(word(await settle(queue)('w', 2, [b])), 'settled')
    assert.deepEqual(await queue.places(), { ...moved, active: ['A*1'] })
    assert.equal(word(await settle(queue)('w', 2, [b])), 'known')
    assert.deepEqual(await queue.places(), { ...moved, active: ['A*1'] })
  })

  test(`${kind} before its turn is a gap and changes nothing`, async () => {
    const queue = await openTestQueue()
    await queue.enqueue(['B', 'C'])
    const { jobs } = await queue.claim('w', 1, { limit: 1 })
    assert.equal(word(await settle(queue)('w', 3, jobs)), 'gap')
    assert.deepEqual(await queue.places(), { ...NOTHING, ready: ['C'], active: ['B*1'] })
  })

  test(`${kind} of a job that another claim has taken since is lost`, async () => {
    const queue = await openTestQueue()
    await queue.enqueue(['B', 'C'])
    const { jobs } = await queue.claim('frozen', 1, { limit: 1 })
    queue.at(15_001)
    await queue.keeper.reclaim(3)
    assert.equal(lostIn(await settle(queue)('frozen', 2, jobs)), 1, 'while it is ready')
    await queue.claim('next', 1, { limit: 1 })
    const reply = await settle(queue)('frozen', 2, jobs)
    assert.deepEqual([word(reply), lostIn(reply)], ['settled', 1], 'while another runs it')
    assert.deepEqual(await queue.places(), { ...NOTHING, ready: ['C'], active: ['B*2'] })
  })

  test(`${kind} of a worker that froze over its own hand-back cannot settle the next claimer’s run`, async () => {
    const queue = await openTestQueue()
    await queue.enqueue(['B', 'C'])
    const { jobs } = await queue.claim('w', 1, { limit: 1 })
    await queue.handBack('w', 2, jobs, '1')
    const next = await queue.claim('w', 3, { limit: 1 })
    assert.deepEqual(next.labels, ['B'])
    assert.equal(lostIn(await settle(queue)('w', 4, jobs)), 1)
    assert.deepEqual(await queue.places(), { ...NOTHING, ready: ['C'], active: ['B*2'] })
    assert.equal(lostIn(await settle(queue)('w', 5, next.jobs)), 0)
  })

  test(`${kind} under a claim that Redis has forgotten cannot settle the next claimer’s run under the same number`, async () => {
    const queue = await openTestQueue()
    await queue.enqueue(['B', 'C'])
    const goBack = await remember(queue)
    const forgotten = await queue.claim('w', 1, { limit: 1 })
    await goBack()
    const next = await queue.claim('v', 1, { limit: 1 })
    assert.deepEqual([forgotten.jobs[0]?.claim, next.jobs[0]?.claim], [1, 1])
    for (const owner of ['w', 'w2']) assert.equal(lostIn(await settle(queue)(owner, 1, forgotten.jobs)), 1)
    assert.deepEqual(await queue.places(), { ...NOTHING, ready: ['C'], active: ['B*1'] })
    assert.equal(lostIn(await settle(queue)('v', 2, next.jobs)), 0)
    assert.deepEqual(await queue.places(), moved)
  })

  test(`${kind} empties its claim, so that the owner can leave`, async () => {
    const queue = await openTestQueue()
    await queue.enqueue(['B', 'C'])
    const { jobs } = await queue.claim('w', 1, { limit: 1 })
    await settle(queue)('w', 2, jobs, '1')
    assert.deepEqual(await queue.connection.command('HGETALL', `${queue.keys.owners}w`), ['#', '2'])
    assert.deepEqual(await queue.places(), moved)
  })
}
