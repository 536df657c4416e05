/** The most jobs that one call of a script moves. */
export const MOST_JOBS = 250

/** The most bytes of records that one call carries, unless a single job is larger. */
export const MOST_BYTES = 256 * 1024

/** Cuts a list into calls that each keep within what one call may carry, always at least one job. */
export function portions<T>(items: readonly T[], bytesOf: (item: T) => number): readonly (readonly T[])[] {
  const all: T[][] = []
  let bytes = 0
  for (const item of items) {
    const size = bytesOf(item)
    const open = all.at(-1)
    if (open === undefined || open.length === MOST_JOBS || bytes + size > MOST_BYTES) {
      all.push([item])
      bytes = size
    } else {
      open.push(item)
      bytes += size
    }
  }
  return all
}
