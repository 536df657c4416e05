import type { Client } from '../../src/job/client.ts'
import { defineJob } from '../../src/job/definition.ts'

/** Checked by the compiler and never run: a line below an expected error must not compile, every other line must. */

const tidy = defineJob({ name: 'tidy', priority: 'low' })
defineJob({ name: 'tidy', priority: 0 })
// @ts-expect-error priorities end at 9
defineJob({ name: 'tidy', priority: 10 })
// @ts-expect-error there is no such level
defineJob({ name: 'tidy', priority: 'critical' })

export async function ordered(client: Client): Promise<void> {
  await client.enqueue(tidy, { priority: 'urgent' })
  await client.schedule(tidy, { in: '1h', priority: 9, id: 'own' })
  await client.enqueueMany([tidy.request({ priority: 3 })])
  // @ts-expect-error a priority is whole
  await client.enqueue(tidy, { priority: 1.5 })

  await client.queues.pause('mail', { reason: 'x', until: '30m' })
  await client.queues.pause(['mail', 'slow'], { reason: 'x', until: new Date(0), by: 'ada' })
  await client.queues.pause('*', { reason: 'x', schedules: true })
  // @ts-expect-error a pause has a reason
  await client.queues.pause('mail', { until: '30m' })
  // @ts-expect-error schedules are paused beside everything, not beside a queue
  await client.queues.pause('mail', { reason: 'x', schedules: true })
  await client.queues.resume(['mail'])
  await client.queues.resume('*', { by: 'ada' })
}
