import type { Connection } from './connection.ts'
import type { QueueKeys } from './keys.ts'
import { part, word } from './reply.ts'
import { runOn } from './script.ts'
import { scripts } from './scripts.ts'
import { LAYOUT } from './space.ts'

/** The keys of a queue that the renewal thread knows. */
export type LeaseKeys = Pick<QueueKeys, 'leases' | 'cancels'>

/** What came of a renewal: until when the lease holds, by Redis' clock, and whether jobs that run in the queue are cancelled. */
export type Renewed =
  | { readonly kind: 'renewed'; readonly until: number; readonly noted: boolean }
  | { readonly kind: 'lost' }

/** Renews an owner's lease. */
export async function renewLease(
  connection: Connection,
  { leases, cancels }: LeaseKeys,
  owner: string,
  lease: number,
): Promise<Renewed> {
  const reply = await runOn(connection, scripts.renew, [leases, cancels], { args: { now: '', owner, lease } })
  if (word(reply) !== 'renewed') return { kind: 'lost' }
  return { kind: 'renewed', until: Number(part(reply, 1)), noted: part(reply, 2) === 1 }
}

/** Whether a newer release has laid out the namespace whose layout stands under this key: then nothing in it is ours to write. */
export const isNewerLayout = async (connection: Connection, layout: string): Promise<boolean> =>
  Number((await connection.command('GET', layout)) ?? LAYOUT) > LAYOUT
