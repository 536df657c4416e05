import { after } from 'node:test'
import { laneOf, NORMAL } from '../../src/job/priority.ts'
import { encodeRecord, plainRecord } from '../../src/job/record.ts'
import { type ClaimedJob, jobsIn } from '../../src/store/claimed-job.ts'
import { type Connection, createConnection } from '../../src/store/connection.ts'
import { wire } from '../../src/store/entry.ts'
import type { Keeper, Kept } from '../../src/store/keeper.ts'
import type { QueueKeys } from '../../src/store/keys.ts'
import type { QueueDoor } from '../../src/store/queue.ts'
import { part, type Reply, word } from '../../src/store/reply.ts'
import { run, runForBytes } from '../../src/store/script.ts'
import { scripts } from '../../src/store/scripts.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { duration } from '../../src/time/clock.ts'
import { freePrefix, testRedisUrl } from '../support/redis.ts'
import { type Places, placesOf } from './places.ts'

/** The instant at which every test queue starts. */
export const START = Date.UTC(2026, 0, 1)

/** A job to seed: its label is its payload. `in` and `at` are milliseconds, `at` from the start. */
export type Seed =
  | string
  | {
      readonly label: string
      readonly in?: number
      readonly at?: number
      readonly name?: string
      readonly own?: string
      readonly priority?: number
    }

/** A numbered call of a client; `first` continues the client's numbers unless it is said. */
export type CallOptions = { readonly client?: string; readonly first?: number; readonly floor?: number }

/** What a claim answered, its jobs by label. */
export type Claim = {
  readonly kind: string
  readonly jobs: readonly ClaimedJob[]
  readonly labels: readonly string[]
  readonly held: string
}

/** A queue in a fresh namespace on a real Redis, with a clock that the test moves. */
export type TestQueue = {
  readonly connection: Connection
  readonly store: Store
  readonly door: QueueDoor
  readonly keeper: Keeper
  readonly keys: QueueKeys
  readonly prefix: string
  /** Sets the clock to so many milliseconds after the start. */
  at(milliseconds: number): void
  now(): number
  enqueue(seeds: readonly Seed[], options?: CallOptions): Promise<Reply>
  claim(
    owner: string,
    call: number,
    options?: Partial<Record<'limit' | 'bytes' | 'lease', number>> & { readonly names?: readonly string[] },
  ): Promise<Claim>
  claimed(owner: string, call: number): Promise<Claim>
  complete(owner: string, call: number, jobs: readonly ClaimedJob[], emptied?: string): Promise<Reply>
  retry(owner: string, call: number, jobs: readonly ClaimedJob[], delay: number, emptied?: string): Promise<Reply>
  /** Puts them off for 700 ms. */
  snooze(owner: string, call: number, jobs: readonly ClaimedJob[], emptied?: string): Promise<Reply>
  discard(owner: string, call: number, jobs: readonly ClaimedJob[], emptied?: string): Promise<Reply>
  bury(owner: string, call: number, jobs: readonly ClaimedJob[], emptied?: string): Promise<Reply>
  handBack(owner: string, call: number, jobs: readonly ClaimedJob[], emptied?: string): Promise<Reply>
  places(): Promise<Places>
}

/** The notes of jobs that run and are cancelled, by page and slot; fails when `counts` has another number of them. */
export async function notesIn({ connection, keys }: TestQueue): Promise<readonly string[]> {
  const notes = (await connection.command('HKEYS', keys.cancels)) as readonly string[]
  const counted = await connection.command('HGET', keys.counts, 'cancelling')
  if (Number(counted ?? 0) !== notes.length || counted === '0') throw new Error(`counted ${counted}: ${notes}`)
  return [...notes].sort()
}

/** The client whose jobs the tests seed unless they say another. */
export const CLIENT = 'c'.repeat(16)

/** Entries as a client makes them. */
export function entryOf(seed: Seed): {
  readonly at: string
  readonly own: string
  readonly record: string
  readonly apart: string
  readonly lane?: string
} {
  const {
    label,
    name = 'job',
    own = '',
    priority = NORMAL,
    ...time
  } = typeof seed === 'string' ? { label: seed } : seed
  const at = time.in !== undefined ? `+${time.in}` : time.at !== undefined ? `@${START + time.at}` : ''
  const lane = laneOf(priority)
  const { head, apart } = encodeRecord({
    name,
    ownId: own,
    failures: 0,
    interruptions: 0,
    extension: lane === undefined ? {} : { lane },
    payload: label,
  })
  return {
    at,
    own: own && `${name} ${own} hash-${label.slice(0, 5)}`,
    record: own || apart || lane ? head : plainRecord(name, label),
    apart,
    ...(lane === undefined ? {} : { lane }),
  }
}

/** Connects to the tests' Redis; closed when the file's tests end. */
export async function connectTo(url: string): Promise<Connection> {
  const connection = createConnection(
    { kind: 'standalone', url, tls: { kind: 'verify' } },
    { name: 'test', timeout: 5_000 },
  )
  after(() => connection.close())
  await connection.connect()
  return connection
}

/** Connects to a cluster; closed when the file's tests end. */
export async function connectToCluster(urls: readonly string[]): Promise<Connection> {
  const settings = { kind: 'cluster', urls, tls: { kind: 'verify' } } as const
  const connection = createConnection(settings, { name: 'test', timeout: 5_000 })
  after(() => connection.close())
  await connection.connect()
  return connection
}

