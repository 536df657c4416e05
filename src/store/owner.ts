import { newClient } from '../job/id.ts'
import { type Clock, duration } from '../time/clock.ts'
import { type ClaimedJob, jobsIn } from './claimed-job.ts'
import { faultOf } from './errors.ts'
import { type QueueKeys, queueKeys } from './keys.ts'
import { MOST_BYTES, MOST_JOBS } from './portions.ts'
import type { StoreParts } from './queue.ts'
import { part, type Reply, word } from './reply.ts'
import { run, runForBytes } from './script.ts'
import { scripts } from './scripts.ts'
import { lostOf, type Settlement, type Step, settleSteps, underName } from './settlement.ts'

/** What one exchange with the store brought: jobs taken, and jobs that another claim had taken from us. */
export type Exchange = { readonly jobs: readonly ClaimedJob[]; readonly lost: readonly ClaimedJob[] }

/** A worker's hold on one queue: one lease with all its jobs under it. Calls are numbered; each is done once, however often sent. */
export type Owner = {
  readonly queue: string
  readonly keys: QueueKeys
  /** The name under which the lease runs now. */
  id(): string
  /** How many jobs it has. */
  held(): number
  /** Settles what has ended and claims up to `limit` jobs, in one round trip; repeats until Redis answers or `signal` aborts. */
  exchange(settlements: readonly Settlement[], limit: number, signal: AbortSignal): Promise<Exchange>
  /** Puts the lease down, when no job is under it any more. */
  leave(): Promise<void>
}

export type OwnerParts = StoreParts & {
  readonly clock: Clock
  readonly queue: string
  readonly token: string
  /** Length of the lease in milliseconds. */
  readonly lease: number
  /** The job names that this worker knows. */
  readonly names: readonly string[]
  /** How many completed jobs are kept. */
  readonly kept: { readonly count: number }
  /** What Redis' clock should say; null when nobody knows. The wait of a retry counts from no other time. */
  readonly expected?: () => number | null
  /** Told how many calls of this owner Redis had acknowledged and does not know any more. */
  readonly onRolledBack?: (lost: number) => void
}

type State = OwnerParts & {
  readonly keys: QueueKeys
  readonly known: string
  id: string
  /** The number of the last call that was carried out. */
  call: number
  /** Nobody waits for a trim, and one at a time is enough. */
  trimming: boolean
  /** Jobs still here, by the number of the call that took them. */
  readonly outstanding: Map<number, number>
}

const PAUSE = duration(100)

/** Opens a worker's hold on a queue. */
export function openOwner(parts: OwnerParts): Owner {
  const state: State = {
    ...parts,
    keys: queueKeys(parts.prefix, parts.queue),
    known: `,${parts.names.join(',')},`,
    id: newClient(),
    call: 0,
    trimming: false,
    outstanding: new Map(),
  }
  return {
    queue: parts.queue,
    keys: state.keys,
    id: () => state.id,
    held: () => [...state.outstanding.values()].reduce((sum, count) => sum + count, 0),
    exchange: (settlements, limit, signal) => exchange(state, settlements, limit, signal),
    leave: async () => {
      await run(state.connection, scripts.leave, state.keys, { args: { owner: state.id } })
    },
  }
}

async function exchange(
  state: State,
  settlements: readonly Settlement[],
  limit: number,
  signal: AbortSignal,
): Promise<Exchange> {
  const left = leftAfter(state, settlements)
  const emptied = [...left].flatMap(([call, count]) => (count > 0 ? [] : [call])).join(',')
  const steps = settleSteps(state, settlements, emptied)
  const claim = limit > 0 ? [claimStep(state, limit, state.call + steps.length + 1)] : []
  const name = state.id
  const replies = await inOrder(state, [...steps, ...claim], signal)
  if (state.id === name) note(state, left)
  const lost = steps.flatMap((step, index) => lostOf(step, replies[index] ?? null))
  trim(state, replies.slice(0, steps.length))
  const reply = replies[steps.length]
  if (reply === undefined) return { jobs: [], lost }
  const jobs = await claimed(state, reply, signal)
  // The next claim tells the same names again: what was taken must not get lost over them.
  const released = await release(state, part(reply, 2)).catch(() => false)
  const again = released || AGAIN.includes(word(reply))
  return jobs.length > 0 || signal.aborted || !again
    ? { jobs, lost }
    : { ...(await exchange(state, [], limit, signal)), lost }
}

/** Answers of a claim after which the next may find jobs at once. */
const AGAIN = ['lost', 'more']

/** Sends steps together and answers when all are done; from the first that was not carried out on, they are sent again. */
async function inOrder(state: State, steps: readonly Step[], signal: AbortSignal): Promise<Reply[]> {
  const done: Reply[] = []
  let open = steps
  while (open.length > 0) {
    const known = state.call
    const sent = state.connection.together(() => open.map((step) => send(state, step)))
    const answers = await Promise.allSettled(sent)
    const failed = answers.findIndex((answer) => answer.status === 'rejected' || word(answer.value) === 'gap')
    const taken = failed < 0 ? answers.length : failed
    for (const answer of answers.slice(0, taken)) if (answer.status === 'fulfilled') done.push(answer.value)
    state.call = open.slice(0, taken).findLast(({ script }) => script !== scripts.claim)?.call ?? state.call
    open = open.slice(taken)
    const first = answers[taken]
    if (first === undefined) break
    const fault = first.status === 'rejected' ? faultOf(first.reason) : undefined
    if (fault?.kind === 'refused') throw fault.error
    if (fault && !signal.aborted) await state.clock.sleep(PAUSE, signal)
    // A script whose text has to be sent comes after its neighbours, which were early then; nothing is lost by that.
    const lost = first.status === 'fulfilled' ? known - Number(part(first.value, 2)) : 0
    if (lost > 0) state.onRolledBack?.(lost)
    if (lost > 0 || signal.aborted) open = underNewName(state, open)
    if (signal.aborted) break
  }
  return done
}

