import { spaceKeys } from './keys.ts'
import type { StoreParts } from './queue.ts'
import { texts } from './space.ts'
import type { Home } from './stored-schedule.ts'
import { thoughFull } from './though-full.ts'

/** Which schedule a name stands for, and where that is kept. */
export type Homes = {
  /** Every name with its home, of those retired too. */
  homes(): Promise<ReadonlyMap<string, Home>>
  home(name: string): Promise<Home | undefined>
  /** Gives a name a home unless it has one; answers the one it has. */
  settle(name: string, home: Home): Promise<Home>
  /** Names another queue for a schedule, or gives its home up. */
  move(name: string, home: Home | null): Promise<void>
}

/** Opens the homes of a namespace. */
export function openHomes({ connection, prefix }: StoreParts): Homes {
  const { schedules } = spaceKeys(prefix)
  return {
    homes: async () => {
      const flat = texts(await connection.command('HGETALL', schedules))
      return new Map(flat.flatMap((name, index) => (index % 2 === 0 ? [[name, homeIn(flat[index + 1] ?? '')]] : [])))
    },
    home: async (name) => {
      const text = await connection.command('HGET', schedules, name)
      return typeof text === 'string' ? homeIn(text) : undefined
    },
    settle: async (name, home) => {
      await thoughFull(connection, 'HSETNX', schedules, name, `${home.id} ${home.queue}`)
      return homeIn(String(await connection.command('HGET', schedules, name)))
    },
    move: async (name, home) => {
      if (home === null) await connection.command('HDEL', schedules, name)
      else await thoughFull(connection, 'HSET', schedules, name, `${home.id} ${home.queue}`)
    },
  }
}

const homeIn = (text: string): Home => {
  const cut = text.indexOf(' ')
  return { id: text.slice(0, cut), queue: text.slice(cut + 1) }
}
