import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openCrew, until } from './crew.ts'
import { note } from './programs/jobs.ts'

const COUNT = 10_000

/** A fixed sequence that looks random: the same jobs in every run. */
const within = (n: number, span: number): number => Math.floor(((n * 2_654_435_761) % 2 ** 32) / (2 ** 32 / span))

test('of 10,000 jobs at random milliseconds none starts before it is due, with hosts 5 s ahead and 5 s behind', async (context) => {
  const crew = await openCrew(context)
  const env = { LOG_LEVEL: 'error', CONCURRENCY: '100' }
  await Promise.all([
    crew.start('scheduler', { ...env, SHIFT: '5000' }),
    crew.start('scheduler', { ...env, SHIFT: '-5000' }),
    crew.start('worker', { ...env, SHIFT: '5000' }),
    crew.start('worker', { ...env, SHIFT: '-5000' }),
  ])
  const items = Array.from({ length: COUNT }, (_, n) => ({
    payload: { label: `job${n}` },
    in: { milliseconds: 1 + within(n, 4_000) },
  }))
  const dueAt = new Map<string, number>()
  let named = 0
  for await (const receipts of crew.client.scheduleMany(note, items)) {
    for (const receipt of receipts) dueAt.set(`job${named++}`, receipt.dueAt.getTime())
  }
  await until('all jobs to end', async () => (await crew.store.inspector.counts('notes')).totals.completed === COUNT)
  assert.deepEqual(crew.notOnce([...dueAt.keys()]), {})
  const starts = crew.lines().filter(({ step }) => step === 'start')
  assert.deepEqual(
    starts.filter(({ late }) => late < 0),
    [],
  )
})
