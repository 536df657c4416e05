import assert from 'node:assert/strict'
import { test } from 'node:test'
import { oneEverywhere, PAGE, SLOTS } from './everywhere.ts'
import { NOTHING } from './places.ts'
import { lostIn } from './settlement.ts'
import { KEEP_NOTHING, notesIn, openTestQueue, type TestQueue } from './test-queue.ts'

test('cancel ends what waits, and notes what runs', async () => {
  const queue = await oneEverywhere()
  const answers: Record<string, string> = {}
  for (const [place, slot] of Object.entries(SLOTS)) answers[place] = await queue.door.cancel(PAGE, slot)
  assert.deepEqual(answers, {
    active: 'cancelling',
    dead: 'ended',
    ended: 'ended',
    held: 'cancelled',
    ready: 'cancelled',
    scheduled: 'cancelled',
    never: 'unknown',
  })
  const after = { ...NOTHING, active: ['active*1'], dead: ['dead'], ended: ['ended', 'held', 'ready', 'scheduled'] }
  assert.deepEqual(await queue.places(), after)
  for (const place of ['held', 'ready', 'scheduled'] as const) {
    assert.equal(await queue.door.cancel(PAGE, SLOTS[place]), 'ended')
  }
  assert.deepEqual(await queue.places(), after, 'a second time changes nothing')
})

/** A queue whose only job runs and is cancelled. */
async function cancelling() {
  const queue = await openTestQueue()
  await queue.enqueue([{ label: 'A', own: 'mine' }])
  const { jobs } = await queue.claim('w', 1)
  assert.equal(await queue.door.cancel(PAGE, 0), 'cancelling')
  return { queue, jobs }
}

type Settle = (queue: TestQueue, jobs: Awaited<ReturnType<TestQueue['claim']>>['jobs']) => Promise<unknown>

const WAYS: Readonly<Record<string, Settle>> = {
  retry: (queue, jobs) => queue.retry('w', 2, jobs, 700, '1'),
  bury: (queue, jobs) => queue.bury('w', 2, jobs, '1'),
  'hand back': (queue, jobs) => queue.handBack('w', 2, jobs, '1'),
  reclaim: async (queue) => {
    queue.at(15_001)
    await queue.keeper.reclaim(3)
  },
  'reclaim of the third worker': async (queue) => {
    queue.at(15_001)
    await queue.keeper.reclaim(1)
  },
}

for (const [way, settle] of Object.entries(WAYS)) {
  test(`a running job that is cancelled has ended after ${way}, and nothing is left of the note`, async () => {
    const { queue, jobs } = await cancelling()
    await settle(queue, jobs)
    assert.deepEqual(await queue.places(), { ...NOTHING, ended: ['A'] })
    assert.deepEqual(await notesIn(queue), [])
    const found = await queue.door.get(PAGE, 0)
    assert.equal(found.kind === 'job' && found.job.end, 'cancelled')
    const { cancelled } = (await queue.store.inspector.counts('mail')).totals
    assert.equal(cancelled, 1)
    assert.deepEqual(await queue.connection.command('LLEN', queue.keys.forget), 1, 'its own id will be free again')
    assert.equal(await queue.door.cancel(PAGE, 0), 'ended')
    await settle(queue, jobs)
    assert.deepEqual(await queue.places(), { ...NOTHING, ended: ['A'] }, 'a second time changes nothing')
  })
}

test('a running job that completes before its worker hears of the cancel is completed', async () => {
  const { queue, jobs } = await cancelling()
  assert.equal(await queue.door.cancel(PAGE, 0), 'cancelling', 'a second time changes nothing')
  assert.deepEqual(await notesIn(queue), [`${PAGE} 0`])
  assert.equal(lostIn(await queue.complete('w', 2, jobs, '1')), 0)
  const found = await queue.door.get(PAGE, 0)
  assert.equal(found.kind === 'job' && found.job.end, 'completed')
  assert.deepEqual(await notesIn(queue), [])
})

test('a note outlives the settlement of an owner that has lost the job', async () => {
  const queue = await openTestQueue()
  await queue.enqueue(['A'])
  const frozen = await queue.claim('frozen', 1)
  queue.at(15_001)
  await queue.keeper.reclaim(3)
  const { jobs } = await queue.claim('w', 1)
  await queue.door.cancel(PAGE, 0)
  for (const settle of [queue.complete, queue.bury, queue.handBack]) {
    assert.equal(lostIn(await settle('frozen', 2, frozen.jobs)), 1)
  }
  assert.deepEqual(await notesIn(queue), [`${PAGE} 0`])
  await queue.retry('w', 2, jobs, 700, '1')
  assert.deepEqual(await queue.places(), { ...NOTHING, ended: ['A'] })
})

test('a job that an older release has let go on all the same is swept up, and so is its note', async () => {
  for (const [state, place] of [
    ['s', 'ended'],
    ['c', 'ended'],
    ['a', 'active'],
  ] as const) {
    const { queue } = await cancelling()
    const head = (await queue.connection.command('LINDEX', `${queue.keys.pages}${PAGE}`, 0)) as string
    await queue.connection.command('LSET', `${queue.keys.pages}${PAGE}`, 0, head.replace('a', state))
    if (state === 's') {
      await queue.connection.command('HINCRBY', queue.keys.counts, 'active', -1)
      await queue.connection.command('HINCRBY', queue.keys.counts, 'scheduled', 1)
    }
    await queue.keeper.prune({ ...KEEP_NOTHING, ended: { count: 1_000, age: 1e9 as never } })
    const found = await queue.door.get(PAGE, 0)
    assert.equal(found.kind === 'job' && found.job.place, place)
    assert.deepEqual(await notesIn(queue), state === 'a' ? [`${PAGE} 0`] : [])
  }
})
