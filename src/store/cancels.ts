import type { ClaimedJob } from './claimed-job.ts'
import { queueKeys } from './keys.ts'
import { part } from './reply.ts'
import type { Store } from './store.ts'

/** Those of some jobs of a queue that were cancelled while they ran. */
export async function cancelledAmong(
  { connection, prefix }: Pick<Store, 'connection' | 'prefix'>,
  queue: string,
  jobs: readonly ClaimedJob[],
): Promise<readonly ClaimedJob[]> {
  if (jobs.length === 0) return []
  const fields = jobs.map(({ page, slot }) => `${page} ${slot}`)
  const notes = await connection.command('HMGET', queueKeys(prefix, queue).cancels, ...fields)
  return jobs.filter((_, index) => part(notes, index) !== null)
}
