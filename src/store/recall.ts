import { pageOf } from '../job/id.ts'
import type { Connection } from './connection.ts'
import { type Entry, keyOfOwn } from './entry.ts'
import type { QueueKeys } from './keys.ts'
import { part } from './reply.ts'
import { run } from './script.ts'
import { scripts } from './scripts.ts'

/** A call that the store had taken when it was sent again. */
type Taken = { readonly client: string; readonly first: number; readonly entries: readonly Entry[] }

/** What the first answer to a call said of an entry: its due instant, unless its job has gone, and what stood under its own id. */
export type Recalled = { readonly dueAt?: number; readonly stood: string }

/** Finds out what the answer that was lost has said: of a job that went meanwhile the due instant is not known any more. */
export function recall(
  store: { readonly connection: Connection; readonly keys: QueueKeys },
  { client, first, entries }: Taken,
): Promise<readonly Recalled[]> {
  const { connection, keys } = store
  return Promise.all(
    entries.map(async ({ own }, index) => {
      const { page, slot } = pageOf(client, first + index)
      const [reply, entry] = await Promise.all([
        run(connection, scripts.get, keys, { args: { name: page, slot } }),
        own === '' ? '' : connection.command('HGET', keys.own, keyOfOwn(own)),
      ])
      const due = part(reply, 2)
      const stands = String(entry ?? '')
      const stood = stands.startsWith(`${page} ${slot} `) ? '' : stands
      return due === null ? { stood } : { stood, dueAt: Number(due) }
    }),
  )
}
