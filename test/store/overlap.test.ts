import assert from 'node:assert/strict'
import { test } from 'node:test'
import { draw, HOME, ID, openNightly, run } from './nightly.ts'
import { NOTHING } from './places.ts'
import { KEEP_NOTHING, START } from './test-queue.ts'

const one = { overlap: 'queue-one' } as const
const skip = { overlap: 'skip' } as const
const newest = { overlap: 'cancel-previous' } as const

/** Fires the tick of each second from one to another. */
async function fireEach(
  { queue, fire }: Awaited<ReturnType<typeof openNightly>>,
  from: number,
  to: number,
  policy: typeof one | typeof skip | typeof newest | { readonly overlap: 'allow' },
): Promise<void> {
  for (let second = from; second <= to; second++) {
    queue.at(second * 1_000)
    const drawn = await fire(draw(second * 1_000, second * 1_000 + 1_000, [run(`T${second}`, second * 1_000)], policy))
    assert.equal(drawn[0]?.kind, 'fired')
  }
}

test('a plan that was made long ago, as by a process that was frozen, is not drawn', async () => {
  const { queue, fire, ledger } = await openNightly()
  const planned = { ...draw(1_000, 2_000, [run('T1', 1_000)]), freshUntil: START + 11_000 }
  queue.at(11_001)
  assert.deepEqual(await fire(planned), [{ kind: 'moved' }])
  assert.deepEqual([await queue.places(), (await ledger()).length], [NOTHING, 1])
  queue.at(11_000)
  assert.equal((await fire(planned))[0]?.kind, 'fired')
})

test('a dead job that is revived is an unended one again', async () => {
  const nightly = await openNightly()
  const { queue, ledger } = nightly
  await fireEach(nightly, 1, 1, skip)
  const { jobs } = await queue.claim('w', 1)
  await queue.bury('w', 2, jobs, '1')
  await fireEach(nightly, 2, 2, skip)
  assert.equal((await ledger()).at(-1), 'fired 2000 2000 1 0 1')
  const { jobs: second } = await queue.claim('w', 3)
  await queue.complete('w', 4, second, '3')
  await fireEach(nightly, 3, 3, skip)
  const third = await queue.claim('w', 5)
  await queue.complete('w', 6, third.jobs, '5')
  const head = '1\njob\n\n\nT1'
  assert.equal(await queue.door.revive(`${ID}:00000000`, 0, head), 'revived')
  await fireEach(nightly, 4, 4, skip)
  assert.equal((await ledger()).at(-1), 'overlap 4000 4000 1 0 0')
})

test('a run that waits behind another may be cancelled, and the next one takes its place', async () => {
  const nightly = await openNightly()
  const { queue, schedules } = nightly
  await fireEach(nightly, 1, 2, one)
  assert.deepEqual(await queue.places(), { ...NOTHING, ready: ['T1'], held: ['T2'] })
  assert.equal(await queue.door.cancel(`${ID}:00000000`, 1), 'cancelled')
  await fireEach(nightly, 3, 3, one)
  assert.deepEqual(await queue.places(), { ...NOTHING, ready: ['T1'], held: ['T3'], ended: ['T2'] })
  const { jobs } = await queue.claim('w', 1)
  await queue.complete('w', 2, jobs, '1')
  assert.equal(await schedules.admit(HOME), 'released')
  assert.deepEqual((await queue.places()).ready, ['T3'])
})

test('a run that waits behind another is not given up as a job that nobody knows', async () => {
  const nightly = await openNightly()
  await fireEach(nightly, 1, 2, one)
  nightly.queue.at(30 * 86_400_000)
  assert.equal(await nightly.queue.keeper.giveUp(1_000 as never), 0)
  assert.deepEqual((await nightly.queue.places()).held, ['T2'])
})

test('calling the waiting jobs of a schedule off leaves none behind, in portions, and however often', async () => {
  const nightly = await openNightly()
  const { queue, schedules } = nightly
  await fireEach(nightly, 1, 2, one)
  await fireEach(nightly, 3, 300, { overlap: 'allow' })
  const { jobs } = await queue.claim('w', 1, { limit: 1 })
  await schedules.callOff(HOME)
  const places = await queue.places()
  assert.deepEqual([places.active, places.ready, places.held, places.ended.length], [['T1*1'], [], [], 299])
  assert.deepEqual(await schedules.waiting('mail'), [])
  await schedules.callOff(HOME)
  await queue.complete('w', 2, jobs, '1')
  assert.equal((await queue.places()).ended.length, 300)
})

test('a change to cancel-previous takes back a crowd of waiting runs some at a time, and holds the newest', async () => {
  const nightly = await openNightly()
  const { queue, schedules } = nightly
  await fireEach(nightly, 1, 600, { overlap: 'allow' })
  const counts: number[] = []
  for (let second = 601; second <= 604; second++) {
    await fireEach(nightly, second, second, newest)
    const { ready, held } = await queue.places()
    counts.push(ready.length)
    assert.deepEqual(held, ready.length === 1 && ready[0] === `T${second}` ? [] : [`T${second}`])
  }
  assert.ok(
    counts.every((count, index) => index === 0 || count <= (counts[index - 1] ?? 0)),
    `${counts}`,
  )
  assert.ok(600 - (counts[0] ?? 0) <= 250, `${counts}`)
  assert.equal(counts.at(-1), 1)
  assert.deepEqual(await schedules.waiting('mail').then((ids) => ids.length <= 1), true)
})

test('a job that blocks the next runs of its schedule for a week costs no more at its end than at its beginning', async () => {
  const nightly = await openNightly()
  const { queue, connection } = { ...nightly, connection: nightly.queue.connection }
  await fireEach(nightly, 1, 1, newest)
  await queue.claim('w', 1)
  const key = `${queue.keys.schedules}${ID}`
  await connection.command('HSET', key, 'made', 640_000)
  await fireEach(nightly, 2, 3, newest)
  assert.deepEqual(await queue.places(), { ...NOTHING, active: ['T1*1'], held: ['T3'], ended: ['T2'] })
  const { jobs } = await queue.claimed('w', 1)
  await queue.complete('w', 2, jobs, '1')
  for (let left = 12; left > 0 && (await nightly.schedules.admit(HOME)) !== 'released'; left--);
  assert.deepEqual((await queue.places()).ready, ['T3'])
  await queue.keeper.prune(KEEP_NOTHING)
})
