import { spaceKeys } from './keys.ts'
import { part } from './reply.ts'
import type { Store } from './store.ts'
import { thoughFull } from './though-full.ts'

/** The newest tick of each minute that went the whole way: schedule, fire, ready, claim, complete. Instants of Redis' clock. */
export type CanaryRecord = { readonly plannedAt: number; readonly completedAt: number }

/** Notes that a tick went the whole way, just now. */
export async function noteCanary(store: Store, plannedAt: number): Promise<void> {
  const { canary } = spaceKeys(store.prefix)
  const now = await store.inspector.time()
  await thoughFull(store.connection, 'HSET', canary, 'planned', plannedAt, 'completed', now)
}

/** Reads that note; null before the first. */
export async function readCanary({ connection, prefix }: Store): Promise<CanaryRecord | null> {
  const reply = await connection.command('HMGET', spaceKeys(prefix).canary, 'planned', 'completed')
  const [planned, completed] = [part(reply, 0), part(reply, 1)]
  return planned === null || completed === null ? null : { plannedAt: Number(planned), completedAt: Number(completed) }
}
