import { CANARY } from '../../src/job/names.ts'
import type { LedgerEntry, LedgerFate } from '../../src/schedule/ledger.ts'
import { queueKeys } from '../../src/store/keys.ts'
import { instant } from '../../src/time/clock.ts'
import { auditAll, differenceInWords } from '../../src/timetable/audit.ts'
import { TZ_DATA } from '../../src/wiring/version.ts'
import type { Stage } from './stage.ts'

/** What the ledgers of a namespace came to, and all that does not fit. */
export type Proof = {
  readonly planned: number
  readonly recorded: Readonly<Record<string, number>>
  readonly jobs: number
  /** Jobs that no worker claimed within their deadline. */
  readonly expired: number
  /** The worst lateness in any ledger, in milliseconds. */
  readonly latest: number
  /** One sentence each; empty when every tick is accounted for. */
  readonly faults: readonly string[]
}

/** Nothing was proved yet. */
export const NO_PROOF: Proof = { planned: 0, recorded: {}, jobs: 0, expired: 0, latest: 0, faults: [] }

/** Two proofs as one. */
export function added(one: Proof, other: Proof): Proof {
  const fates = new Set([...Object.keys(one.recorded), ...Object.keys(other.recorded)])
  return {
    planned: one.planned + other.planned,
    recorded: Object.fromEntries(
      [...fates].map((fate) => [fate, (one.recorded[fate] ?? 0) + (other.recorded[fate] ?? 0)]),
    ),
    jobs: one.jobs + other.jobs,
    expired: one.expired + other.expired,
    latest: Math.max(one.latest, other.latest),
    faults: [...one.faults, ...other.faults],
  }
}

/**
 * Proves three times over that no tick is missing, doubled or unexplained: by the audit; by counting the seconds of a fixed
 * grid, without the engine (`periods`: by schedule, in milliseconds); and by what the handlers wrote. For schedules that are
 * in force no more and of which nothing waits or runs.
 */
export async function prove(stage: Stage, periods: Readonly<Record<string, number>>): Promise<Proof> {
  const { store } = stage
  const faults: string[] = []
  const recorded: Record<string, number> = {}
  const runs = grouped(stage)
  let [planned, jobs, latest, ran] = [0, 0, 0, 0]
  const queues = new Set<string>()
  for await (const audited of auditAll(store, { since: instant(0), tz: TZ_DATA })) {
    const { name, expected, differences, dropped, home } = audited
    // Morrow's own runs no job of ours.
    if (name === CANARY) continue
    const fault = (text: string): number => faults.push(`${name}: ${text}`)
    planned += expected
    for (const [fate, count] of Object.entries(audited.recorded)) recorded[fate] = (recorded[fate] ?? 0) + count
    for (const each of differences) {
      fault(`${differenceInWords(each)}, ${new Date(each.first).toISOString()} to ${new Date(each.last).toISOString()}`)
    }
    if (dropped) fault('entries of its ledger were dropped: nothing is proved')
    const stands = await store.schedules.read(home)
    const { entries } = await store.schedules.ledger(home, 0, -1)
    const made = stands?.made ?? 0
    jobs += made
    latest = Math.max(latest, ...entries.filter(({ fate }) => RAN.includes(fate)).map(({ lateness }) => lateness))
    const told = (audited.recorded.fired ?? 0) + (audited.recorded.late ?? 0)
    if (told !== made) fault(`its ledger tells of ${told} jobs, ${made} were made`)
    const grid = gridOf(entries, periods[name] ?? 0)
    if (name in periods && grid !== expected)
      fault(`${grid} instants of its grid have passed, ${expected} were planned`)
    const instants = runs.get(name) ?? new Map<number, ReadonlySet<string>>()
    ran += instants.size
    queues.add(home.queue)
    for (const text of doubledIn(instants)) fault(text)
  }
  const expired = await expiredIn(stage, [...queues])
  if (ran + expired !== jobs) faults.push(`${jobs} jobs were made, ${ran} ticks have run and ${expired} jobs expired`)
  return { planned, recorded, jobs, expired, latest, faults }
}

const RAN: readonly string[] = ['fired', 'late']

/** The instants of a grid while a schedule was in force. */
function gridOf(entries: readonly LedgerEntry[], period: number): number {
  const at = (fate: LedgerFate): number => entries.find((entry) => entry.fate === fate)?.first ?? Number.NaN
  return Math.floor(at('withdrawn') / period) - Math.floor(at('applied') / period)
}

type Jobs = ReadonlyMap<number, ReadonlySet<string>>

/** The jobs that ran for each planned instant of each schedule. */
function grouped(stage: Stage): ReadonlyMap<string, Jobs> {
  const all = new Map<string, Map<number, Set<string>>>()
  for (const { name, plannedAt, id } of stage.runs()) {
    const instants = all.get(name) ?? new Map<number, Set<string>>()
    all.set(name, instants)
    instants.set(plannedAt, (instants.get(plannedAt) ?? new Set<string>()).add(id))
  }
  return all
}

const doubledIn = (instants: Jobs): readonly string[] =>
  [...instants]
    .filter(([, ids]) => ids.size > 1)
    .map(([at, ids]) => `${ids.size} jobs ran for the tick of ${new Date(at).toISOString()}`)

/** A job whose deadline has passed when it is claimed does not run. */
async function expiredIn({ store }: Stage, queues: readonly string[]): Promise<number> {
  const counts = queues.map((queue) =>
    store.connection.command('HGET', queueKeys(store.prefix, queue).counts, 'expired'),
  )
  return (await Promise.all(counts)).reduce<number>((sum, count) => sum + Number(count ?? 0), 0)
}
