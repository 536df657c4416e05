import { CANARY } from '../job/names.ts'
import type { Clock } from '../time/clock.ts'
import type { Connection } from './connection.ts'
import { type DeadDoor, openDead } from './dead.ts'
import { type Environments, openEnvironments } from './environment.ts'
import { openGate, watchful } from './gate.ts'
import { type Inspector, openInspector } from './inspector.ts'
import { type Keeper, openKeeper } from './keeper.ts'
import { type Line, openLine } from './line.ts'
import type { LineParts } from './line-parts.ts'
import { type Owner, type OwnerParts, openOwner } from './owner.ts'
import { openPauses, type Pauses } from './pauses.ts'
import { openQueue, type QueueDoor, type StoreParts } from './queue.ts'
import { openRegistry, type Registry } from './registry.ts'
import { openSchedules, type Schedules } from './schedules.ts'
import { openSelection, type Selection } from './selection.ts'
import { openSpace, type Space } from './space.ts'

/** One namespace on one Redis, through one connection; the only door of the house to Redis. */
export type Store = {
  readonly connection: Connection
  readonly prefix: string
  readonly space: Space
  readonly inspector: Inspector
  readonly registry: Registry
  readonly environments: Environments
  readonly schedules: Schedules
  readonly pauses: Pauses
  /** The door to a queue, which is entered in the list of queues first. */
  queue(name: string): Promise<QueueDoor>
  /** The jobs of a queue by what they are. */
  selection(name: string): Promise<Selection>
  /** A client's numbered line into a queue. */
  line(name: string, parts: LineOptions): Promise<Line>
  owner(name: string, parts: OwnerOptions): Promise<Owner>
  keeper(name: string): Keeper
  /** What is dead in a queue. */
  dead(name: string): Promise<DeadDoor>
}

/** What a line needs beside the store. */
export type LineOptions = {
  readonly clock: Clock
  /** How long a call may take, in milliseconds. */
  readonly timeout: number
  readonly onRolledBack: (lost: number) => void
} & Pick<LineParts, 'expected' | 'lookAtClock'>

/** What a worker's hold on a queue needs beside the store. */
export type OwnerOptions = Omit<OwnerParts, keyof StoreParts | 'queue' | 'token'>

/** What a store is made of; `now` is handed in by tests only, in production Redis' own time counts. */
export type StoreOptions = {
  readonly connection: Connection
  readonly prefix: string
  readonly now?: () => string
} & Pick<StoreParts, 'longestLease'>

/** Opens the store on a connection. */
export function openStore({ connection: direct, prefix, now = () => '', ...options }: StoreOptions): Store {
  const gate = openGate(direct)
  const { connection } = gate
  const parts: StoreParts = { ...options, connection, prefix, now }
  const pauses = openPauses(parts, () => space.queues())
  const space: Space = openSpace(direct, gate, prefix, (name) =>
    name === CANARY ? Promise.resolve() : pauses.follow(name),
  )
  const queue = openDoors(parts, space)
  /** Redis may have lost what it knew, or be laid out anew; if it cannot say, the next look will tell. */
  const lookAgain = (): void => void space.greet().catch(() => undefined)
  afterReconnect(connection, lookAgain)
  return {
    connection,
    prefix,
    space,
    inspector: openInspector(parts),
    registry: openRegistry(parts),
    environments: openEnvironments(parts),
    schedules: openSchedules(parts),
    pauses,
    queue,
    selection: async (name) => openSelection(parts, await queue(name)),
    ...numbered(parts, queue, lookAgain),
    keeper: (name) => openKeeper(parts, name),
    dead: async (name) => openDead(parts, name, (await queue(name)).token),
  }
}

/** Those who number their calls: when Redis has lost some of them, it is looked at again. */
function numbered(parts: StoreParts, queue: Store['queue'], lookAgain: () => void): Pick<Store, 'line' | 'owner'> {
  const { connection, now } = parts
  return {
    line: async (name, options) => {
      const { token, keys } = await queue(name)
      const watched = watchful(connection, options.clock, lookAgain)
      const onRolledBack = (lost: number): void => {
        lookAgain()
        options.onRolledBack(lost)
      }
      return openLine({ ...options, connection: watched, onRolledBack, now, keys, queue: name, token })
    },
    owner: async (name, options) => {
      const { token } = await queue(name)
      const onRolledBack = (lost: number): void => {
        lookAgain()
        options.onRolledBack?.(lost)
      }
      return openOwner({ ...options, ...parts, onRolledBack, queue: name, token })
    },
  }
}

/** The doors to queues, each opened once. */
function openDoors(parts: StoreParts, space: Space): Store['queue'] {
  const doors = new Map<string, QueueDoor>()
  return async (name) => {
    const known = doors.get(name)
    if (known) return known
    const door = openQueue(parts, name, await space.register(name))
    doors.set(name, door)
    return door
  }
}

/** Calls `look` at each connect but one that is there already. */
function afterReconnect(connection: Connection, look: () => void): void {
  let opened = false
  connection.onReady(() => {
    if (opened) look()
  })
  opened = true
}
