import { DAY, HOUR } from './walker.ts'

const QUARTER = HOUR / 4
/** Two changes that undo each other within this would be missed; no zone of 2024 to 2030 has any. */
const SAMPLE = 3 * DAY

/** A zone that stands for all zones with the same offsets, and the instants at which they change. */
export type DistinctZone = { readonly name: string; readonly alike: number; readonly jumps: readonly number[] }

/** One zone for each different behaviour among all that this Node knows, between two years. */
export function distinctZones(fromYear: number, toYear: number): readonly DistinctZone[] {
  const byOffsets = new Map<string, { readonly name: string; alike: number; readonly jumps: readonly number[] }>()
  // UTC is not among the names that Intl lists.
  for (const name of ['UTC', ...Intl.supportedValuesOf('timeZone')]) {
    const { first, jumps } = offsetsOf(name, Date.UTC(fromYear, 0, 1), Date.UTC(toYear, 0, 1))
    const key = [first, ...jumps.map(({ at, after }) => `${at} ${after}`)].join()
    const known = byOffsets.get(key)
    if (known === undefined) byOffsets.set(key, { name, alike: 1, jumps: jumps.map(({ at }) => at) })
    else known.alike += 1
  }
  return [...byOffsets.values()]
}

function offsetsOf(zone: string, from: number, to: number) {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
  const offset = (at: number): string => format.format(at).replace(/^.*GMT/, '')
  const first = offset(from)
  const jumps: { readonly at: number; readonly after: string }[] = []
  let before = first
  for (let at = from; at < to; at += SAMPLE) {
    while (offset(at + SAMPLE) !== before) {
      let [low, high] = [at, at + SAMPLE]
      while (high - low > QUARTER) {
        const middle = Math.floor((low + high) / 2 / QUARTER) * QUARTER
        if (offset(middle) === before) low = middle
        else high = middle
      }
      before = offset(high)
      jumps.push({ at: high, after: before })
    }
  }
  return { first, jumps: jumps.filter((jump) => jump.at < to) }
}

/** Random numbers in [0, 1) that a seed decides: mulberry32. */
export function random(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
