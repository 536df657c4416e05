import type { Clock, Duration } from '../time/clock.ts'

/** Resolves when `signal` aborts; at once when it has. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })

/** What came of waiting for something: its value, or that the time was up first. */
export type Awaited<T> = { readonly kind: 'done'; readonly value: T } | { readonly kind: 'late' }

/** Waits for `work` for at most `rest`; a rejection in time is thrown, one that comes late is nobody's affair. */
export async function within<T>(work: Promise<T>, rest: Duration, clock: Clock): Promise<Awaited<T>> {
  const settled = new AbortController()
  const late = clock.sleep(rest, settled.signal).then((): Awaited<T> => ({ kind: 'late' }))
  const done = work.then((value): Awaited<T> => ({ kind: 'done', value }))
  try {
    return await Promise.race([done, late])
  } finally {
    settled.abort()
  }
}
