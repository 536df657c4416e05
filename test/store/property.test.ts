import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { emptyModel, notedIn, placesIn, type Step, sorted, take } from './model.ts'
import { openSchedules } from './model-ticks.ts'
import { connect, notesIn, openTestQueue } from './test-queue.ts'

/** In a cluster the same is shown once more, and only shortly. */
const TIME = process.env['MORROW_TEST_CLUSTER'] === undefined ? 15_000 : 3_000

const number = fc.nat(1_000)
const owner = fc.nat(2)
const seed = fc.record({
  in: fc.constantFrom(0, 0, 1, 500, 5_000, 20_000),
  known: fc.constantFrom(true, true, true, false),
  priority: fc.constantFrom(5, 5, 0, 3, 9),
})

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('enqueue' as const),
      client: fc.nat(1),
      jobs: fc.array(seed, { minLength: 1, maxLength: 12 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('claim' as const),
      owner,
      limit: fc.integer({ min: 1, max: 9 }),
      names: fc.boolean(),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('settle' as const),
      how: fc.constantFrom('complete', 'discard', 'retry', 'snooze', 'bury', 'handBack'),
      owner,
      picks: fc.array(number, { minLength: 1, maxLength: 6 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('cancel', 'revive', 'purge'), pick: number }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('run', 'update'), pick: number }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('select' as const), limit: fc.integer({ min: 1, max: 250 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('shift' as const),
      pick: number,
      by: fc.constantFrom(-20_000, -1, 1, 600, 5_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('reschedule' as const),
      pick: number,
      in: fc.constantFrom(0, 1, 600, 30_000),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom('resend', 'promote', 'promote', 'reclaim', 'release', 'giveUp', 'prune'),
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('tick' as const), policy: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('admit' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('pause' as const),
      all: fc.boolean(),
      lasts: fc.constantFrom(null, 1, 600, 5_000),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('resume' as const), all: fc.boolean() }) },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), by: fc.constantFrom(1, 499, 700, 5_000, 15_001) }),
  },
)

test('after any steps every living job is in one place, counts agree, and only the last claimer settles', async (context) => {
  const given = process.env['MORROW_TEST_SEED']
  const chosen = given === undefined ? randomInt(2 ** 31) : Number(given)
  context.diagnostic(`seed ${chosen} (MORROW_TEST_SEED repeats it)`)
  const connection = await connect()
  let runs = 0
  const property = fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 80, size: 'max' }), async (steps) => {
    const queue = await openTestQueue(connection)
    const model = emptyModel()
    await openSchedules(queue)
    for (const each of steps) {
      await take(each, model, queue)
      assert.deepEqual(sorted(await queue.places()), sorted(placesIn(model)), `after ${each.kind}`)
      assert.deepEqual(await notesIn(queue), notedIn(model), `after ${each.kind}`)
    }
    runs++
  })
  await fc.assert(property, {
    seed: chosen,
    numRuns: 1_000,
    interruptAfterTimeLimit: TIME,
    markInterruptAsFailure: false,
  })
  context.diagnostic(`${runs} sequences`)
  assert.ok(runs > 0)
})
