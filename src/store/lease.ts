import type { Connection } from './connection.ts'
import { word } from './reply.ts'
import { runOn } from './script.ts'
import { scripts } from './scripts.ts'
import { LAYOUT } from './space.ts'

/** Renews an owner's lease by the key of its queue's leases; the renewal thread knows no more than that. */
export const renewLease = async (
  connection: Connection,
  leases: string,
  owner: string,
  lease: number,
): Promise<'renewed' | 'lost'> =>
  word(await runOn(connection, scripts.renew, [leases], { args: { now: '', owner, lease } })) as 'renewed' | 'lost'

/** Whether a newer release has laid out the namespace whose layout stands under this key: then nothing in it is ours to write. */
export const isNewerLayout = async (connection: Connection, layout: string): Promise<boolean> =>
  Number((await connection.command('GET', layout)) ?? LAYOUT) > LAYOUT
