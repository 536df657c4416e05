import { spaceKeys } from './keys.ts'
import type { StoreParts } from './queue.ts'
import { word } from './reply.ts'
import { runOn } from './script.ts'
import { scripts } from './scripts.ts'
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
  /** Gives a name another home, or none, if it still has the one that was read; answers whether it has that now. */
  rehome(name: string, from: Home | null, to: Home | null): Promise<boolean>
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
      await thoughFull(connection, 'HSETNX', schedules, name, textOf(home))
      return homeIn(String(await connection.command('HGET', schedules, name)))
    },
    rehome: async (name, from, to) => {
      const args = { name, from: textOf(from), to: textOf(to) }
      return word(await runOn(connection, scripts.rehome, [schedules], { args })) === args.to
    },
  }
}

const textOf = (home: Home | null): string => (home === null ? '' : `${home.id} ${home.queue}`)

const homeIn = (text: string): Home => {
  const cut = text.indexOf(' ')
  return { id: text.slice(0, cut), queue: text.slice(cut + 1) }
}