/** The Redis that the store's tests share: the run's server, or the cluster that MORROW_TEST_CLUSTER names. */
export async function connect(): Promise<Connection> {
  const cluster = process.env['MORROW_TEST_CLUSTER']
  return cluster === undefined ? connectTo(await testRedisUrl()) : connectToCluster(cluster.split(','))
}

/** The names of all keys of a queue's namespace on the node that holds the queue. */
export const keysOf = async ({ connection, prefix, keys }: TestQueue): Promise<readonly string[]> =>
  (await connection.command(
    'EVAL',
    "return redis.call('KEYS', ARGV[1])",
    1,
    keys.ready,
    `${prefix}:*`,
  )) as readonly string[]

/** Opens a queue in a namespace of its own. */
export async function openTestQueue(given?: Connection, queue = 'mail'): Promise<TestQueue> {
  const connection = given ?? (await connect())
  const prefix = freePrefix()
  let now = START
  const store = openStore({ connection, prefix, now: () => String(now) })
  const door = await store.queue(queue)
  const { keys, token } = door
  const numbers = new Map<string, number>()
  const settle =
    (script: (typeof scripts)['complete' | 'retry' | 'bury' | 'handBack'], mark = 'c') =>
    (owner: string, call: number, emptied: string, rest: readonly string[]) =>
      run(connection, script, keys, { args: { now, queue, owner, call, emptied, mark, expected: '' }, rest })
  const where = ({ page, slot, claim, owner, call }: ClaimedJob): string[] => [
    page,
    `${slot}`,
    `${claim}`,
    owner,
    `${call}`,
  ]
  const claimFrom = (owner: string, call: number, reply: Reply): Claim => {
    const kind = word(reply)
    const jobs = kind === 'claimed' ? jobsIn({ queue, token, id: owner }, call, reply as readonly Buffer[]) : []
    return { kind, jobs, labels: jobs.map(({ record }) => record.payload), held: String(part(reply, 2) ?? '') }
  }
  return {
    connection,
    store,
    door,
    keeper: store.keeper(queue),
    keys,
    prefix,
    at: (milliseconds) => {
      now = START + milliseconds
    },
    now: () => now,
    enqueue: (seeds, { client = CLIENT, first = numbers.get(client) ?? 0, floor = first } = {}) => {
      numbers.set(client, Math.max(numbers.get(client) ?? 0, first + seeds.length))
      const args = { now, queue, client, first, count: seeds.length, floor, expected: '' }
      return run(connection, scripts.enqueue, keys, { args, rest: wire(seeds.map(entryOf)) })
    },
    claim: async (owner, call, { names = ['job'], ...options } = {}) => {
      const args = {
        now,
        owner,
        call,
        limit: 250,
        bytes: 262_144,
        lease: 15_000,
        ...options,
        names: `,${names.join(',')},`,
      }
      return claimFrom(owner, call, await runForBytes(connection, scripts.claim, keys, { args }))
    },
    claimed: async (owner, call) =>
      claimFrom(owner, call, await runForBytes(connection, scripts.claimed, keys, { args: { now, owner, call } })),
    complete: (owner, call, jobs, emptied = '') =>
      settle(scripts.complete)(
        owner,
        call,
        emptied,
        jobs.map(({ page, slot, claim, owner: by, call: at }) => `${page} ${slot} 1 ${claim} ${by} ${at}`),
      ),
    retry: (owner, call, jobs, delay, emptied = '') =>
      settle(scripts.retry)(
        owner,
        call,
        emptied,
        jobs.flatMap((job) => [...where(job), String(delay), counted(job, 'failures')]),
      ),
    snooze: (owner, call, jobs, emptied = '') =>
      settle(scripts.retry, 's')(
        owner,
        call,
        emptied,
        jobs.flatMap((job) => [...where(job), '700', counted(job, 'interruptions')]),
      ),
    discard: (owner, call, jobs, emptied = '') =>
      settle(scripts.complete, 'd')(
        owner,
        call,
        emptied,
        jobs.map(
          (job) => `${job.page} ${job.slot} 1 ${job.claim} ${job.owner} ${job.call}\n${counted(job, 'failures')}`,
        ),
      ),
    bury: (owner, call, jobs, emptied = '') =>
      settle(scripts.bury)(
        owner,
        call,
        emptied,
        jobs.flatMap((job) => [...where(job), counted(job, 'failures')]),
      ),
    handBack: (owner, call, jobs, emptied = '') =>
      settle(scripts.handBack)(
        owner,
        call,
        emptied,
        jobs.flatMap((job) => [...where(job), counted(job, 'interruptions')]),
      ),
    places: () => placesOf(connection, keys, START),
  }
}

/** A job's record with one more failure or interruption, as a worker writes it. */
const counted = ({ record }: ClaimedJob, what: 'failures' | 'interruptions'): string =>
  encodeRecord({ ...record, [what]: record[what] + 1 }).head

/** What prune is told when all that is over shall go at once. */
export const KEEP_NOTHING: Kept = {
  ended: { count: 0, age: duration(0) },
  dead: { count: 0, age: duration(0) },
  ownIds: duration(0),
}

/** `count` labels: prefix and number. */
export const labels = (prefix: string, count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index + from}`)

/** A day in milliseconds. */
export const DAY = 86_400_000

/** What prune is told when nothing shall go but what is said. */
export const keeping = (kept: Partial<Kept>): Kept => ({
  ended: { count: 1_000_000, age: duration(1_000 * DAY) },
  dead: { count: 1_000_000, age: duration(1_000 * DAY) },
  ownIds: duration(DAY),
  ...kept,
})
