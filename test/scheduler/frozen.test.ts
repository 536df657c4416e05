import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MissedPolicy } from '../../src/schedule/policies.ts'
import { openFiring } from '../../src/scheduler/fire.ts'
import type { Store } from '../../src/store/store.ts'
import { each, openTimetable, TZ } from '../timetable/timetable.ts'

/** A scheduler that is frozen for five minutes after it has seen what is due, and then goes on. */
async function openFrozen(missed: MissedPolicy) {
  const timetable = await openTimetable()
  const { store, at } = timetable
  await timetable.apply(each({ policies: { missed } }))
  let isAwake = false
  const schedules: Store['schedules'] = {
    ...store.schedules,
    definitions: async (queue, ids) => {
      const found = await store.schedules.definitions(queue, ids)
      if (!isAwake) at(360_500)
      isAwake = true
      return found
    },
  }
  at(60_000)
  const clock = { monotonic: timetable.monotonic }
  await openFiring({ store: { ...store, schedules }, emit: () => undefined, id: 'frozen', tz: TZ, clock }, 'mail')()
  return timetable
}

test('a tick that was live when a scheduler froze is missed when it wakes up', async () => {
  const { ledger, fire, audit } = await openFrozen({ kind: 'skip' })
  assert.deepEqual(await ledger(), ['applied 0 0 1'])
  await fire()
  assert.deepEqual(await ledger(), ['applied 0 0 1', 'missed 60 300 5', 'fired 360 360 1'])
  assert.deepEqual((await audit()).differences, [])
})

test('what such a scheduler has missed is one run, as for any that was away', async () => {
  const { ledger, fire, at } = await openFrozen({ kind: 'once' })
  at(371_000)
  await fire()
  assert.deepEqual(await ledger(), ['applied 0 0 1', 'coalesced 60 300 5', 'late 360 360 1'])
})
