import { z } from 'zod'
import type { Client } from '../../src/job/client.ts'
import { defineJob } from '../../src/job/definition.ts'

/** Checked by the compiler and never run: when a job may and may not be due. */

const tick = defineJob({ name: 'tick' })
const mail = defineJob({ name: 'mail', payload: z.object({ to: z.string() }) })
const to = 'a@example.com'

export async function due(client: Client): Promise<void> {
  await client.schedule(mail, { to }, { in: '3 days' })
  await client.schedule(mail, { to }, { in: { days: 3 }, time: '09:00', tz: 'Europe/Berlin' })
  await client.schedule(mail, { to }, { at: '2026-12-01T09:00', tz: 'Europe/Berlin', id: 'trial:42' })
  await client.schedule(mail, { to }, { at: new Date(0) })
  await client.schedule(tick, { in: '1h30m', window: { from: '09:00', to: '18:00', tz: 'UTC' } })
  // @ts-expect-error a misspelt unit
  await client.schedule(tick, { in: '3 dyas' })
  // @ts-expect-error either `in` or `at`
  await client.schedule(tick, { in: '3 days', at: new Date(0) })
  // @ts-expect-error a number has no unit
  await client.schedule(tick, { in: 10 })
  // @ts-expect-error a text is elapsed time, the same in every zone
  await client.schedule(tick, { in: '3 days', tz: 'Europe/Berlin' })
  // @ts-expect-error no time at all
  await client.schedule(tick, {})
  // @ts-expect-error an own id is no time
  await client.schedule(tick, { id: 'trial:42' })
  // @ts-expect-error a misspelt unit
  tick.request({ in: '3 dyas' })
  // @ts-expect-error either `in` or `at`
  mail.request({ to }, { in: '3 days', at: new Date(0) })
  // @ts-expect-error a number has no unit
  client.scheduleMany(tick, [{ in: 10 }])
  // @ts-expect-error a number has no unit
  await client.reschedule('id', { in: 10 })
}
