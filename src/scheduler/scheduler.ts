import type { Emit } from '../job/events.ts'
import { CANARY } from '../job/names.ts'
import { type Bell, bell, loop } from '../lifecycle/loop.ts'
import { type Service, service } from '../lifecycle/service.ts'
import type { Connection } from '../store/connection.ts'
import { refusalOf } from '../store/errors.ts'
import { KEPT, type Keeper, type Kept, LOOK } from '../store/keeper.ts'
import type { Store } from '../store/store.ts'
import { type Clock, type Duration, duration } from '../time/clock.ts'
import { openFiring } from './fire.ts'
import { type Ledgers, openLedgers } from './ledgers.ts'

/** What a scheduler is made of. */
export type SchedulerParts = {
  readonly store: Store
  /** A second connection, which hears wake-ups; without it the scheduler looks every 5 s. */
  readonly ears: Connection | undefined
  readonly clock: Clock
  /** Names this scheduler among others. */
  readonly id: string
  /** The version of this process's time-zone data. */
  readonly tz: string
  /** How long a job whose name nobody knows is held. */
  readonly unknownFor: Duration
  readonly kept?: Kept
  readonly emit: Emit
  /** Whether Redis' clock is so far from the hosts' that nothing may be moved by time. */
  readonly clockHeld: () => boolean
  /** Sees to it that `clockHeld` knows of a clock that has just leapt. */
  readonly watchClock?: () => Promise<void>
  /** What Redis' clock says at most unless it has leapt; null while that is not known. */
  readonly latest?: () => number | null
}

/** A scheduler's rounds; a test calls one and looks. */
export type Scheduler = {
  /** Promotes, fires and reclaims what is due in every queue that was not looked at since its last due instant. */
  tick(): Promise<Duration>
  /** Drops a portion of what is kept no longer, and buries one of what nobody knows, in every queue. */
  tidy(): Promise<Duration>
  /** A wake-up came: `due QUEUE`. */
  hear(message: string): void
  /** Keeps no queue any longer, so that another scheduler is not late for its next tick; after the last round. */
  leave(): Promise<void>
}

/** How many workers may be lost over a job. */
const CRASHES = 3
/** Another scheduler looks at the due instant itself; this one looks so much later, so that a death costs no more. */
const SPARED = 50
const TIDY = duration(10_000)
/** Rounds that follow each other at once ask for Redis' time once in so long: what a leap in between could move early is bounded. */
const WATCHED_FOR = 50

/** Something that is done in a queue when its time has come; `look` answers how long it may then be left alone. */
type Chore = { lookAt: number; readonly doing: string; readonly look: () => Promise<Duration> }

const CHORES = ['promote', 'reclaim', 'fire', 'follow'] as const

type Hand = { readonly keeper: Keeper } & { readonly [Kind in (typeof CHORES)[number]]: Chore }

/** Opens a scheduler's rounds over all queues. */
export function openScheduler(parts: SchedulerParts, wake: Bell = bell()): Scheduler {
  const { store, clock } = parts
  const ledgers = openLedgers(store, (doing, error) => sayRefused(parts.emit, doing, error))
  const { all, handOf, list, listedAt } = openHands(parts, ledgers)
  // Jobs of all queues are moved before the ticks of any are made: there may be thousands of those.
  const chores = (): Chore[] => CHORES.flatMap((kind) => all().map((hand) => hand[kind]))
  store.connection.onReady(() => {
    for (const chore of chores()) chore.lookAt = 0
    wake.ring()
  })
  let watchedAt = Number.NEGATIVE_INFINITY
  return {
    tick: async () => {
      if (clock.monotonic() - watchedAt >= WATCHED_FOR) {
        await parts.watchClock?.()
        watchedAt = clock.monotonic()
      }
      if (parts.clockHeld()) return duration(1_000)
      await list()
      const due = chores().filter(({ lookAt }) => lookAt <= clock.monotonic())
      for (const chore of due) chore.lookAt = Number.POSITIVE_INFINITY
      await Promise.all(due.map((chore) => visit(parts, chore)))
      const next = Math.min(listedAt() + LOOK, ...chores().map(({ lookAt }) => lookAt))
      return duration(Math.max(0, Math.ceil(next - clock.monotonic())))
    },
    tidy: () => tidy(parts, ledgers, all()),
    hear: (message) => {
      if (!message.startsWith('due ')) return
      const { promote, fire } = handOf(message.slice('due '.length))
      promote.lookAt = 0
      fire.lookAt = 0
      wake.ring()
    },
    leave: async () => {
      await Promise.allSettled(all().map(({ keeper }) => keeper.yield(parts.id)))
    },
  }
}

/** The hands in all queues; new queues are looked for every few seconds. */
function openHands(parts: SchedulerParts, ledgers: Ledgers) {
  const { store, clock } = parts
  const hands = new Map<string, Hand>()
  let listedAt = Number.NEGATIVE_INFINITY
  const handOf = (queue: string): Hand => {
    const hand = hands.get(queue) ?? openHand(parts, ledgers, store.keeper(queue))
    hands.set(queue, hand)
    return hand
  }
  const list = async (): Promise<void> => {
    if (clock.monotonic() - listedAt < LOOK) return
    for (const queue of await store.space.allQueues()) handOf(queue)
    listedAt = clock.monotonic()
  }
  return { all: (): Hand[] => [...hands.values()], handOf, list, listedAt: () => listedAt }
}

