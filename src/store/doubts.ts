/** A call of a client: its first number and its jobs. */
type Numbered = { readonly client: string; readonly first: number; readonly entries: readonly unknown[] }

type Range = { readonly client: string; readonly first: number; readonly end: number }

/** What became of the calls of a line that were given up without an answer. */
export type Doubts = {
  /** A call was given up; it may have been carried out. */
  note(call: Numbered): void
  /** A later call was stored, and before it the store awaited this number: what lies below it was stored, the rest never will be. */
  learn(later: Numbered, awaited: number): void
  /** Whether the job of this number is known to have been stored. */
  took(client: string, sequence: number): boolean
}

/** How many calls are remembered: those of an outage of minutes, at a thousand calls in flight. */
const MOST = 10_000

/** Begins without a doubt. */
export function openDoubts(): Doubts {
  let open: Range[] = []
  const taken: Range[] = []
  return {
    note: ({ client, first, entries }) => {
      if (entries.length > 0 && open.push({ client, first, end: first + entries.length }) > MOST) open.shift()
    },
    learn: (later, awaited) => {
      if (open.length === 0) return
      const answered = open.filter(({ client, end }) => client === later.client && end <= later.first)
      taken.push(...answered.filter(({ end }) => end <= awaited))
      taken.splice(0, taken.length - MOST)
      open = open.filter((range) => !answered.includes(range))
    },
    took: (client, sequence) =>
      taken.some((range) => range.client === client && sequence >= range.first && sequence < range.end),
  }
}
