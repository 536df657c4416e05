import { ENTRY_BYTES } from '../schedule/ledger.ts'
import type { Store } from '../store/store.ts'
import type { Home } from '../store/stored-schedule.ts'
import { type Duration, duration } from '../time/clock.ts'
import { DAY, HOUR } from '../time/duration.ts'

/** Keeps the ledgers short, off the path of the ticks. */
export type Ledgers = {
  /** So many entries were written for a schedule. */
  told(schedule: string, entries: number): void
  /** Folds the ledgers that have grown, and all of them once an hour; some in a call. */
  tidy(now: number): Promise<void>
}

/** What is kept of ledgers, the first bound that bites. */
export const LEDGER_KEPT = { age: duration(30 * DAY), entries: 1_000, bytesOfQueue: 2_000_000 } as const

/** The newest entries stay as they are, with the instant and the process of each. */
const TAIL = 8
/** A ledger is folded when it has grown by so many entries. */
const GROWN = 32
/** So many ledgers are folded in one go, so that a scheduler of many schedules has no busy minute. */
const AT_ONCE = 500
/** What an entry costs in a list beside its own bytes. */
const LINK = 3
const FEWEST = 4

/** Opens the upkeep of all ledgers of a namespace; what Redis refuses for one is said and keeps nobody from the others. */
export function openLedgers(
  store: Store,
  refused: (doing: string, error: unknown) => void,
  age: Duration = LEDGER_KEPT.age,
): Ledgers {
  const grown = new Map<string, number>()
  const left = new Set<string>()
  let allAt = Number.NEGATIVE_INFINITY
  return {
    told: (schedule, entries) => {
      grown.set(schedule, (grown.get(schedule) ?? 0) + entries)
    },
    tidy: async (now) => {
      const all = now - allAt >= HOUR
      if (!all && left.size === 0 && Math.max(0, ...grown.values()) < FEWEST) return
      const homes = [...(await store.schedules.homes())]
      if (all) for (const [, { id }] of homes) left.add(id)
      if (all) allAt = now
      let most = AT_ONCE
      for (const [queue, members] of byQueue(homes)) {
        const keep = keptOf(members.length)
        const bounds = { keep, oldest: now - age, tail: Math.min(TAIL, Math.floor(keep / 2)) }
        const long = Math.min(GROWN, Math.floor(keep / 2))
        const due = members.filter(([, { id }]) => left.has(id) || (grown.get(id) ?? 0) >= long).slice(0, most)
        most -= due.length
        for (const [name, home] of due) {
          grown.delete(home.id)
          left.delete(home.id)
          const failed = (error: unknown): void => refused(`folding the ledger of ${name}`, error)
          await fold(store, name, { ...home, queue }, bounds).catch(failed)
        }
      }
      if (most > 0) left.clear()
    },
  }
}

/** How many entries each of so many schedules of a queue may have. */
function keptOf(schedules: number): number {
  const share = Math.floor(LEDGER_KEPT.bytesOfQueue / (ENTRY_BYTES + LINK) / Math.max(1, schedules))
  return Math.max(FEWEST, Math.min(LEDGER_KEPT.entries, share))
}

/**
 * A schedule that was retired and of which nothing is left gives its home up, then goes; so it does in the queues that it fed
 * before. One that has come back in between keeps its home.
 */
async function fold(
  { schedules }: Store,
  name: string,
  home: Home,
  bounds: { readonly keep: number; readonly oldest: number; readonly tail: number },
): Promise<void> {
  const former = (await schedules.read(home))?.former ?? []
  const left = await schedules.fold(home, bounds)
  for (const queue of former.filter((queue) => queue !== home.queue)) {
    if ((await schedules.fold({ ...home, queue }, bounds)) < 0) await schedules.forget({ ...home, queue })
  }
  if (left < 0 && (await schedules.rehome(name, home, null)) && !(await schedules.forget(home)))
    await schedules.settle(name, home)
}

function byQueue(
  homes: readonly (readonly [string, Home])[],
): ReadonlyMap<string, readonly (readonly [string, Home])[]> {
  const queues = new Map<string, (readonly [string, Home])[]>()
  for (const entry of homes) {
    const members = queues.get(entry[1].queue) ?? []
    members.push(entry)
    queues.set(entry[1].queue, members)
  }
  return queues
}
