import type { Emit } from '../job/events.ts'
import type { JobHandler } from '../job/handler.ts'
import { CANARY } from '../job/names.ts'
import type { QueueOrder, Stop } from '../job/queue-choice.ts'
import type { Bell } from '../lifecycle/loop.ts'
import { refusalOf } from '../store/errors.ts'
import type { Owner } from '../store/owner.ts'
import type { Store } from '../store/store.ts'
import { type Clock, type Duration, duration } from '../time/clock.ts'
import { letFollow } from './follow.ts'
import { type Hands, isUnder } from './hands.ts'
import type { Renewal } from './renewal.ts'
import { openRoute, type Route } from './route.ts'

/** The rounds of a worker: settle what has ended, claim for the free hands, queue by queue in strict order. */
export type Rounds = {
  /** One round; answers how long to rest. Claims nothing once `signal` has aborted; aborts `done` when all is empty and that was asked. */
  tick(signal: AbortSignal, done: AbortController): Promise<Duration>
  /** A wake-up came: `ready QUEUE`. */
  hear(message: string): void
  /** Whether something has ended that the store has not been told yet, or has not answered for. */
  owes(): boolean
  /** Resolves after the next round. */
  settled(): Promise<void>
  /** Puts the leases down; only after the last round. */
  leave(): Promise<void>
}

export type RoundsParts = {
  readonly store: Store
  readonly clock: Clock
  readonly handlers: ReadonlyMap<string, JobHandler>
  readonly queues: QueueOrder
  readonly concurrency: number
  readonly lease: Duration
  readonly hands: Hands
  readonly wake: Bell
  readonly renewal: Renewal | undefined
  readonly kept: { readonly count: number }
  readonly expected?: (() => number | null) | undefined
  readonly look: Duration
  readonly emit: Emit
  readonly untilEmpty?: boolean
}

type State = RoundsParts & {
  readonly owners: Map<string, Owner>
  /** Until when a queue that was found empty is not looked at, unless a wake-up comes. */
  readonly dry: Map<string, number>
  /** Until when a queue is left alone because Redis refused what was asked of it: the others must not wait for it. */
  readonly sick: Map<string, number>
  /** Queues of which a wake-up came since they were asked last; it may come before the answer that it makes untrue. */
  readonly woken: Set<string>
  /** Names that owners had before, with the keys of their queues. */
  readonly former: Map<string, Owner['keys']>
  readonly route: Route
  routedAt: number
  waiters: (() => void)[]
  /** How many settlements are on their way. */
  settling: number
  /** Whether this round asks every queue, to learn that all is empty. */
  looksLast: boolean
}

/** Prepares the rounds. */
export function rounds(parts: RoundsParts): Rounds {
  const state: State = {
    ...parts,
    owners: new Map(),
    dry: new Map(),
    sick: new Map(),
    woken: new Set(),
    former: new Map(),
    route: openRoute(parts.queues, parts.store.space.queues),
    routedAt: Number.NEGATIVE_INFINITY,
    waiters: [],
    settling: 0,
    looksLast: false,
  }
  parts.store.connection.onReady(() => {
    state.dry.clear()
    state.sick.clear()
    state.wake.ring()
  })
  return {
    tick: (signal, done) => tick(state, signal, done),
    hear: (message) => hear(state, message),
    owes: () => state.settling > 0 || state.hands.endedIn().length > 0,
    settled: () => new Promise((resolve) => state.waiters.push(resolve)),
    leave: async () => {
      await Promise.allSettled([...state.owners.values()].map((owner) => owner.leave()))
    },
  }
}

function hear(state: State, message: string): void {
  if (!message.startsWith('ready ')) return
  const queue = message.slice('ready '.length)
  const known = state.route.stops.some(({ name }) => name === queue)
  if (!known && !state.route.serves(queue)) return
  state.dry.delete(queue)
  state.woken.add(queue)
  if (!known) state.routedAt = Number.NEGATIVE_INFINITY
  state.wake.ring()
}

async function tick(state: State, signal: AbortSignal, done: AbortController): Promise<Duration> {
  await new Promise(setImmediate)
  const { hands } = state
  await plan(state)
  let [claimed, asked] = [0, 0]
  const isOpen = (stop: Stop): boolean => !isSick(state, stop.name) && !isDry(state, stop) && roomIn(state, stop) > 0
  for (const stop of [...state.route.turn(isOpen), ...astray(state)]) {
    if (isSick(state, stop.name)) continue
    const settlements = hands.ended(stop.name)
    const limit = signal.aborted || isDry(state, stop) ? 0 : Math.max(0, roomIn(state, stop))
    if (limit === 0 && settlements.length === 0) continue
    try {
      claimed += await round(state, stop, settlements, limit, done.signal)
      if (limit > 0) asked++
    } catch (error) {
      sicken(state, stop, error)
    }
  }
  for (const waiter of state.waiters.splice(0)) waiter()
  forgetFormer(state)
  if (hands.endedIn().some((name) => !isSick(state, name))) return duration(0)
  const empty = claimed === 0 && hands.running() === 0
  if (state.untilEmpty && empty && !signal.aborted) return lastLook(state, asked, done)
  state.looksLast = false
  const idle = !state.route.stops.some(isOpen)
  return idle || signal.aborted ? untilWell(state) : duration(0)
}

