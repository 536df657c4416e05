/**
 * A job on its way into the store. `at` is '' for now, '+' and a delay, '@' and an instant; `own` is its name, its own id
 * and a hash; `lane` stands in its record too.
 */
export type Entry = {
  readonly at: string
  readonly own: string
  readonly record: string
  readonly apart: string
  readonly lane?: string | undefined
}

/** Entries as the script reads them. */
export function wire(entries: readonly Entry[]): string[] {
  const values: string[] = []
  for (const { at, own, record, apart, lane = '' } of entries) {
    if (own !== '' || apart !== '' || lane !== '') values.push(`!${lane}`, at, own, record, apart)
    else if (at !== '') values.push(at, record)
    else values.push(record)
  }
  return values
}

/** When a job is due that entered at `now`. */
export const dueAt = (at: string, now: number): number => {
  if (at === '') return now
  return at.startsWith('+') ? now + Number(at.slice(1)) : Math.max(now, Number(at.slice(1)))
}

/** How many bytes of a call an entry takes. */
export const bytesOf = ({ record, apart }: Entry): number => Buffer.byteLength(record) + Buffer.byteLength(apart)

/** The key of an own id in the index, which an entry's `own` carries before the hash. */
export const keyOfOwn = (own: string): string => own.slice(0, own.lastIndexOf(' '))
