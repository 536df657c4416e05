import type { Config } from '../config.ts'
import { MorrowError } from '../errors.ts'
import { FARTHEST_CLOCK, readClock } from '../store/clock-watch.ts'
import type { Connection } from '../store/connection.ts'
import { firstSchedules, zoneDataOf, zoneMismatch } from '../store/first-schedules.ts'
import type { SeenProcess } from '../store/registry.ts'
import { readSilence, type Silence } from '../store/silence.ts'
import { unserved } from '../store/unserved.ts'
import { systemClock } from '../time/system-clock.ts'
import { checkServer } from '../wiring/redis.ts'
import type { Session } from './session.ts'

/** One thing that was looked at, and how it is. */
export type Finding = {
  readonly about: string
  readonly state: 'fine' | 'doubtful' | 'wrong'
  readonly text: string
}

/** So many schedules are looked at for the time-zone data that their next ticks were computed with. */
const MOST_SCHEDULES = 200

const PINGS = 20
/** A round trip above this is felt: a claim and a settle take two, in milliseconds. */
const SLOW = 20

/** Looks at everything about Redis that has to be right. */
export async function examine({ connection, store }: Session, config: Config): Promise<readonly Finding[]> {
  const info = String(await connection.command('INFO'))
  const of = (name: string): string => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? ''
  return [
    await serverFinding(connection, config),
    policyFinding(of('maxmemory_policy'), of('maxmemory_human')),
    persistenceFinding(of('aof_enabled') === '1', of('rdb_last_bgsave_status'), of('rdb_last_save_time')),
    await latencyFinding(connection),
    await clockFinding(store),
    await connectionsFinding(connection, Number(of('connected_clients')), Number(of('maxclients'))),
    ...(await timeFindings(store)),
    ...(await unserved(store)).map(
      ({ text, line }): Finding => ({ about: 'nobody serves', state: 'wrong', text: `${text}; type: ${line}` }),
    ),
  ]
}

async function serverFinding(connection: Connection, config: Config): Promise<Finding> {
  try {
    const { version } = await checkServer(connection, config)
    return { about: 'Redis', state: 'fine', text: version }
  } catch (error) {
    if (error instanceof MorrowError) return { about: 'Redis', state: 'wrong', text: error.message }
    throw error
  }
}

function policyFinding(policy: string, limit: string): Finding {
  const text = `${policy || 'unknown'}, maxmemory ${limit || 'unknown'}`
  if (policy === 'noeviction') return { about: 'eviction', state: 'fine', text }
  if (policy.startsWith('allkeys-')) {
    return {
      about: 'eviction',
      state: 'wrong',
      text: `${text}: Redis throws away jobs when it is full; set noeviction`,
    }
  }
  return {
    about: 'eviction',
    state: 'doubtful',
    text: `${text}: noeviction is what is meant; keys of ours carry no TTL`,
  }
}

function persistenceFinding(appendOnly: boolean, snapshot: string, savedAt: string): Finding {
  if (appendOnly) return { about: 'persistence', state: 'fine', text: 'append-only file' }
  const saved = savedAt === '' ? '' : `, last snapshot ${new Date(Number(savedAt) * 1000).toISOString()}`
  const text = `no append-only file${saved}: a restart of Redis loses what came since; turn on appendonly where you can`
  return { about: 'persistence', state: snapshot === 'err' ? 'wrong' : 'doubtful', text }
}

async function latencyFinding(connection: Connection): Promise<Finding> {
  const took: number[] = []
  for (let ping = 0; ping < PINGS; ping += 1) {
    const before = systemClock.monotonic()
    await connection.command('PING')
    took.push(systemClock.monotonic() - before)
  }
  const sorted = took.sort((a, b) => a - b)
  const median = sorted[PINGS / 2] ?? 0
  const text = `${median.toFixed(2)} ms median, ${(sorted.at(-1) ?? 0).toFixed(2)} ms longest of ${PINGS} pings`
  return { about: 'latency', state: median > SLOW ? 'doubtful' : 'fine', text }
}

async function clockFinding(store: Session['store']): Promise<Finding> {
  const { own, apart, held } = await readClock(store, systemClock)
  const text = `this host is ${own} ms ahead of Redis, the hosts' median ${apart} ms`
  if (held) return { about: 'clock', state: 'wrong', text: `${text}: time stands still; type: morrow clock accept` }
  return { about: 'clock', state: Math.abs(own) > FARTHEST_CLOCK / 10 ? 'doubtful' : 'fine', text }
}

/** A deploy runs the old processes beside the new ones: what is ours counts twice. */
async function connectionsFinding(connection: Connection, all: number, limit: number): Promise<Finding> {
  const ours = await countOurs(connection)
  if (ours === undefined || !(limit > 0)) {
    return {
      about: 'connections',
      state: 'doubtful',
      text: `${all} now; Redis does not say whose, or how many it takes`,
    }
  }
  const atDeploy = all + ours
  const text = `${all} now, ${ours} of Morrow's; ${atDeploy} at a deploy, of at most ${limit}`
  return { about: 'connections', state: atDeploy > limit ? 'wrong' : 'fine', text }
}

/** Who lives, with which time-zone data, and whether ticks go the whole way. */
async function timeFindings(store: Session['store']): Promise<readonly Finding[]> {
  const living = await store.registry.living(await store.inspector.time())
  const [{ schedules }, silence] = await Promise.all([
    firstSchedules(store, MOST_SCHEDULES),
    readSilence(store, living),
  ])
  const own = { tz: process.versions['tz'] ?? '' }
  const mismatch = zoneMismatch(zoneDataOf([...living, own], schedules))
  return [
    processesFinding(living),
    ...(mismatch === undefined
      ? []
      : [{ about: 'tz data', state: 'doubtful', text: `${mismatch}; ${SAME_NODE}` } as const]),
    canaryFinding(silence),
  ]
}

/** Processes whose time-zone data differ may mean different instants by the same reading. */
const SAME_NODE = 'run one version of Node everywhere; a scheduler with the newest data computes next ticks anew'

function processesFinding(living: readonly SeenProcess[]): Finding {
  const names = living.map(({ roles }) => roles.join('+')).join(', ')
  return { about: 'processes', state: 'fine', text: living.length === 0 ? 'none lives' : `${living.length}: ${names}` }
}

/** What is wrong with it is said by what nobody serves. */
function canaryFinding({ canary, now }: Silence): Finding {
  const text =
    canary === null
      ? 'no tick has gone the whole way yet; one does each minute while a scheduler and a worker live'
      : `the last tick that went the whole way was completed ${Math.floor((now - canary.completedAt) / 1000)} s ago`
  return { about: 'canary', state: 'fine', text }
}

/** How many connections carry a name of ours; undefined where a service forbids to ask. */
async function countOurs(connection: Connection): Promise<number | undefined> {
  try {
    const list = String(await connection.command('CLIENT', 'LIST'))
    return list.split('\n').filter((line) => / name=morrow-(?!cli )/.test(line)).length
  } catch {
    return undefined
  }
}
