import { ClockHeldError, type ClockReading, readClock } from '../store/clock-watch.ts'
import { errorOf, faultOf, RedisUnavailableError } from '../store/errors.ts'
import type { Store } from '../store/store.ts'
import { type Clock, duration, type Instant, instant } from '../time/clock.ts'
import type { ParsedWhen } from '../time/due.ts'
import { needsNow, resolve } from '../time/resolve.ts'

/** A due time as the store takes it, and a remark where a change of clocks moved it. */
export type Due = { readonly at: string; readonly note: string | undefined }

/** What is known of Redis' clock: its time now, and whether it is too far from the hosts' for anything to be counted from it. */
type RedisNow = { readonly now: Instant; readonly reading: ClockReading }

/** Redis' clock as a client knows it: looked at once a minute and after each reconnect, at once answered in between. */
export type RedisTime = {
  now(): RedisNow | Promise<RedisNow>
  /** What it should say now, going by the latest look however old that is; null before the first. */
  expected(): number | null
  /** Looks again, because it says something else; answers why nothing may be counted from it, if it is held. Never rejects. */
  lookAgain(): Promise<Error | undefined>
}

const TRUSTED_FOR = 60_000
/** A clock that is held is looked at again at the next call, though not more often than this. */
const HELD_FOR = 1_000
/** When the two clocks of this host part by so much, in milliseconds, one of them was set or stood still. */
const STEPPED = 1_000
/** While Redis is away it is asked again after this long. */
const AWAY = duration(50)

/** What a look saw, and when: by the steady clock of this host, and by its wall clock. */
type Seen = {
  readonly at: number
  readonly monotonic: number
  readonly wall: number
  readonly until: number
  readonly reading: ClockReading
}

type TimeParts = {
  readonly store: () => Promise<Store>
  readonly clock: Clock
  /** How long whoever asks has patience, in milliseconds. */
  readonly timeout: number
}

type State = TimeParts & {
  /** What is trusted now. */
  seen: Seen | undefined
  /** What was seen last; after a failover to another server it still tells the time. */
  latest: Seen | undefined
  looking: Promise<Seen> | undefined
  watched: Store | undefined
  /** How often the connection was lost. */
  losses: number
  /** Until when somebody waits for an answer. */
  patience: number
}

/** Looks at Redis' clock when it must; between two looks the time is carried on by this host's own steady clock. */
export function redisTime(parts: TimeParts): RedisTime {
  const state: State = {
    ...parts,
    seen: undefined,
    latest: undefined,
    looking: undefined,
    watched: undefined,
    losses: 0,
    patience: 0,
  }
  const { clock } = parts
  const carriedOn = ({ at, monotonic, reading }: Seen): RedisNow => ({
    now: instant(Math.floor(at + clock.monotonic() - monotonic)),
    reading,
  })
  return {
    now: () => {
      const { seen } = state
      return seen && isFresh(seen, clock) ? carriedOn(seen) : lookOnce(state).then(carriedOn)
    },
    expected: () => (state.latest ? carriedOn(state.latest).now : null),
    lookAgain: async () => {
      const found = await lookOnce(state).catch(() => undefined)
      return found?.reading.held ? new ClockHeldError(found.reading.apart) : undefined
    },
  }
}

/** The steady clock of a host that sleeps stands still, its wall clock does not. */
const isFresh = ({ monotonic, wall, until }: Seen, clock: Clock): boolean =>
  clock.monotonic() <= until && Math.abs(clock.now() - wall - (clock.monotonic() - monotonic)) < STEPPED

/** One look for all who ask meanwhile; it goes on while one of them has patience. */
function lookOnce(state: State): Promise<Seen> {
  state.patience = state.clock.monotonic() + state.timeout
  if (state.looking) return state.looking
  const looking = look(state)
  state.looking = looking
  const settle = (found: Seen | undefined): void => {
    if (state.looking !== looking) return
    state.seen = found
    state.latest = found ?? state.latest
    state.looking = undefined
  }
  looking.then(settle, () => settle(undefined))
  return looking
}

async function look(state: State): Promise<Seen> {
  const { clock } = state
  for (;;) {
    try {
      return await lookAt(state, await state.store())
    } catch (error) {
      const fault = faultOf(error)
      const isAway = fault.kind !== 'refused' || fault.error instanceof RedisUnavailableError
      if (!isAway || state.watched === undefined || clock.monotonic() + AWAY >= state.patience) throw errorOf(fault)
      await clock.sleep(AWAY)
    }
  }
}

async function lookAt(state: State, store: Store): Promise<Seen> {
  const { clock } = state
  const forget = (): void => {
    state.seen = undefined
    state.losses += 1
  }
  if (state.watched !== store) store.connection.onLost(forget)
  state.watched = store
  const { losses } = state
  const [monotonic, wall] = [clock.monotonic(), clock.now()]
  const at = await store.inspector.time()
  const reading = await readClock(store, clock)
  // The half of it may be another server's.
  if (losses !== state.losses) throw new RedisUnavailableError('the connection was lost')
  return { at, monotonic, wall, reading, until: clock.monotonic() + (reading.held ? HELD_FOR : TRUSTED_FOR) }
}

/** What a time means to the store: a delay that Redis adds to its own time, or an instant. Synchronous while Redis' clock is known. */
export function dueOf(parsed: ParsedWhen, time: RedisTime): Due | Promise<Due> {
  const known = time.now()
  return known instanceof Promise ? known.then((late) => dueBy(parsed, late)) : dueBy(parsed, known)
}

function dueBy(parsed: ParsedWhen, { now, reading }: RedisNow): Due {
  if (reading.held && isRelative(parsed)) throw new ClockHeldError(reading.apart)
  if (!needsNow(parsed) && parsed.kind === 'elapsed') return { at: `+${parsed.delay}`, note: undefined }
  const { dueAt, note } = resolve(parsed, now)
  return { at: `@${dueAt}`, note }
}

const isRelative = ({ kind }: ParsedWhen): boolean => kind === 'elapsed' || kind === 'calendar'
