import { setTimeout as pause } from 'node:timers/promises'

/**
 * Waits until `condition` answers something other than false or undefined, and answers that; asks every 20 ms and throws
 * after `timeout` milliseconds. For tests of real processes only, where nothing can be awaited: elsewhere await the event.
 */
export async function until<T>(
  what: string,
  condition: () => Promise<T | false | undefined> | T | false | undefined,
  timeout = 10_000,
): Promise<T> {
  const end = performance.now() + timeout
  while (true) {
    const answer = await condition()
    if (answer !== false && answer !== undefined) return answer
    if (performance.now() > end) throw new Error(`expected within ${timeout} ms: ${what}`)
    await pause(20)
  }
}
