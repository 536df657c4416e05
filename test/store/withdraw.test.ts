import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NIGHTLY, openNightly, tick } from './nightly.ts'
import { NOTHING } from './places.ts'
import { START } from './test-queue.ts'

test('a schedule that is withdrawn has no tick; applied again it keeps its id and its count', async () => {
  const { queue, schedules, id } = await openNightly()
  queue.at(1_000)
  await schedules.fire('mail', id, tick('T1', 1_000, 2_000))
  await schedules.withdraw('nightly')
  await schedules.withdraw('nightly')
  assert.deepEqual(
    [await schedules.list(), await schedules.due('mail', START + 9_000)],
    [[], { due: [], nextAt: null }],
  )
  assert.deepEqual(await queue.places(), { ...NOTHING, ready: ['T1'] })
  assert.equal(await schedules.apply(NIGHTLY), 'applied')
  const [again] = await schedules.list()
  assert.deepEqual([again?.id, again?.made], [id, 1])
})
