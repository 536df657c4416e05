import { idAt } from '../job/id.ts'
import { decodeRecord } from '../job/record.ts'
import { queueKeys } from './keys.ts'
import { MOST_BYTES, MOST_JOBS, portions } from './portions.ts'
import { openQueue, type StoredJob, type StoreParts } from './queue.ts'
import { part, type Reply } from './reply.ts'
import { run } from './script.ts'
import { scripts } from './scripts.ts'

/** A dead job as a listing has it: a payload above 1 KiB is left out. */
export type DeadJob = StoredJob & { readonly diedAt: number }

/** Where a dead job lies, and since when. */
export type DeadSpot = Pick<DeadJob, 'id' | 'queue' | 'page' | 'slot' | 'diedAt'>

/** The dead jobs of one queue, for whoever looks into them. */
export type DeadDoor = {
  /** Those that died in a span of instants, both included, the oldest first: page by page, so that any number can be gone through. */
  between(from: number, to: number): AsyncIterable<readonly DeadJob[]>
  /** One job whole; undefined when it is not dead. */
  get(page: string, slot: number): Promise<DeadJob | undefined>
  /** Drops these, if they have not moved since: dead -> gone. Answers how many. */
  purge(jobs: readonly DeadSpot[]): Promise<number>
}

/** Opens the dead of a queue. */
export function openDead(parts: StoreParts, queue: string, token: string): DeadDoor {
  const { connection, prefix, now } = parts
  const keys = queueKeys(prefix, queue)
  const door = openQueue(parts, queue, token)
  return {
    between: (from, to) => pagesOf(parts, { queue, token }, { from, to }),
    get: async (page, slot) => {
      const [found, diedAt] = await Promise.all([
        door.get(page, slot),
        connection.command('ZSCORE', keys.dead, `${page} ${slot}`),
      ])
      const isDead = found.kind === 'job' && found.job.place === 'dead' && diedAt !== null
      return isDead ? { ...found.job, diedAt: Number(diedAt) } : undefined
    },
    purge: async (jobs) => {
      let dropped = 0
      for (const some of portions(jobs, () => 0)) {
        const args = { now: now(), keep: 0, age: 0, limit: MOST_JOBS, latest: '' }
        const rest = some.flatMap(({ page, slot, diedAt }) => [`${page} ${slot}`, String(diedAt)])
        dropped += Number(part(await run(connection, scripts.purge, keys, { args, rest }), 0))
      }
      return dropped
    },
  }
}

type Where = { readonly queue: string; readonly token: string }

/**
 * Goes on after the instant of the last job of a page; those that died at the same instant are told apart by their place,
 * since others may have been moved meanwhile.
 */
async function* pagesOf(
  { connection, prefix }: StoreParts,
  where: Where,
  { from, to }: { readonly from: number; readonly to: number },
): AsyncGenerator<readonly DeadJob[]> {
  const keys = queueKeys(prefix, where.queue)
  let [since, skip, seen] = [from, 0, '']
  while (true) {
    const args = { from: since, to, skip, limit: MOST_JOBS, bytes: MOST_BYTES }
    const reply = await run(connection, scripts.buried, keys, { args })
    const rows: readonly Reply[] = Array.isArray(reply) ? reply : []
    const last = rows.at(-1)
    if (last === undefined) return
    const fresh = rows.filter((row) => Number(part(row, 1)) > since || String(part(row, 0)) > seen)
    if (fresh.length > 0) yield fresh.flatMap((row) => jobIn(row, where))
    const end = Number(part(last, 1))
    if (end > since) [since, skip] = [end, 0]
    else skip += fresh.length > 0 ? 0 : rows.length
    seen = String(part(last, 0))
  }
}

function jobIn(row: Reply, where: Where): readonly DeadJob[] {
  const [member = '', diedAt, claim, dueAt, createdAt, text = ''] = row as [
    string?,
    string?,
    number?,
    number?,
    number?,
    string?,
  ]
  const [page = '', at] = member.split(' ')
  const record = text === '' ? null : decodeRecord(text)
  if (record === null) return []
  const slot = Number(at)
  return [
    {
      ...where,
      id: idAt(where.token, page, slot),
      page,
      slot,
      place: 'dead',
      end: undefined,
      claim: claim ?? 0,
      dueAt: dueAt ?? 0,
      createdAt: createdAt ?? 0,
      record,
      diedAt: Number(diedAt),
    },
  ]
}
