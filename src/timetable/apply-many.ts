import { newClient } from '../job/id.ts'
import type { ScheduleDefinition } from '../schedule/definition.ts'
import type { Store } from '../store/store.ts'
import type { Home, StoredSchedule } from '../store/stored-schedule.ts'
import { instant } from '../time/clock.ts'
import { type Applied, applyTo, type Hand, putInForce } from './apply.ts'

/** So many are sent at once: what else this process asks of Redis comes in between. */
const ABREAST = 250

/**
 * Puts definitions from files in force, in their order, as `putInForce` does each; `stands` are the schedules in force by name, as they
 * were read. Those that are new or stay in their queue are sent together, and what others changed meanwhile is done one by one.
 */
export async function putManyInForce(
  hand: Hand,
  definitions: readonly ScheduleDefinition[],
  stands: ReadonlyMap<string, StoredSchedule>,
): Promise<readonly Applied[]> {
  for (const queue of new Set(definitions.map(queueOf))) await hand.store.queue(queue)
  const answers: Applied[] = []
  for (let first = 0; first < definitions.length; first += ABREAST) {
    const some = definitions.slice(first, first + ABREAST)
    const at = await putTogether(hand, some, stands)
    for (const [index, definition] of some.entries()) {
      const answer = at[index] ?? 'moved'
      answers.push(answer === 'moved' ? await putInForce(hand, definition, 'file') : answer)
    }
  }
  return answers
}

const queueOf = ({ queue = 'default' }: ScheduleDefinition): string => queue

/** All wait for the last: whoever is told that one failed finds none still on its way. */
async function putTogether(
  hand: Hand,
  definitions: readonly ScheduleDefinition[],
  stands: ReadonlyMap<string, StoredSchedule>,
): Promise<readonly (Applied | 'moved')[]> {
  const { store } = hand
  const since = instant(await store.inspector.time())
  const homes = await plainHomes(store, definitions, stands)
  const sent = store.connection.together(() =>
    definitions.map(async (definition) => {
      const home = homes.get(definition.name)
      return home === undefined
        ? 'moved'
        : applyTo(hand, definition, 'file', home, stands.get(definition.name), { since })
    }),
  )
  await Promise.allSettled(sent)
  return Promise.all(sent)
}

/** The homes of those that are new, and of those that are in force where they shall be; the others have to be looked for. */
async function plainHomes(
  store: Store,
  definitions: readonly ScheduleDefinition[],
  stands: ReadonlyMap<string, StoredSchedule>,
): Promise<ReadonlyMap<string, Home>> {
  const plain = definitions.filter(({ name, policies: { was = name } }) => was === name)
  const noted = await store.schedules.homesOf(plain.map(({ name }) => name))
  const [there, fresh] = [new Map<string, Home>(), new Map<string, Home>()]
  for (const [index, definition] of plain.entries()) {
    const [{ name }, queue] = [definition, queueOf(definition)]
    const [home, found] = [noted[index], stands.get(name)]
    if (home === undefined && found === undefined) fresh.set(name, { id: newClient(), queue })
    else if (home?.id === found?.id && home?.queue === queue && found?.queue === queue) there.set(name, home)
  }
  const settled = await store.schedules.settleAll(fresh)
  return new Map([...there, ...[...fresh].filter(([name]) => settled.get(name))])
}
