import { queueKeys, spaceKeys } from './keys.ts'
import type { StoreParts } from './queue.ts'
import { redisTime } from './redis-time.ts'
import { word } from './reply.ts'
import { run } from './script.ts'
import { scripts } from './scripts.ts'
import { texts } from './space.ts'
import { thoughFull } from './though-full.ts'

/** Why claims find nothing: since when, until when (null: until somebody resumes), who said so. Instants in milliseconds. */
export type PauseNote = {
  readonly since: number
  readonly until: number | null
  readonly by: string
  readonly reason: string
}

/** A pause of one queue, or the share that one queue has in the pause of everything. */
export type QueuePause = PauseNote & { readonly queue: string; readonly scope: 'queue' | 'everything' }

/** Pauses of queues, and of everything. A paused queue takes jobs and promotes them; what runs there goes on; claims find nothing. */
export type Pauses = {
  /** Answers the pause that this one replaces. */
  pause(queue: string, note: PauseNote): Promise<PauseNote | null>
  /** Answers the pause that it ended; one of everything stays. */
  resume(queue: string): Promise<PauseNote | null>
  /** Every queue, those to come included, but for Morrow's own. It may stop anywhere: schedulers bring it to its end. */
  pauseAll(note: PauseNote): Promise<PauseNote | null>
  resumeAll(): Promise<PauseNote | null>
  /** The pause of everything. */
  everything(): Promise<PauseNote | null>
  /** What pauses a queue now. */
  of(queue: string): Promise<readonly QueuePause[]>
  /** Gives a queue its share in the pause of everything, or takes it back; for whoever comes by a queue. */
  follow(queue: string): Promise<void>
}

/** The fields of a queue's pauses. */
const FIELDS = { queue: 'queue', everything: 'all' } as const

/** The end of a pause that has none, for a script to compare. */
const NEVER = Number.MAX_SAFE_INTEGER

/** Opens the pauses of a namespace; `queues` answers those that everything is. */
export function openPauses(parts: StoreParts, queues: () => Promise<readonly string[]>): Pauses {
  const { connection } = parts
  const { paused } = spaceKeys(parts.prefix)
  const replaceAll = async (note: PauseNote | null): Promise<PauseNote | null> => {
    const before = noteIn(await everything(parts))
    if (note === null) await connection.command('DEL', paused)
    else await thoughFull(connection, 'SET', paused, wire(note))
    for (const queue of await queues()) await follow(parts, queue)
    return before
  }
  return {
    pause: (queue, note) => put(parts, queue, 'queue', wire(note)),
    resume: (queue) => put(parts, queue, 'queue', ''),
    pauseAll: replaceAll,
    resumeAll: () => replaceAll(null),
    everything: async () => noteIn(await everything(parts)),
    of: (queue) => pausesOf(parts, queue),
    follow: (queue) => follow(parts, queue),
  }
}

async function put(
  { connection, prefix, now }: StoreParts,
  queue: string,
  scope: QueuePause['scope'],
  note: string,
): Promise<PauseNote | null> {
  const args = { now: now(), queue, which: FIELDS[scope], note }
  return noteIn(word(await run(connection, scripts.pause, queueKeys(prefix, queue), { args })))
}

/** The note that pauses everything now, as it stands; '' when none does. */
async function everything(parts: StoreParts): Promise<string> {
  const text = textOf(await parts.connection.command('GET', spaceKeys(parts.prefix).paused))
  return text === '' || lasting(noteIn(text), await redisTime(parts)) === null ? '' : text
}

async function follow(parts: StoreParts, queue: string): Promise<void> {
  const wanted = await everything(parts)
  const { pauses } = queueKeys(parts.prefix, queue)
  const stands = textOf(await parts.connection.command('HGET', pauses, FIELDS.everything))
  if (stands === wanted) return
  await put(parts, queue, 'everything', wanted)
  // Whoever ended or changed it meanwhile may have come by this queue before.
  if ((await everything(parts)) !== wanted) await follow(parts, queue)
}

async function pausesOf(parts: StoreParts, queue: string): Promise<readonly QueuePause[]> {
  const all = texts(await parts.connection.command('HGETALL', queueKeys(parts.prefix, queue).pauses))
  if (all.length === 0) return []
  const at = await redisTime(parts)
  return all.flatMap((field, index): QueuePause[] => {
    const note = index % 2 === 0 ? lasting(noteIn(all[index + 1] ?? ''), at) : null
    return note === null ? [] : [{ ...note, queue, scope: field === FIELDS.queue ? 'queue' : 'everything' }]
  })
}

const wire = ({ until, ...told }: PauseNote): string => `${until ?? NEVER} ${JSON.stringify(told)}`

/** A note that a hand has damaged still pauses, and says so. */
function noteIn(text: string): PauseNote | null {
  if (text === '') return null
  const space = text.indexOf(' ')
  const ends = Number(text.slice(0, space))
  const until = ends === NEVER ? null : ends
  try {
    const { since, by, reason } = JSON.parse(text.slice(space + 1)) as Omit<PauseNote, 'until'>
    return { since, until, by, reason }
  } catch {
    return { since: 0, until, by: 'unknown', reason: 'unreadable' }
  }
}

const lasting = (note: PauseNote | null, now: number): PauseNote | null =>
  note === null || (note.until !== null && note.until <= now) ? null : note

const textOf = (reply: unknown): string => (typeof reply === 'string' ? reply : '')
