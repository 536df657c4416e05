import type { Config } from '../config.ts'
import type { Emit } from '../job/events.ts'
import type { Connection } from '../store/connection.ts'
import type { Presence } from '../store/presence.ts'
import { openStore, type Store } from '../store/store.ts'
import type { Clock } from '../time/clock.ts'
import { systemClock } from '../time/system-clock.ts'
import { namespaceOf } from './options.ts'
import { type CardDetails, presenceOf, processId } from './presence.ts'
import { answered, checkServer, type Dialling, dial, diallingOf, type ServerFacts } from './redis.ts'

/** What the roles of one process share: one connection for commands, one that hears, and one entry among the living. */
export type Base = {
  readonly id: string
  readonly config: Config
  readonly clock: Clock
  readonly dialling: Dialling
  readonly store: Store
  readonly ears: Connection | undefined
  readonly server: ServerFacts
  readonly presence: Presence
  readonly emit: Emit
  close(): Promise<void>
}

export type BaseParts = {
  readonly config: Config
  readonly emit: Emit
  readonly hears: boolean
  readonly details: CardDetails
}

/** Connects, checks the server and the layout, and enters the process among the living. */
export async function openBase({ config, emit, hears, details }: BaseParts): Promise<Base> {
  const dialling = diallingOf(config)
  const id = processId()
  const name = `morrow-${details.roles.join('-')}`
  const connection = await dial(dialling, name)
  try {
    const server = await checkServer(connection, config)
    const store = openStore({ connection, prefix: namespaceOf(config) })
    await answered(store.space.greet())
    const ears = hears ? await dial(dialling, `${name}-ears`) : undefined
    const presence = presenceOf(store, config, emit, { id, details })
    const unwatch = watchConnection(connection, ears, emit)
    const close = async (): Promise<void> => {
      unwatch()
      await presence.leave().catch(() => undefined)
      await Promise.all([ears?.close(), connection.close()])
    }
    return { id, config, clock: systemClock, dialling, store, ears, server, presence, emit, close }
  } catch (error) {
    await connection.close()
    throw error
  }
}

/** Says when Redis is lost and found. What only hears sends nothing, so it would not notice for minutes that the host is gone. */
function watchConnection(connection: Connection, ears: Connection | undefined, emit: Emit): () => void {
  let lostAt: number | undefined
  const unlost = connection.onLost((error) => {
    if (lostAt !== undefined) return
    lostAt = systemClock.monotonic()
    emit({ kind: 'store.unavailable', error: error ?? new Error('the connection was closed') })
  })
  const unready = connection.onReady(() => {
    if (lostAt === undefined) return
    ears?.reset()
    emit({ kind: 'store.recovered', afterMs: Math.round(systemClock.monotonic() - lostAt) })
    lostAt = undefined
  })
  return () => {
    unlost()
    unready()
  }
}
