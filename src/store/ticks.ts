import { queueKeys } from './keys.ts'
import type { Reply } from './reply.ts'
import { texts } from './space.ts'
import type { Store } from './store.ts'

/** A schedule by its id, and when its next tick is due. */
export type HeadTick = { readonly id: string; readonly queue: string; readonly dueAt: number }

/** The ticks of a queue that are due next, the earliest first. */
export async function nextTicks(
  { connection, prefix }: Store,
  queue: string,
  count: number,
): Promise<readonly HeadTick[]> {
  const reply = await connection.command('ZRANGE', queueKeys(prefix, queue).ticks, 0, count - 1, 'WITHSCORES')
  return pairs(reply).map(([id, dueAt]) => ({ id, queue, dueAt }))
}

/** When the first waiting job of a queue is due, as far as schedulers have told; null when none waits. */
export async function firstDue({ connection, prefix }: Store, queue: string): Promise<number | null> {
  const reply = await connection.command('ZRANGE', queueKeys(prefix, queue).scheduled, 0, 0, 'WITHSCORES')
  return pairs(reply)[0]?.[1] ?? null
}

const pairs = (reply: Reply): readonly (readonly [member: string, score: number])[] => {
  const flat = texts(reply)
  return flat.flatMap((member, index) => (index % 2 === 0 ? [[member, Number(flat[index + 1])] as const] : []))
}
