import { createHash } from 'node:crypto'
import { globless } from './keys.ts'
import { found, known, type PlaceName, type QueueDoor, type StoredJob, type StoreParts } from './queue.ts'
import { part, type Reply } from './reply.ts'
import { run } from './script.ts'
import { scripts } from './scripts.ts'
import { texts } from './space.ts'

/** Which jobs of a queue are meant: instants in milliseconds, the later end of a span left out. */
export type Wanted = {
  readonly places: readonly PlaceName[]
  /** The name of a job type; empty for any. */
  readonly job: string
  readonly due: Span
  readonly created: Span
}

/** From an instant to another, which is left out. */
export type Span = { readonly from: number; readonly to: number }

/** A job as it was read, and the text of its record, by which `update` knows whether it still stands so. */
export type ReadJob = { readonly job: StoredJob; readonly text: string }

/** Where a look at a queue goes on: the cursor of its scan, and pages that came with it and are not looked at yet. */
export type Position = { readonly cursor: string; readonly rest: readonly string[] }

/** What one look found, and where the next goes on; null when all pages were seen. */
export type Look = {
  readonly jobs: readonly ReadJob[]
  /** How many matched, by page. */
  readonly counts: readonly (readonly [page: string, count: number])[]
  readonly next: Position | null
}

/** What came of an update: only `updated` changed something; `changed` says that the record is another than the one read. */
export type Updated = 'updated' | 'changed' | 'running' | 'dead' | 'ended' | 'unknown'

/** What came of a shift: only `moved` changed something; `changed` says that it was not due then any more. */
export type Shifted = 'moved' | 'changed' | 'running' | 'dead' | 'ended' | 'unknown'

/** What came of a run: `ready` says that it is so now, or was. */
export type MadeReady = 'ready' | 'held' | 'running' | 'dead' | 'ended' | 'unknown'

/** The jobs of one queue by what they are, however many there are: no index is needed, every look is bounded work. */
export type Selection = {
  /** At most about `limit` jobs (250 unless fewer), or with `counts` only how many there are, without their records. */
  look(wanted: Wanted, from: Position, limit: number | 'counts'): Promise<Look>
  read(page: string, slot: number): Promise<ReadJob | undefined>
  /** Replaces the record of a job that waits, unless it has changed since it was read. */
  update(read: ReadJob, record: { readonly head: string; readonly apart: string }): Promise<Updated>
  /** Moves a job that waits by so many milliseconds from the due instant that was read, and never twice. */
  shift(read: ReadJob, by: number): Promise<Shifted>
  /** Makes a scheduled job ready now. */
  run(page: string, slot: number): Promise<MadeReady>
}

/** Where a look begins. */
export const BEGIN: Position = { cursor: '0', rest: [] }

const MOST = 250

const STATES: Readonly<Record<PlaceName, string>> = {
  scheduled: 's',
  ready: 'r',
  held: 'h',
  active: 'a',
  dead: 'D',
  ended: 'cked',
}

/**
 * Opens the jobs of a queue to selection. A look goes by pages, not by places: a job never leaves its page, whatever arrows
 * are drawn meanwhile, so that one that matches all the time is found, though promote and claim go on. The pages are the keys of
 * the server that have such a name; where only scheduled jobs are meant they are the members of `scheduled`, among which a
 * page stays as long as it has one. Redis may show a page twice, when it grows or shrinks a table meanwhile.
 */
export function openSelection(parts: StoreParts, door: QueueDoor): Selection {
  const { connection } = parts
  const { keys } = door
  const pattern = `${globless(keys.pages)}${'?'.repeat(16)}:${'?'.repeat(8)}`
  return {
    ...changing(parts, door),
    look: async ({ places, job, due, created }, { cursor, rest }, limit) => {
      const args = {
        cursor,
        pattern: places.every((place) => place === 'scheduled') ? '' : pattern,
        states: places.map((place) => STATES[place]).join(''),
        job,
        ...spans(due, created),
        limit: limit === 'counts' ? Number.MAX_SAFE_INTEGER : Math.min(limit, MOST),
        wanted: limit === 'counts' ? '' : '1',
      }
      const reply = await run(connection, scripts.select, keys, { args, rest })
      const left = { cursor: String(part(reply, 0)), rest: texts(part(reply, 1)) }
      const isOver = left.cursor === '0' && left.rest.length === 0
      return { jobs: jobsIn(door, part(reply, 3)), counts: pairs(texts(part(reply, 2))), next: isOver ? null : left }
    },
    read: async (page, slot) =>
      readJob(door, await run(connection, scripts.get, keys, { args: { name: page, slot } }), page, slot)[0],
  }
}

function changing({ connection, now }: StoreParts, { queue, keys }: QueueDoor): Omit<Selection, 'look' | 'read'> {
  return {
    update: async ({ job: { page, slot }, text }, { head, apart }) => {
      const sha = createHash('sha1').update(text).digest('hex')
      const args = { name: page, slot, read: sha, record: head, payload: apart }
      return known(await run(connection, scripts.update, keys, { args })) as Updated
    },
    shift: async ({ job: { page, slot, dueAt } }, by) => {
      const args = { now: now(), queue, name: page, slot, at: `@${dueAt + by}`, expected: '', was: dueAt }
      return known(await run(connection, scripts.reschedule, keys, { args })) as Shifted
    },
    run: async (page, slot) => {
      const args = { now: now(), queue, name: page, slot }
      return known(await run(connection, scripts.run, keys, { args })) as MadeReady
    },
  }
}

/** One job, or none where a newer release wrote it. */
function readJob({ queue, token }: QueueDoor, row: Reply, page: string, slot: number): readonly ReadJob[] {
  const stands = found(row, { queue, token, page, slot })
  return stands.kind === 'job' ? [{ job: stands.job, text: String(part(row, 4)) }] : []
}

const jobsIn = (door: QueueDoor, rows: Reply): readonly ReadJob[] =>
  (Array.isArray(rows) ? (rows as readonly Reply[]) : []).flatMap((row) => {
    const [page, slot, ...stands] = row as readonly Reply[]
    return readJob(door, numbered(stands), String(page), Number(slot))
  })

/** Instants travel as texts in a long answer, as numbers in that of `get`. */
const numbered = ([state, claim, due, created, text]: readonly Reply[]): Reply => [
  state ?? '',
  Number(claim),
  Number(due),
  Number(created),
  text ?? '',
]

const spans = (due: Span, created: Span) => ({
  dueFrom: due.from,
  dueTo: due.to,
  madeFrom: created.from,
  madeTo: created.to,
})

const pairs = (flat: readonly string[]): (readonly [string, number])[] =>
  flat.flatMap((name, index) => (index % 2 === 0 ? [[name, Number(flat[index + 1])] as const] : []))
