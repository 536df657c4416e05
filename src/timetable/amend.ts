import type { Store } from '../store/store.ts'
import type { Notes, StoredPause, StoredSchedule, StoredSkip } from '../store/stored-schedule.ts'
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

/** So many pauses, and ticks called off, that are over are kept, so that it can be told who said them and why. */
const REMEMBERED = 20

/** What people have said of a schedule that may still decide on a tick, with other words in its place, and the latest of what is over. */
export function liveNotes(stands: StoredSchedule, now: number, said: Notes): Required<Notes> {
  const { pauses, skips, calledOff } = { ...stands, ...said }
  const { dueAt, nextAt } = stands
  const from = dueAt ?? now
  const isComing = (at: number): boolean => nextAt !== null && at >= nextAt
  return {
    pauses: withLatest(pauses, ({ until }) => until === null || until > from),
    skips: skips.filter(isComing),
    calledOff: withLatest(calledOff, ({ at }) => at.some(isComing)),
  }
}

function withLatest<Note extends StoredPause | StoredSkip>(
  notes: readonly Note[],
  isLive: (note: Note) => boolean,
): readonly Note[] {
  const over = notes.filter((note) => !isLive(note))
  return [...over.slice(-REMEMBERED), ...notes.filter(isLive)]
}