/** What has ended in queues that are not listed any more, as after a FLUSHALL, has to be told all the same. */
const astray = ({ hands, route }: State): readonly Stop[] =>
  hands
    .endedIn()
    .filter((queue) => !route.stops.some(({ name }) => name === queue))
    .map((name) => ({ name, cap: 0, weight: 1 }))

/** A fault of the one queue is said, and the others go on; any other fault is the whole round's. */
function sicken({ sick, emit, clock, look }: State, { name }: Stop, error: unknown): void {
  const refusal = refusalOf(error)
  if (refusal === undefined) throw error
  sick.set(name, clock.monotonic() + look)
  emit({ kind: 'error', doing: `claiming and settling jobs in queue ${name}`, error: refusal })
}

const isSick = ({ sick, clock }: State, name: string): boolean => (sick.get(name) ?? 0) > clock.monotonic()

/** A rest that ends when the first queue that was left alone is to be asked again. */
function untilWell({ sick, clock, look }: State): Duration {
  const now = clock.monotonic()
  const open = [...sick.values()].map((until) => until - now).filter((rest) => rest > 0)
  return duration(Math.min(look, ...open))
}

/** What runs under a name that an owner had before is kept there, or told that it is lost, as long as it runs. */
function forgetFormer({ former, hands, renewal }: State): void {
  for (const [owner, keys] of former) {
    if (hands.has(isUnder(owner))) continue
    renewal?.watch(keys, owner, false)
    former.delete(owner)
  }
}

const isDry = ({ dry, clock }: State, { name }: Stop): boolean => (dry.get(name) ?? 0) > clock.monotonic()

/** All is empty only when every queue there is was asked in one and the same round, whatever was found before. */
function lastLook(state: State, asked: number, done: AbortController): Duration {
  const askedAll = asked === state.route.stops.length
  if (state.looksLast && askedAll) done.abort()
  const rest = state.looksLast && !askedAll ? untilWell(state) : duration(0)
  state.looksLast = true
  state.routedAt = Number.NEGATIVE_INFINITY
  state.dry.clear()
  return rest
}

/** Settles and claims in one exchange; what could not be settled is in the hands again. */
async function round(
  state: State,
  stop: Stop,
  settlements: Parameters<Owner['exchange']>[0],
  limit: number,
  signal: AbortSignal,
): Promise<number> {
  state.settling += settlements.length
  try {
    const owner = await ownerOf(state, stop.name)
    const before = owner.id()
    state.woken.delete(stop.name)
    const { jobs, lost } = await owner.exchange(settlements, limit, signal)
    if (lost.length > 0) state.hands.refuse(lost)
    letFollow(state.store, settlements)
    if (limit > 0 && jobs.length === 0 && !state.woken.has(stop.name)) {
      state.dry.set(stop.name, state.clock.monotonic() + state.look)
    }
    // A handler may block the loop from its first line on: the lease must be watched before.
    if (owner.id() !== before) state.former.set(before, owner.keys)
    state.renewal?.watch(owner.keys, owner.id(), owner.held() > 0)
    for (const job of jobs) state.hands.take(job)
    return jobs.length
  } catch (error) {
    state.hands.putBack(settlements)
    throw error
  } finally {
    state.settling -= settlements.length
  }
}

function roomIn({ hands, concurrency }: State, { name, cap }: Stop): number {
  if (name === CANARY) return cap - hands.runningIn(name)
  const free = concurrency - hands.running()
  return cap === Number.POSITIVE_INFINITY ? free : Math.min(free, cap - hands.runningIn(name))
}

async function ownerOf(state: State, queue: string): Promise<Owner> {
  const known = state.owners.get(queue)
  if (known) return known
  const { clock, lease, handlers, kept, expected = () => null } = state
  const onRolledBack = (lost: number): void => state.emit({ kind: 'store.rolledBack', queue, lost })
  const parts = { clock, lease, names: [...handlers.keys()], kept, expected, onRolledBack }
  const owner = await state.store.owner(queue, parts)
  state.owners.set(queue, owner)
  return owner
}

/** Queues that are not named are looked up again every few seconds. */
async function plan(state: State): Promise<void> {
  if (state.clock.monotonic() - state.routedAt < state.look) return
  await state.route.plan(state.handlers.has(CANARY))
  state.routedAt = state.clock.monotonic()
}
