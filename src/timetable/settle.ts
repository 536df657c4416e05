import { planTicks } from '../schedule/tick-plan.ts'
import type { Store } from '../store/store.ts'
import { type Instant, instant } from '../time/clock.ts'
import { readInForce } from './amend.ts'
import { pausesOf } from './apply.ts'
import { drawsOf } from './draw.ts'

/** Who decides on ticks, and on which: those that were due before an instant. */
export type Settling = { readonly by: string; readonly tz: string; readonly dueBefore: Instant }

const TRIES = 50

/** Decides on the ticks of one schedule that are due, as a scheduler does; whoever is faster, each is decided on once. */
export async function settleDue(store: Store, name: string, { by, tz, dueBefore }: Settling): Promise<void> {
  for (let left = TRIES; left > 0; left--) {
    const found = await readInForce(store, name)
    if (found === undefined) return
    const { stands, compiled } = found
    const { nextAt, dueAt } = stands
    if (nextAt === null || dueAt === null || dueAt >= dueBefore) return
    if (stands.behind !== '') await store.schedules.admit(stands)
    const now = instant(await store.inspector.time())
    const plan = planTicks(compiled.rule, { cursor: instant(nextAt), now, ...pausesOf(stands) })
    await store.schedules.fire(stands.queue, by, drawsOf({ ...stands, nextAt }, compiled, plan, { tz }))
  }
}
