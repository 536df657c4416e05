import { newClient } from '../job/id.ts'
import type { ScheduleDefinition } from '../schedule/definition.ts'
import type { Store } from '../store/store.ts'
import type { Home } from '../store/stored-schedule.ts'
import { isToGoOn, type Standing, standingOf } from './standing.ts'

/** Where the schedule of a name is. */
export type Located = Standing & {
  /** The home that is noted for its name; behind `home` while a move is not finished. */
  readonly noted: Home
}

/** The schedule that has a name, and none that only had it before; undefined when no schedule has it. */
export async function locate(store: Store, name: string): Promise<Located | undefined> {
  const { found } = await look(store, name)
  return found
}

/** What is noted for a name, and the schedule that it leads to if that has this name; what was never applied has none yet. */
async function look(store: Store, name: string): Promise<{ noted: Home | null; found: Located | undefined }> {
  const noted = await store.schedules.home(name)
  if (noted === undefined) return { noted: null, found: undefined }
  const standing = await standingOf(store, noted)
  const { stands } = standing
  const bears = stands === undefined || stands.name === name || stands.name === ''
  return { noted, found: bears ? { ...standing, noted } : undefined }
}

const isAlive = ({ stands }: Standing): boolean => stands !== undefined && (stands.version !== '' || isToGoOn(stands))

/**
 * The schedule that a definition is about: that of its name; else, or if only that is in force, the one of its former name;
 * else a new one. A name that another schedule left behind is its own no more. Undefined when others were at it meanwhile.
 */
export async function locateOrSettle(
  store: Store,
  { name, policies: { was } }: Pick<ScheduleDefinition, 'name' | 'policies'>,
  queue: string,
): Promise<Located | undefined> {
  const { noted, found: own } = await look(store, name)
  if (own !== undefined && isAlive(own)) return own
  const former = was === undefined ? undefined : await locate(store, was)
  const inherits = former?.stands !== undefined && (own === undefined || isAlive(former))
  if (own !== undefined && !inherits) return own
  // Whoever takes the former name's schedule over puts this name on it before that one gives it up: look again, now.
  if (noted !== null && !inherits && (await locate(store, name)) !== undefined) return undefined
  const home = inherits ? former.noted : { id: newClient(), queue }
  if (!(await store.schedules.rehome(name, noted, home))) return undefined
  return inherits ? former : { noted: home, home, stands: undefined }
}

/** Notes where a schedule is before it goes elsewhere; answers false when others were at it meanwhile. */
export const note = async ({ schedules }: Store, name: string, { noted, home }: Located): Promise<boolean> =>
  noted.queue === home.queue || schedules.rehome(name, noted, home)

/** A schedule that has another name now gives up the one that it had. */
export async function giveUpName({ schedules }: Store, name: string, home: Home): Promise<void> {
  const noted = await schedules.home(name)
  if (noted?.id === home.id) await schedules.rehome(name, noted, null)
}