/** The store has lost this owner's latest calls, or nobody waits to hear what became of them. */
function underNewName(state: State, open: readonly Step[]): readonly Step[] {
  takeNewName(state)
  return open.map((step, index) => underName(step, state.id, index + 1))
}

/** What runs here goes on under its claim numbers; the old lease ends by itself. */
function takeNewName(state: State): void {
  state.id = newClient()
  state.call = 0
  state.outstanding.clear()
}

function send(state: State, { script, bytes, args, rest }: Step): Promise<Reply> {
  const call = { args: { ...args, now: state.now(), expected: state.expected?.() ?? '' }, rest }
  return (bytes ? runForBytes : run)(state.connection, script, state.keys, call)
}

function claimStep(state: State, limit: number, call: number): Step {
  const { id: owner, lease, known: names } = state
  const args = { owner, call, limit: Math.min(limit, MOST_JOBS), bytes: MOST_BYTES, lease, names }
  return { script: scripts.claim, bytes: true, call, args, rest: [], jobs: [] }
}

/**
 * How many jobs each call has left once these are settled; the store forgets a call that has none in the last step. Nothing
 * is noted before the store has answered: what it refuses is settled, and counted, once more.
 */
function leftAfter(state: State, settlements: readonly Settlement[]): ReadonlyMap<number, number> {
  const left = new Map<number, number>()
  for (const { job } of settlements) {
    if (job.owner !== state.id) continue
    left.set(job.call, (left.get(job.call) ?? state.outstanding.get(job.call) ?? 0) - 1)
  }
  return left
}

function note({ outstanding }: State, left: ReadonlyMap<number, number>): void {
  for (const [call, count] of left) {
    if (count > 0) outstanding.set(call, count)
    else outstanding.delete(call)
  }
}

/** Completed jobs beyond what is kept are dropped by those who complete, once they are a quarter too many; by age, by a scheduler. */
function trim(state: State, replies: readonly Reply[]): void {
  const ended = Math.max(
    0,
    ...replies.map((reply) => Number(Array.isArray(reply) && reply.length === 4 ? reply[2] : 0)),
  )
  if (state.trimming || ended <= state.kept.count * 1.25 + MOST_JOBS) return
  state.trimming = true
  const args = { now: state.now(), keep: state.kept.count, age: Number.MAX_SAFE_INTEGER, limit: MOST_JOBS, latest: '' }
  run(state.connection, scripts.prune, state.keys, { args })
    .catch(() => null)
    .finally(() => {
      state.trimming = false
    })
}

async function claimed(state: State, reply: Reply, signal: AbortSignal): Promise<readonly ClaimedJob[]> {
  const kind = word(reply)
  const call = state.call + 1
  if (kind === 'known') {
    const taken = await takenBy(state, call, signal)
    return taken === null ? [] : claimed(state, taken, signal)
  }
  if (kind === 'lost') takeNewName(state)
  if (kind !== 'claimed') return []
  state.call = call
  const jobs = jobsIn(state, call, reply as readonly Buffer[])
  if (jobs.length > 0) state.outstanding.set(call, jobs.length)
  return jobs
}

/** What a call took whose answer was lost: asked until it is known, since the next call must not get its number. */
async function takenBy(state: State, call: number, signal: AbortSignal): Promise<Reply> {
  while (!signal.aborted) {
    try {
      const args = { now: state.now(), owner: state.id, call }
      return await runForBytes(state.connection, scripts.claimed, state.keys, { args })
    } catch (error) {
      const fault = faultOf(error)
      if (fault.kind === 'refused') throw fault.error
      await state.clock.sleep(PAUSE, signal)
    }
  }
  takeNewName(state)
  return null
}

/** How many of the names held a claim answers; when there may be more, they are asked for. */
const NAMES_TOLD = 64

/** Jobs held under names that this worker knows go on; answers whether any did. */
async function release(state: State, held: Reply): Promise<boolean> {
  const told = String(held ?? '').split(',')
  const known = told.length < NAMES_TOLD ? told.filter((name) => state.names.includes(name)) : await heldOfOurs(state)
  let moved = false
  for (const job of known) {
    const args = { queue: state.queue, job, limit: MOST_JOBS }
    moved = Number(part(await run(state.connection, scripts.release, state.keys, { args }), 1)) > 0 || moved
  }
  return moved
}

async function heldOfOurs({ connection, keys, names }: State): Promise<readonly string[]> {
  const since = await connection.command('ZMSCORE', keys.holds, ...names)
  return names.filter((_, index) => part(since, index) !== null)
}
