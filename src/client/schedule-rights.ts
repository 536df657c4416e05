import { ClockHeldError, readClock } from '../store/clock-watch.ts'
import type { Store } from '../store/store.ts'
import type { Clock } from '../time/clock.ts'

/**
 * Throws EnvironmentOwnedError while another environment has the namespace and lives: who is not of it looks and enqueues only;
 * and ClockHeldError while Redis' clock has leapt: what is said of a schedule counts from now, and that would be another day.
 */
export async function mayChange(store: Store, clock: Clock, environment: string | undefined): Promise<void> {
  const { held, apart } = await readClock(store, clock)
  if (held) throw new ClockHeldError(apart)
  if (environment === undefined) return
  const refusal = await store.environments.refusal(environment, await store.inspector.time())
  if (refusal !== null) throw refusal
}
