/** The most jobs that one call of a script moves. */
export const MOST_JOBS = 250

/** The most bytes of records that one call carries, unless a single job is larger. */
export const MOST_BYTES = 256 * 1024

/** Cuts a list into calls that each keep within what one call may carry, always at least one item; `jobsOf` says how many jobs one is. */
export function portions<T>(
  items: readonly T[],
  bytesOf: (item: T) => number,
  jobsOf: (item: T) => number = () => 1,
): readonly (readonly T[])[] {
  const all: T[][] = []
  let [bytes, jobs] = [0, 0]
  for (const item of items) {
    const [size, count] = [bytesOf(item), jobsOf(item)]
    const open = all.at(-1)
    if (open === undefined || jobs + count > MOST_JOBS || bytes + size > MOST_BYTES) {
      all.push([item])
      bytes = size
      jobs = count
    } else {
      open.push(item)
      bytes += size
      jobs += count
    }
  }
  return all
}
