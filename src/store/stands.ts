import { createHash } from 'node:crypto'
import { queueKeys } from './keys.ts'
import { MOST_JOBS } from './portions.ts'
import type { StoreParts } from './queue.ts'
import { part, word } from './reply.ts'
import { run } from './script.ts'
import { scripts } from './scripts.ts'
import { type Home, SCHEDULE_FIELDS, type StoredSchedule, storedOf } from './stored-schedule.ts'

/** What should be in force of a schedule from files; null for nothing. */
export type Claimed = Home & { readonly stands: Pick<StoredSchedule, 'name' | 'version' | 'reign' | 'tz'> | null }

/** Some schedules of one queue, and a hash of what should be in force of them. */
export type Seal = { readonly queue: string; readonly ids: readonly string[]; readonly sum: string }

/** Reads schedules, in their order, with as few calls as a queue allows; undefined where there is none. */
export async function readAll(
  parts: StoreParts,
  homes: readonly Home[],
): Promise<readonly (StoredSchedule | undefined)[]> {
  const found = new Map<Home, StoredSchedule | undefined>()
  for (const [queue, some] of byQueue(homes)) {
    for (let done = 0; done < some.length; ) {
      const read = await readSome(parts, queue, some.slice(done, done + MOST_JOBS))
      for (const [index, stands] of read.entries()) found.set(some[done + index] ?? { id: '', queue }, stands)
      done += read.length
    }
  }
  return homes.map((home) => found.get(home))
}

/** The first of them, as many as one call may carry: at least one. */
async function readSome(
  { connection, prefix }: StoreParts,
  queue: string,
  homes: readonly Home[],
): Promise<readonly (StoredSchedule | undefined)[]> {
  const rest = [...SCHEDULE_FIELDS, ...homes.map(({ id }) => id)]
  const call = { args: { width: SCHEDULE_FIELDS.length }, rest }
  const reply = await run(connection, scripts.stands, queueKeys(prefix, queue), call)
  const found = Array.isArray(reply) ? reply : []
  return homes.slice(0, Math.max(1, found.length)).map((home, index) => {
    const one = found[index] ?? null
    return storedOf(home, part(one, 1), part(one, 0))
  })
}

/** Seals what should be in force, each seal for as many schedules as one call asks after; time-zone data newer than `tz` is as good. */
export function sealsOf(claimed: readonly Claimed[], tz: string): readonly Seal[] {
  return [...byQueue(claimed)].flatMap(([queue, all]) => {
    const seals: Seal[] = []
    for (let first = 0; first < all.length; first += MOST_JOBS) {
      const some = all.slice(first, first + MOST_JOBS)
      const lines = some.map(({ stands }) => lineOf(stands, tz)).join('\n')
      seals.push({ queue, ids: some.map(({ id }) => id), sum: createHash('sha1').update(lines).digest('hex') })
    }
    return seals
  })
}

/** As its script writes it. */
const lineOf = (stands: Claimed['stands'], tz: string): string =>
  stands === null ? '' : [stands.name, stands.version, stands.reign, stands.tz < tz ? stands.tz : ''].join(' ')

/** Says whether what a seal claims, and no more, is in force from files, planned with time-zone data that is not older than `tz`. */
export async function isWhole(
  { connection, prefix }: StoreParts,
  { queue, ids, sum }: Seal,
  tz: string,
): Promise<boolean> {
  const reply = await run(connection, scripts.seal, queueKeys(prefix, queue), { args: { tz }, rest: ids })
  return word(reply) === sum
}

function byQueue<Some extends Home>(homes: readonly Some[]): ReadonlyMap<string, readonly Some[]> {
  const queues = new Map<string, Some[]>()
  for (const home of homes) {
    const some = queues.get(home.queue)
    if (some === undefined) queues.set(home.queue, [home])
    else some.push(home)
  }
  return queues
}
