import { tokenOf } from '../job/id.ts'
import type { Connection } from './connection.ts'
import { LayoutNewerError, StoreError } from './errors.ts'
import { queueKeys, type SpaceKeys, spaceKeys } from './keys.ts'
import { thoughFull } from './though-full.ts'

/** The version of the layout that this release writes. */
export const LAYOUT = 1

/** What belongs to the whole namespace: its layout, and the list of its queues. */
export type Space = {
  readonly keys: SpaceKeys
  /** Claims the layout, or throws LayoutNewerError. */
  greet(): Promise<void>
  /** Enters a queue in the list; to be called before its first job and after each reconnect. */
  register(queue: string): Promise<string>
  /** The names of all queues, sorted. */
  queues(): Promise<readonly string[]>
  /** The queue that an id's token stands for; undefined when the namespace has none such. */
  queueOf(token: string): Promise<string | undefined>
}

/** Opens the namespace-wide part of the store. */
export function openSpace(connection: Connection, prefix: string): Space {
  const keys = spaceKeys(prefix)
  const known = new Map<string, string>()
  return {
    keys,
    greet: async () => {
      await thoughFull(connection, 'SET', keys.layout, LAYOUT, 'NX')
      const found = String(await connection.command('GET', keys.layout))
      if (Number(found) > LAYOUT) throw new LayoutNewerError(found, LAYOUT)
    },
    register: async (queue) => {
      const token = tokenOf(queue)
      const isNew = await thoughFull(connection, 'HSETNX', keys.queues, token, queue)
      const stands = await connection.command('HGET', keys.queues, token)
      if (stands !== queue) throw new StoreError(`queues "${queue}" and "${stands}" have the same token: rename one`)
      known.set(token, queue)
      // Nobody is noted as asleep on a queue that nobody knew: without a word its first job would wait for the next look.
      if (isNew === 1) {
        for (const word of ['due', 'ready']) {
          await connection.command('PUBLISH', queueKeys(prefix, queue).channel, `${word} ${queue}`)
        }
      }
      return token
    },
    queues: async () => texts(await connection.command('HVALS', keys.queues)).sort(),
    queueOf: async (token) => {
      const cached = known.get(token)
      if (cached !== undefined) return cached
      const found = await connection.command('HGET', keys.queues, token)
      if (typeof found !== 'string') return undefined
      known.set(token, found)
      return found
    },
  }
}

/** An array reply as texts. */
export const texts = (reply: unknown): string[] => (Array.isArray(reply) ? reply.map(String) : [])
