import { CANARY } from '../job/names.ts'
import { isOpenEnded, isWeighted, type QueueOrder, type Stop, stopsOf } from '../job/queue-choice.ts'

/** The queues that a worker visits, and in which order. */
export type Route = {
  readonly stops: readonly Stop[]
  /** Looks which queues there are now. */
  plan(hasCanary: boolean): Promise<void>
  /** Whether a queue belongs to it, known or not. */
  serves(queue: string): boolean
  /** The stops of one round; by weight, one of those that are open comes first in its turn. */
  turn(isOpen: (stop: Stop) => boolean): readonly Stop[]
}

/** Its job takes no time, so it takes no hand from others, and comes through beside the longest of them. */
const CANARY_STOP: Stop = { name: CANARY, cap: 1, weight: 1 }

/** Opens a route through the queues of an order; `known` answers those that there are. */
export function openRoute(order: QueueOrder, known: () => Promise<readonly string[]>): Route {
  let stops: readonly Stop[] = []
  /** By queue: what its weight has earned it, less what its turns have cost. */
  const credits = new Map<string, number>()
  const creditOf = ({ name }: Stop): number => credits.get(name) ?? 0
  return {
    get stops() {
      return stops
    },
    plan: async (hasCanary) => {
      const found = stopsOf(order, isOpenEnded(order) ? await known() : [])
      for (const name of credits.keys()) if (!found.some((stop) => stop.name === name)) credits.delete(name)
      stops = hasCanary ? [...found, CANARY_STOP] : found
    },
    serves: (queue) => stopsOf(order, [queue]).some(({ name }) => name === queue),
    turn: (isOpen) => {
      if (!isWeighted(order)) return stops
      const open = stops.filter((stop) => stop.name !== CANARY && isOpen(stop))
      for (const stop of open) credits.set(stop.name, creditOf(stop) + stop.weight)
      const sorted = [...open].sort((a, b) => creditOf(b) - creditOf(a))
      const [first] = sorted
      const earned = open.reduce((sum, { weight }) => sum + weight, 0)
      if (first !== undefined) credits.set(first.name, creditOf(first) - earned)
      return [...sorted, ...stops.filter((stop) => !open.includes(stop))]
    },
  }
}
