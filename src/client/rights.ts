import { ClockHeldError, readClock } from '../store/clock-watch.ts'
import type { Store } from '../store/store.ts'
import type { Clock } from '../time/clock.ts'

/** Throws EnvironmentOwnedError while another environment has the namespace and lives: who is not of it looks and enqueues only. */
export async function refuseOthers({ environments, inspector }: Store, environment: string | undefined): Promise<void> {
  if (environment === undefined) return
  const refusal = await environments.refusal(environment, await inspector.time())
  if (refusal !== null) throw refusal
}

/** Throws ClockHeldError while Redis' clock has leapt: what counts from now would mean another day. */
export async function refuseHeld(store: Store, clock: Clock): Promise<void> {
  const { held, apart } = await readClock(store, clock)
  if (held) throw new ClockHeldError(apart)
}
