import type { Fault, Place } from './fault.ts'
import { type Entry, MERGE } from './yaml-tree.ts'

/** What was found beside what was told already: a second fault of one place is a consequence of the first. */
export function besides(told: readonly Place[], found: readonly Fault[]): readonly Fault[] {
  const places = new Set(told.map(({ line, column }) => `${line}:${column}`))
  return found.filter(({ line, column }) => !places.has(`${line}:${column}`))
}

/**
 * What else is wrong in a file that cannot be used anyway. What an entry lacks is told at its name; it may lack it only for what
 * was told: for its merge key, or, where it is `poor`, for what the file says for all.
 */
export function faultsBeside(
  told: readonly Fault[],
  entries: readonly Entry[],
  read: (entry: Entry, faults: Fault[]) => unknown,
  poor: boolean,
): readonly Fault[] {
  const faults: Fault[] = []
  for (const entry of entries) if (entry.key !== MERGE) read(entry, faults)
  const lacking = entries.filter((entry) => poor || borrows(entry))
  return besides([...told, ...lacking.map(({ place }) => place)], faults)
}

const borrows = ({ value }: Entry): boolean => value.kind === 'map' && value.entries.some(({ key }) => key === MERGE)
