import { tokenOf } from '../job/id.ts'
import { CANARY } from '../job/names.ts'
import type { Connection } from './connection.ts'
import { LayoutNewerError, StoreError } from './errors.ts'
import type { Gate } from './gate.ts'
import { queueKeys, type SpaceKeys, spaceKeys } from './keys.ts'
import { part } from './reply.ts'
import { thoughFull } from './though-full.ts'

/** The version of the layout that this release writes. */
export const LAYOUT = 1

/** What belongs to the whole namespace: its layout, and the list of its queues. */
export type Space = {
  readonly keys: SpaceKeys
  /**
   * Claims the layout, or throws LayoutNewerError and lets nothing through any more until it is called again and finds a
   * layout that it knows. Queues that Redis has forgotten, as after a FLUSHALL, are listed again.
   */
  greet(): Promise<void>
  /** Enters a queue in the list; to be called before its first job and after each reconnect. */
  register(queue: string): Promise<string>
  /** The names of all queues that users have made, sorted. */
  queues(): Promise<readonly string[]>
  /** These and Morrow's own: for whoever moves jobs. */
  allQueues(): Promise<readonly string[]>
  /** The queue that an id's token stands for; undefined when the namespace has none such. */
  queueOf(token: string): Promise<string | undefined>
}

type State = {
  /** The connection without the gate. */
  readonly direct: Connection
  readonly gate: Gate
  readonly prefix: string
  readonly keys: SpaceKeys
  /** Queues by token, as far as this process came by them. */
  readonly known: Map<string, string>
  readonly onNew: (queue: string) => Promise<void>
}

/** Opens the namespace-wide part of the store; `direct` is the connection without the gate, `onNew` is told of a queue that nobody knew. */
export function openSpace(
  direct: Connection,
  gate: Gate,
  prefix: string,
  onNew: State['onNew'] = () => Promise.resolve(),
): Space {
  const keys = spaceKeys(prefix)
  const known = new Map<string, string>()
  const state: State = { direct, gate, prefix, keys, known, onNew }
  const { connection } = gate
  return {
    keys,
    greet: () => greet(state),
    register: (queue) => register(state, queue),
    queues: async () => (await allQueues(state)).filter((name) => name !== CANARY),
    allQueues: () => allQueues(state),
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

async function allQueues({ gate, keys, known }: State): Promise<readonly string[]> {
  const names = texts(await gate.connection.command('HVALS', keys.queues)).sort()
  for (const name of names) known.set(tokenOf(name), name)
  return names
}

async function greet(state: State): Promise<void> {
  const { direct, gate, keys, known } = state
  await thoughFull(direct, 'SET', keys.layout, LAYOUT, 'NX')
  const found = String((await direct.command('GET', keys.layout)) ?? LAYOUT)
  const newer = Number(found) <= LAYOUT ? undefined : new LayoutNewerError(found, LAYOUT)
  gate.refuse(newer)
  if (newer) throw newer
  if (known.size === 0) return
  const queues = [...known.values()]
  const listed = await direct.command('HMGET', keys.queues, ...known.keys())
  for (const [index, queue] of queues.entries()) if (part(listed, index) === null) await register(state, queue)
}

async function register({ gate, prefix, keys, known, onNew }: State, queue: string): Promise<string> {
  const { connection } = gate
  const token = tokenOf(queue)
  const isNew = await thoughFull(connection, 'HSETNX', keys.queues, token, queue)
  const stands = await connection.command('HGET', keys.queues, token)
  if (stands !== queue) throw new StoreError(`queues "${queue}" and "${stands}" have the same token: rename one`)
  known.set(token, queue)
  // Nobody is noted as asleep on a queue that nobody knew: without a word its first job would wait for the next look.
  if (isNew === 1) {
    await onNew(queue)
    for (const word of ['due', 'ready']) {
      await connection.command('PUBLISH', queueKeys(prefix, queue).channel, `${word} ${queue}`)
    }
  }
  return token
}

/** An array reply as texts. */
export const texts = (reply: unknown): string[] => (Array.isArray(reply) ? reply.map(String) : [])
