import { z } from 'zod'
import type { Client } from '../../src/job/client.ts'
import { defineJob } from '../../src/job/definition.ts'
import type { BulkAnswer, JobPage, UpdateAnswer } from '../../src/job/selection-client.ts'

/** Checked by the compiler and never run: a line below an expected error must not compile, every other line must. */

const mail = defineJob({ name: 'mail', payload: z.object({ to: z.string() }) })
const tidy = defineJob({ name: 'tidy' })

export async function selections({
  jobs,
  run,
  update,
}: Client): Promise<readonly (BulkAnswer | JobPage | UpdateAnswer)[]> {
  await jobs.select().count()
  await jobs.select({ place: 'dead', created: { from: new Date(), to: '2026-12-01T09:00:00Z' } }).count()
  await jobs.select({ job: mail, where: ({ to }) => to === 'ann' }).run({ rate: 14, dryRun: true })
  await jobs.select({ place: ['ready', 'active'] }).cancel()
  await jobs.select({ job: 'mail' }).reschedule({ in: '2 hours' })
  await jobs.select({ job: mail }).reschedule({ by: '-2h' })
  await run('id')
  await run(mail, 'own')
  await update('id', { expiresIn: '1h' })
  await update(mail, 'own', { payload: (before) => ({ to: before.to }), timeout: '1m' })
  // @ts-expect-error the payload of a mail has no `subject`
  await jobs.select({ job: mail, where: ({ subject }) => subject === 'x' }).count()
  // @ts-expect-error there is no such place
  await jobs.select({ place: 'redy' }).count()
  // @ts-expect-error what is dead is not cancelled
  await jobs.select({ place: 'dead' }).cancel()
  // @ts-expect-error what runs is not moved
  await jobs.select({ place: 'active' }).reschedule({ by: '1h' })
  // @ts-expect-error either a time or a length by which all move
  await jobs.select().reschedule({ by: '1h', in: '2h' })
  // @ts-expect-error a mail goes to a text
  await jobs.select({ job: mail }).update({ payload: { to: 7 } })
  // @ts-expect-error a payload needs the job type
  await update('id', { payload: { to: 'ann' } })
  // @ts-expect-error either of them
  await update('id', { expiresIn: '1h', deadline: new Date() })
  return [
    await jobs.select({ job: mail }).update({ payload: { to: 'ann' } }),
    await jobs.select({ job: tidy }).list({ limit: 10 }),
    await update('id', { job: mail, payload: { to: 'ann' } }),
  ]
}
