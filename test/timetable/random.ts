/** Random numbers that a seed repeats (mulberry32). */
export function randomFrom(seed: number) {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const upTo = (most: number): number => Math.floor(next() * most)
  return {
    /** From 0, `most` excluded. */
    upTo,
    of: <Item>(items: readonly Item[]): Item => items[upTo(items.length)] as Item,
    /** Says yes in one of so many cases. */
    oneIn: (cases: number): boolean => upTo(cases) === 0,
  }
}

/** A source of random choices. */
export type Random = ReturnType<typeof randomFrom>
