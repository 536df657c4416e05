import { z } from 'zod'
import { defineJob } from '../../src/job/definition.ts'
import { createClient } from '../../src/wiring/client.ts'

/** Checked by the compiler and never run: a line below an expected error must not compile, every other line must. */

const report = defineJob({ name: 'report', payload: z.object({ to: z.string() }) })
const { schedules } = createClient()

export async function schedulesThatCompile(): Promise<void> {
  await schedules.upsert('a', { job: report, payload: { to: 'ada' }, cron: ['0 9 * * 1-5', '0 12 * * 6'] })
  await schedules.upsert('b', { job: 'report', queue: 'reports', every: '15m', offset: '5m', missed: 'all' })
  await schedules.upsert('c', { job: report, manual: true, missed: { policy: 'all', max: 3, within: '6h' } })
  await schedules.pause('a', { reason: 'because', until: new Date() })
  await schedules.backfill('a', { from: '2026-01-01T00:00:00Z', to: new Date(), rate: 5, dryRun: true })
  const { outcome, made } = await schedules.resume('a', { missed: 'once' })
  outcome satisfies 'resumed' | 'not-paused' | 'unknown'
  made satisfies number
  const run = await schedules.run('a')
  // @ts-expect-error: only a run that was made has an id
  run.id satisfies string
}

export async function schedulesThatDoNot(): Promise<void> {
  // @ts-expect-error: a policy that is none
  await schedules.upsert('a', { job: report, cron: '0 9 * * *', overlap: 'never' })
  // @ts-expect-error: a key that is none
  await schedules.upsert('a', { job: report, crom: '0 9 * * *' })
  // @ts-expect-error: a duration that is none
  await schedules.upsert('a', { job: report, every: '15 lightyears' })
  // @ts-expect-error: a pause needs its reason
  await schedules.pause('a', {})
}
