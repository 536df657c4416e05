import assert from 'node:assert/strict'
import { encodeRecord } from '../../src/job/record.ts'
import type { OverlapPolicy } from '../../src/schedule/policies.ts'
import type { Draw, DrawStep } from '../../src/store/firing.ts'
import type { Applying } from '../../src/store/schedules.ts'
import { openTestQueue, START } from './test-queue.ts'

/** The id of the schedule that the tests tick. */
export const ID = 's'.repeat(16)
/** Where it lives. */
export const HOME = { id: ID, queue: 'mail' }
const CONTEXT = '1 v1 2026a mail'

/** Its definition: the first tick is a second after the start. */
export const NIGHTLY: Applying = {
  rev: '',
  reign: 1,
  version: 'v1',
  name: 'nightly',
  definition: '{"cron":"0 3 * * *"}',
  origin: 'file',
  tz: '2026a',
  since: START,
  from: null,
  next: { at: START + 1_000, dueAt: START + 1_000 },
  generation: '1',
  context: CONTEXT,
  by: 'scheduler-1',
}

/** A job that a tick makes, by its label; instants from the start. */
export const run = (label: string, planned: number, more: Partial<DrawStep & { kind: 'job' }> = {}): DrawStep => {
  const { head, apart } = encodeRecord({
    name: 'job',
    ownId: '',
    failures: 0,
    interruptions: 0,
    extension: { tick: { schedule: 'nightly', plannedAt: START + planned, standsFor: 1, previousAt: null } },
    payload: label,
  })
  const plannedAt = START + planned
  const job = { fate: 'fired', plannedAt, standsFor: 1, due: { at: plannedAt }, deadline: null } as const
  return { kind: 'job', ...job, record: head, apart, ...more }
}

/** What a schedule does about its tick at `at`, after which the one at `next` follows; instants from the start. */
export const draw = (
  at: number | string,
  next: number | null,
  steps: readonly DrawStep[],
  more: { readonly rev?: string; readonly overlap?: OverlapPolicy; readonly limit?: number } = {},
): Draw => ({
  id: ID,
  from: typeof at === 'number' ? { kind: 'tick', at: START + at } : { kind: 'call', token: at },
  rev: more.rev ?? '1',
  next: next === null ? null : { at: START + next, dueAt: START + next },
  ripeAt: typeof at === 'number' ? START + at : null,
  overlap: more.overlap ?? 'allow',
  limit: more.limit ?? null,
  context: CONTEXT,
  steps,
})

/** A queue that the schedule feeds. */
export async function openNightly() {
  const queue = await openTestQueue()
  const { schedules } = queue.store
  await schedules.settle('nightly', HOME)
  assert.equal(await schedules.apply(HOME, NIGHTLY), 'applied')
  const fire = async (...draws: readonly Draw[]) => schedules.fire('mail', 'scheduler-1', draws)
  /** The ledger as words: fate, first and last from the start, count, lateness, job. */
  const ledger = async () => {
    const page = await schedules.ledger(HOME, 0, -1)
    return page.entries.map(({ fate, first, last, count, lateness, job, into }) =>
      [fate, first - START, last - START, count, lateness, job ?? '', into === null ? '' : into - START]
        .join(' ')
        .trim(),
    )
  }
  const stands = async () => {
    const found = await schedules.read(HOME)
    assert.ok(found)
    return found
  }
  return { queue, schedules, fire, ledger, stands }
}
