import type { Clock } from '../time/clock.ts'

/** What was planned before it is due, in the order in which it will be. */
export type Ahead<Item> = {
  readonly size: () => number
  /** Keeps an item until an instant of the monotonic clock. */
  put(item: Item, until: number): void
  /** Hands out what the time has come for, at most so many. */
  take(most: number): readonly Item[]
}

/** Opens an empty row. */
export function openAhead<Item>(clock: Pick<Clock, 'monotonic'>): Ahead<Item> {
  let row: { readonly item: Item; readonly until: number }[] = []
  let first = 0
  return {
    size: () => row.length - first,
    put: (item, until) => {
      row.push({ item, until })
    },
    take: (most) => {
      const now = clock.monotonic()
      const taken: Item[] = []
      for (let next = row[first]; next !== undefined && next.until <= now && taken.length < most; next = row[first]) {
        taken.push(next.item)
        first += 1
      }
      if (first === row.length) {
        row = []
        first = 0
      }
      return taken
    },
  }
}
