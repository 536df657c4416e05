import type { Receipt } from '../job/client.ts'
import { type JobId, type Place, placeOf } from '../job/id.ts'
import { OutcomeUnknownError } from '../store/errors.ts'
import { entryOf, payloadHash } from './entry.ts'
import { ConflictError } from './errors.ts'
import { inTime, type Until } from './in-time.ts'
import { created, type Parcel } from './parcels.ts'
import type { Way, WayParts } from './way.ts'

/** A job that is sent again under the id of an OutcomeUnknownError. */
type Doubtful = Parcel & { readonly id: JobId }

/** The jobs whose calls were never answered, so that each may be sent again with its id and is stored once. */
export type Resends = {
  /** Notes that it is not known what became of an id. */
  doubt(id: string): void
  /** Whether the line that made this id had a call of unknown outcome. */
  isOurs(id: JobId): boolean
  /** Tells what became of the id, and puts the job if it never was stored. */
  again(way: Way, parcel: Doubtful): Promise<Receipt>
}

/** A repeat that was sent under a number of its own; `sure` when the store is known to have taken it. */
type Made = { readonly id: string; readonly sure: boolean }

type State = WayParts & { readonly made: Map<string, Made> }

/** Remembers nothing of an id of unknown outcome but the line that made it, and what it was made anew as. */
export function resends(parts: WayParts): Resends {
  const lines = new Set<string>()
  const turns = new Map<string, Promise<unknown>>()
  const state: State = { ...parts, made: new Map() }
  return {
    doubt: (id) => lines.add(lineOf(placeOf(id))),
    isOurs: (id) => lines.has(lineOf(placeOf(id))),
    again: (way, parcel) => {
      const { id, until = parts.clock.monotonic() + parts.timeout } = parcel
      const before = turns.get(id) ?? Promise.resolve()
      const turn = before.then(() => once(state, way, { ...parcel, until }))
      const settled = turn.then(noted, noted)
      turns.set(id, settled)
      void settled.then(() => turns.get(id) === settled && turns.delete(id))
      return turn
    },
  }
}

type Repeat = Doubtful & { readonly until: Until }

async function once(state: State, way: Way, parcel: Repeat): Promise<Receipt> {
  const { id, until } = parcel
  const { made, clock } = state
  const known = await asLongAsUnknown(id, async () => {
    // Once its number is closed for good the job stands, or it never will.
    await way.line.closeOff(until)
    return inTime(told(state, way, parcel), until, clock)
  })
  if (known) return known
  try {
    const entered = await way.line.enter(entryOf({ ...parcel, id: undefined }), until)
    made.set(id, { id: entered.id, sure: true })
    return created(parcel, entered)
  } catch (error) {
    if (!(error instanceof OutcomeUnknownError)) throw error
    made.set(id, { id: error.id, sure: false })
    throw new OutcomeUnknownError(id, { cause: error })
  }
}

/** The receipt of what was stored under an id, also when it has gone since; undefined when nothing was. */
async function told({ made, store }: State, { line, door }: Way, parcel: Repeat): Promise<Receipt | undefined> {
  const { id, sure } = made.get(parcel.id) ?? { id: parcel.id, sure: false }
  const { page, slot, sequence, client } = placeOf(id)
  const found = await door.get(page, slot)
  if (found.kind === 'none' && !sure && !line.tookFor(client, sequence)) return undefined
  if (found.kind === 'job' && payloadHash(found.job.record.payload) !== payloadHash(parcel.text)) {
    throw new ConflictError(parcel.job.name, parcel.id)
  }
  const dueAt = found.kind === 'job' ? found.job.dueAt : await (await store()).inspector.time()
  return { id, queue: door.queue, dueAt: new Date(dueAt), outcome: 'exists' }
}

const noted = (): void => undefined

const lineOf = ({ token, client }: Place): string => `${token}${client}`

/** A repeat that finds nothing out leaves the first call in doubt: to say that nothing was stored would be a guess. */
async function asLongAsUnknown<Answer>(id: string, ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof ConflictError) throw error
    throw new OutcomeUnknownError(id, { cause: error })
  }
}
