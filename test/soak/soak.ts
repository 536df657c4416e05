import type { TestEnd } from '../support/processes.ts'

/** How long a soak goes on: the first bound that is reached ends it. */
export type SoakOptions = {
  readonly rounds: number
  readonly seed: number
  readonly minutes: number
  readonly end: TestEnd
  readonly say: (line: string) => void
}

/** What a soak did and found. */
export type SoakResult = {
  readonly rounds: number
  /** What was done, a sentence each. */
  readonly did: readonly string[]
  /** What was measured, by name. */
  readonly figures: readonly (readonly [name: string, value: string])[]
  /** What should not have happened; empty when all is well. */
  readonly faults: readonly string[]
  /** Goals of time that were missed: a report says so, a test on a busy machine does not look. */
  readonly slow: readonly string[]
}

/** A soak: what it is called in its report, how many rounds are its full form, and what it does. */
export type Soak = {
  readonly title: string
  readonly rounds: number
  readonly run: (options: SoakOptions) => Promise<SoakResult>
}

/** Answers whether a round more may begin. */
export function bounded({ rounds, minutes }: SoakOptions): (done: number) => boolean {
  const endsAt = performance.now() + minutes * 60_000
  return (done) => done < rounds && performance.now() < endsAt
}

/** The value below which such a share of the values lies; 0 of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

/** Counts as `fired 1,200, overlap 3`. */
export const counted = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([what, count]) => `${what} ${count.toLocaleString('en-US')}`)
    .join(', ')
