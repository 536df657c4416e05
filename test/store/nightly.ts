import assert from 'node:assert/strict'
import { encodeRecord } from '../../src/job/record.ts'
import type { Firing } from '../../src/store/schedules.ts'
import { openTestQueue, START } from './test-queue.ts'

/** A schedule whose first tick is a second after the start. */
export const NIGHTLY = {
  name: 'nightly',
  queue: 'mail',
  version: 'v1',
  definition: '{"cron":"0 3 * * *"}',
  next: START + 1_000,
}

/** A tick of it that is due at `due` and makes a job of that label; instants from the start. */
export const tick = (label: string, due: number, next: number | null): Firing => {
  const { head, apart } = encodeRecord({
    name: 'job',
    ownId: '',
    failures: 0,
    interruptions: 0,
    extension: { tick: { schedule: 'nightly', plannedAt: START + due, standsFor: 1, previousAt: null } },
    payload: label,
  })
  return {
    cursor: START + due,
    version: 'v1',
    dueAt: START + due,
    next: next === null ? null : START + next,
    record: head,
    apart,
    entry: `fired ${due}`,
  }
}

/** A queue that the schedule feeds. */
export async function openNightly() {
  const queue = await openTestQueue()
  const { schedules } = queue.store
  assert.equal(await schedules.apply(NIGHTLY), 'applied')
  const [stored] = await schedules.list()
  assert.ok(stored)
  return { queue, schedules, id: stored.id }
}
