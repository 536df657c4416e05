import { randomBytes } from 'node:crypto'
import { DAY } from '../time/duration.ts'
import type { Connection } from './connection.ts'
import { RedisUnsuitableError } from './errors.ts'
import { simulationKeys, simulationPrefix } from './keys.ts'
import { part } from './reply.ts'
import { texts } from './space.ts'

/** A namespace in which time is played through; it is gone once that is over. */
export type SimulationSpace = {
  readonly prefix: string
  /** Removes every key of it, and of those that ended without doing so more than a day ago. */
  remove(): Promise<void>
}

const A_CALL = 1_000

/**
 * Opens a namespace of its own below one, on a server that is no cluster: there a walk over the keys would see one node only.
 * Throws RedisUnsuitableError.
 */
export async function openSimulationSpace(connection: Connection, below: string): Promise<SimulationSpace> {
  if (/^cluster_enabled:1\r?$/m.test(String(await connection.command('INFO', 'cluster')))) {
    throw new RedisUnsuitableError(
      'expected a Redis that is no cluster for a simulation, got one: say another with --redis-url',
    )
  }
  const now = Number(part(await connection.command('TIME'), 0)) * 1_000
  const prefix = simulationPrefix(below, now.toString(36), randomBytes(10).toString('hex'))
  return { prefix, remove: () => remove(connection, below, prefix, now) }
}

async function remove(connection: Connection, below: string, own: string, now: number): Promise<void> {
  const { all, begunOf } = simulationKeys(below)
  const isOver = (key: string): boolean => {
    const begun = begunOf(key)
    return key.startsWith(`${own}:`) || (begun !== undefined && Number.parseInt(begun, 36) < now - DAY)
  }
  let cursor = '0'
  do {
    const page = await connection.command('SCAN', cursor, 'MATCH', all, 'COUNT', A_CALL)
    const keys = texts(part(page, 1)).filter(isOver)
    if (keys.length > 0) await connection.command('UNLINK', ...keys)
    cursor = String(part(page, 0))
  } while (cursor !== '0')
}
