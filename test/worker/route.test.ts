import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseQueues } from '../../src/config.ts'
import { defineJob } from '../../src/job/definition.ts'
import { LOOK } from '../../src/store/keeper.ts'
import { openRoute } from '../../src/worker/route.ts'
import { openWorld } from '../flow/world.ts'

async function firsts(raw: string, rounds: number, isOpen: (name: string) => boolean = () => true): Promise<string[]> {
  const route = openRoute(parseQueues(raw), () => Promise.resolve(['a', 'b', 'c']))
  await route.plan(false)
  return Array.from({ length: rounds }, () => route.turn(({ name }) => isOpen(name))[0]?.name ?? '')
}

function counted(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

test('without a weight the order is strict', async () => {
  assert.deepEqual(counted(await firsts('b,*', 10)), { b: 10 })
})

test('by weight each comes first as often as it says, evenly spread, and what has nothing to give costs nobody a turn', async () => {
  const names = await firsts('a=3,b=2,*', 60)
  assert.deepEqual(counted(names), { a: 30, b: 20, c: 10 })
  assert.ok(names.slice(0, 6).includes('c'), 'nobody starves')
  assert.deepEqual(counted(await firsts('a=3,b=2,*', 30, (name) => name !== 'a')), { b: 20, c: 10 })
})

test('every stop is visited in each round, the canary last', async () => {
  const route = openRoute(parseQueues('a=3,*=2'), () => Promise.resolve(['a', 'b']))
  await route.plan(true)
  const names = route.turn(({ name }) => name === 'b').map(({ name }) => name)
  assert.deepEqual(names, ['b', 'a', 'morrow.canary'])
})

test('a worker takes from weighted queues in proportion, and from a queue that appears later', async () => {
  const world = await openWorld()
  const ran: string[] = []
  const jobs = ['big', 'low-a', 'low-b', 'low-test'].map((queue) => defineJob({ name: queue, queue }))
  const worker = world.worker(
    jobs.map((job) => job.handle(() => void ran.push(job.name))),
    { queues: 'big=3,low-*,!low-test', concurrency: 1 },
  )
  const [big, a, b, test] = jobs
  if (!big || !a || !b || !test) return assert.fail()
  for (let n = 0; n < 12; n++) await world.client.enqueueMany([big.request(), a.request(), test.request()])
  while (ran.length < 8) await worker.tick()
  assert.deepEqual(counted(ran.slice(0, 8)), { big: 6, 'low-a': 2 })
  await world.client.enqueue(b)
  await world.pass(LOOK)
  await worker.work()
  assert.deepEqual(counted(ran), { big: 12, 'low-a': 12, 'low-b': 1 })
})
