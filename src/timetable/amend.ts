import type { Store } from '../store/store.ts'
import type { Notes, StoredPause, StoredSchedule } from '../store/stored-schedule.ts'
import { type Compiled, compile } from './rules.ts'
import { standingOf } from './standing.ts'

/** A schedule that is in force, with its definition. */
export type InForce = { readonly stands: StoredSchedule; readonly compiled: Compiled }

/** There is no schedule of that name, or it is not in force. */
export type Unknown = { readonly kind: 'unknown' }

/** What one has to say of a schedule as it stands: what shall be noted, and the answer if it is; or an answer without a note. */
export type Amendment<Answer> =
  | { readonly kind: 'note'; readonly notes: Notes; readonly answer: Answer }
  | { readonly kind: 'answer'; readonly answer: Answer }

const TRIES = 50

/** Reads a schedule by its name; undefined when it is not in force. */
export async function readInForce(store: Store, name: string): Promise<InForce | undefined> {
  const home = await store.schedules.home(name)
  const stands = home && (await standingOf(store, home)).stands
  if (!stands || stands.version === '') return undefined
  return { stands, compiled: compile(stands.id, stands.version, stands.definition) }
}

/** Notes something of a schedule; what was said from what has changed meanwhile is said again from what stands then. */
export async function amend<Answer>(
  store: Store,
  name: string,
  say: (found: InForce) => Amendment<Answer>,
): Promise<Answer | Unknown> {
  for (let left = TRIES; left > 0; left--) {
    const found = await readInForce(store, name)
    if (found === undefined) return { kind: 'unknown' }
    const said = say(found)
    if (said.kind === 'answer') return said.answer
    const done = await store.schedules.amend(found.stands, found.stands.rev, said.notes)
    if (done === 'amended') return said.answer
    if (done === 'unknown') return { kind: 'unknown' }
  }
  throw new Error(`schedule ${name} changed ${TRIES} times while it was amended`)
}

/** So many pauses that are over are kept, so that it can be told who said them and why. */
const REMEMBERED = 20

/** The pauses that may still decide on a tick, those that end after the next one is due, and the latest before them. */
export function livePauses(
  pauses: readonly StoredPause[],
  { dueAt }: StoredSchedule,
  now: number,
): readonly StoredPause[] {
  const from = dueAt ?? now
  const isLive = ({ until }: StoredPause): boolean => until === null || until > from
  const over = pauses.filter((pause) => !isLive(pause))
  return [...over.slice(-REMEMBERED), ...pauses.filter(isLive)]
}

/** The ticks called off that are still to come. */
export const liveSkips = (skips: readonly number[], { nextAt }: StoredSchedule): readonly number[] =>
  nextAt === null ? [] : skips.filter((skip) => skip >= nextAt)
