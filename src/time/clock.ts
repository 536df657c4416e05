declare const unit: unique symbol

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number & { readonly [unit]: 'instant' }

/** A length of time in milliseconds. */
export type Duration = number & { readonly [unit]: 'duration' }

/** Names a number of milliseconds since 1970 an instant. */
export const instant = (milliseconds: number): Instant => milliseconds as Instant

/** Names a number of milliseconds a duration. */
export const duration = (milliseconds: number): Duration => milliseconds as Duration

export const later = (at: Instant, by: Duration): Instant => instant(at + by)

export const between = (from: Instant, to: Instant): Duration => duration(to - from)

/** The only source of time in the house: asking, measuring and waiting. */
export type Clock = {
  /** The wall clock of this host. Decides nothing about jobs: Redis' TIME does. */
  now(): Instant
  /** Milliseconds from an arbitrary start that never step; to subtract, never to store. */
  monotonic(): Duration
  /** Resolves after `rest`, or at once when `signal` aborts. Never rejects. */
  sleep(rest: Duration, signal?: AbortSignal): Promise<void>
}
