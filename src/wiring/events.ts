import type { Emit, MorrowEvent } from '../job/events.ts'

/** Hands events to listeners after the turn in which they happened; a listener that throws disturbs nobody. */
export function emitter(listeners: readonly (((event: MorrowEvent) => void) | undefined)[]): Emit {
  const present = listeners.filter((listener) => listener !== undefined)
  if (present.length === 0) return () => undefined
  let waiting: MorrowEvent[] = []
  const flush = (): void => {
    const events = waiting
    waiting = []
    for (const event of events) for (const listener of present) tell(listener, event)
  }
  return (event) => {
    if (waiting.push(event) === 1) setImmediate(flush)
  }
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'

function tell(listener: (event: MorrowEvent) => unknown, event: MorrowEvent): void {
  try {
    const answer = listener(event)
    if (isThenable(answer)) answer.then(undefined, () => undefined)
  } catch {
    // What a listener does with an event is its own affair.
  }
}