/** Does a chore and notes when to come back. */
async function visit({ clock, emit }: SchedulerParts, chore: Chore): Promise<void> {
  const rest = await chore.look().catch((error: unknown) => {
    if (refusalOf(error) === undefined) chore.lookAt = 0
    sayRefused(emit, chore.doing, error)
    return LOOK
  })
  // A wake-up that came meanwhile has set it back already, and may make this answer untrue.
  if (chore.lookAt > 0) chore.lookAt = clock.monotonic() + rest
}

/** What Redis refuses in one queue is said, and keeps nobody from the others; any other fault is thrown again. */
function sayRefused(emit: Emit, doing: string, error: unknown): void {
  const refusal = refusalOf(error)
  if (refusal === undefined) throw error
  emit({ kind: 'error', doing, error: refusal })
}

/** What a scheduler does in one queue, each at its own time: a job that is due costs no look at leases and ticks. */
function openHand(parts: SchedulerParts, ledgers: Ledgers, keeper: Keeper): Hand {
  const { emit, id } = parts
  const { queue } = keeper
  const fire = openFiring({ ...parts, onTold: ledgers.told }, queue)
  let later = 0
  const chore = (does: string, look: () => Promise<Duration>): Chore => ({
    lookAt: 0,
    doing: `${does} in queue ${queue}`,
    look,
  })
  const rest = (nextIn: Duration | null): Duration =>
    duration(Math.min(LOOK, nextIn === null ? LOOK : nextIn > 0 ? nextIn + later : 0))
  return {
    keeper,
    promote: chore('moving due jobs', async () => {
      const { moved, nextIn, spared } = await keeper.promote(id, parts.latest?.())
      later = spared ? SPARED : 0
      if (moved > 0) emit({ kind: 'jobs.promoted', queue, count: moved })
      return rest(nextIn)
    }),
    reclaim: chore('taking back the jobs of lost workers', async () => {
      const { back, died, nextIn } = await keeper.reclaim(CRASHES, parts.latest?.())
      if (back > 0) emit({ kind: 'jobs.reclaimed', queue, count: back })
      if (died > 0) emit({ kind: 'jobs.buried', queue, count: died, reason: 'lost-worker' })
      return duration(Math.min(LOOK, nextIn ?? LOOK))
    }),
    follow: chore('letting runs follow each other', () => letFollow(parts, queue)),
    fire: chore('firing ticks', async () => rest(await fire())),
  }
}

/** A run of a schedule that waits behind an earlier one begins when that is over; the worker that ended it was the first to look. */
async function letFollow({ store }: SchedulerParts, queue: string): Promise<Duration> {
  await Promise.all((await store.schedules.waiting(queue)).map((id) => store.schedules.admit({ id, queue })))
  return LOOK
}

async function tidy(parts: SchedulerParts, ledgers: Ledgers, hands: readonly Hand[]): Promise<Duration> {
  await parts.watchClock?.()
  if (parts.clockHeld()) return TIDY
  const now = await parts.store.inspector.time()
  if (now > (parts.latest?.() ?? now)) return TIDY
  await ledgers.tidy(now)
  let more = false
  for (const { keeper } of hands) more = (await tidyOne(parts, keeper)) || more
  return more ? duration(1) : TIDY
}

/** Answers whether there is more to drop. */
async function tidyOne(parts: SchedulerParts, keeper: Keeper): Promise<boolean> {
  const { store, unknownFor, kept = KEPT, emit, latest } = parts
  const { queue } = keeper
  try {
    if (queue !== CANARY) await store.pauses.follow(queue)
    const count = await keeper.giveUp(unknownFor, latest?.())
    if (count > 0) emit({ kind: 'jobs.buried', queue, count, reason: 'unknown-job' })
    return await keeper.prune(kept, latest?.())
  } catch (error) {
    sayRefused(emit, `dropping what is over in queue ${queue}`, error)
    return false
  }
}

/** The scheduler as a service: two loops, one for what is due and one for what is over. */
export function schedulerService(parts: SchedulerParts): Service {
  const { clock, emit } = parts
  const wake = bell()
  const scheduler = openScheduler(parts, wake)
  const failed =
    (doing: string) =>
    (error: unknown): void =>
      emit({ kind: 'error', doing, error })
  return service({
    name: 'the scheduler',
    start: async () => {
      await parts.ears?.listen(parts.store.space.keys.wakes, (_channel, message) => scheduler.hear(message))
    },
    run: async (signal) => {
      await Promise.all([
        loop({ tick: scheduler.tick, clock, signal, wake, onError: failed('moving what is due') }),
        loop({ tick: scheduler.tidy, clock, signal, onError: failed('dropping what is over') }),
      ])
    },
    stop: scheduler.leave,
  })
}
