import type { ScheduleDefinition } from '../schedule/definition.ts'
import { nextPlanned, type Rule, ruleOf } from '../schedule/rule.ts'
import type { Store } from '../store/store.ts'
import type { Home } from '../store/stored-schedule.ts'
import { putInForce } from '../timetable/apply.ts'
import type { Stretch } from './simulated-steps.ts'
import { TZ_DATA } from './version.ts'

/** A schedule in force in a simulation. */
export type Subject = { readonly definition: ScheduleDefinition; readonly rule: Rule; readonly home: Home }

/** How many ticks are planned in a stretch, `from` excluded and `to` included; counts no further than `most`. */
export function plannedTicks(definitions: readonly ScheduleDefinition[], { from, to }: Stretch, most: number): number {
  let count = 0
  for (const rule of definitions.map(ruleOf)) {
    for (let at = nextPlanned(rule, from); at !== null && at <= to; at = nextPlanned(rule, at)) {
      count += 1
      if (count >= most) return count
    }
  }
  return count
}

type Said = {
  readonly definitions: readonly ScheduleDefinition[]
  readonly pauses: readonly Stretch[]
  readonly signal: AbortSignal
}

/** Puts schedules in force in an empty namespace, with the pauses that are to come; answers them by name. */
export async function putAllInForce(
  { definitions, pauses, signal }: Said,
  store: Store,
): Promise<ReadonlyMap<string, Subject>> {
  const hand = { store, by: 'simulation', generation: '1', reign: 1, tz: TZ_DATA }
  const said = pauses.map(({ from, to }) => ({ since: from, until: to, by: 'simulation', reason: 'asked for' }))
  const subjects = new Map<string, Subject>()
  for (const [index, definition] of definitions.entries()) {
    if (signal.aborted) break
    // What is due at one instant goes by id: one that is drawn would make each run another.
    const id = String(index).padStart(16, '0')
    await store.schedules.settle(definition.name, { id, queue: definition.queue ?? 'default' })
    await putInForce(hand, definition, 'file')
    const home = await store.schedules.home(definition.name)
    const stands = home && (await store.schedules.read(home))
    if (!home || !stands) throw new Error(`expected schedule ${definition.name} in force, found none`)
    if (said.length > 0) await store.schedules.amend(home, stands.rev, { pauses: said })
    subjects.set(definition.name, { definition, rule: ruleOf(definition), home })
  }
  return subjects
}
