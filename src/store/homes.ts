import { spaceKeys } from './keys.ts'
import type { StoreParts } from './queue.ts'
import { part, type Reply } from './reply.ts'
import { runOn } from './script.ts'
import { scripts } from './scripts.ts'
import { texts } from './space.ts'
import type { Home } from './stored-schedule.ts'
import { thoughFull } from './though-full.ts'

/** Which schedule a name stands for, and where that is kept. */
export type Homes = {
  /** Every name with its home, of those retired too. */
  homes(): Promise<ReadonlyMap<string, Home>>
  /** How many names have a home. */
  named(): Promise<number>
  home(name: string): Promise<Home | undefined>
  /** The homes of names, in their order. */
  homesOf(names: readonly string[]): Promise<readonly (Home | undefined)[]>
  /** Gives a name a home unless it has one; answers the one it has. */
  settle(name: string, home: Home): Promise<Home>
  /** Gives a name another home, or none, if it still has the one that was read; answers whether it has that now. */
  rehome(name: string, from: Home | null, to: Home | null): Promise<boolean>
  /** Gives names that had no home one each, at most 250 of them; answers for each whether it has that now. */
  settleAll(homes: ReadonlyMap<string, Home>): Promise<ReadonlyMap<string, boolean>>
}

/** Opens the homes of a namespace. */
export function openHomes({ connection, prefix }: StoreParts): Homes {
  const { schedules } = spaceKeys(prefix)
  const rehome = async (moves: readonly (readonly [string, string, string])[]): Promise<Reply> =>
    runOn(connection, scripts.rehome, [schedules], { args: {}, rest: moves.flat() })
  return {
    homes: async () => {
      const flat = texts(await connection.command('HGETALL', schedules))
      return new Map(flat.flatMap((name, index) => (index % 2 === 0 ? [[name, homeIn(flat[index + 1] ?? '')]] : [])))
    },
    named: async () => Number(await connection.command('HLEN', schedules)),
    home: async (name) => {
      const text = await connection.command('HGET', schedules, name)
      return typeof text === 'string' ? homeIn(text) : undefined
    },
    homesOf: async (names) => {
      const found = names.length === 0 ? [] : await connection.command('HMGET', schedules, ...names)
      return names.map((_, index) => {
        const text = part(found, index)
        return typeof text === 'string' ? homeIn(text) : undefined
      })
    },
    settle: async (name, home) => {
      await thoughFull(connection, 'HSETNX', schedules, name, textOf(home))
      return homeIn(String(await connection.command('HGET', schedules, name)))
    },
    rehome: async (name, from, to) => part(await rehome([[name, textOf(from), textOf(to)]]), 0) === textOf(to),
    settleAll: async (homes) => {
      const moves = [...homes].map(([name, home]) => [name, '', textOf(home)] as const)
      const stand = moves.length === 0 ? [] : await rehome(moves)
      return new Map(moves.map(([name, , home], index) => [name, part(stand, index) === home]))
    },
  }
}

const textOf = (home: Home | null): string => (home === null ? '' : `${home.id} ${home.queue}`)

const homeIn = (text: string): Home => {
  const cut = text.indexOf(' ')
  return { id: text.slice(0, cut), queue: text.slice(cut + 1) }
}
