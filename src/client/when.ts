import { ClockHeldError, type ClockReading, readClock } from '../store/clock-watch.ts'
import { errorOf, faultOf } from '../store/errors.ts'
import type { Store } from '../store/store.ts'
import { type Clock, type Instant, instant } from '../time/clock.ts'
import type { ParsedWhen } from '../time/due.ts'
import { needsNow, resolve } from '../time/resolve.ts'

/** A due time as the store takes it, and a remark where a change of clocks moved it. */
export type Due = { readonly at: string; readonly note: string | undefined }

/** What is known of Redis' clock: its time now, and whether it is too far from the hosts' for anything to be counted from it. */
type RedisNow = { readonly now: Instant; readonly reading: ClockReading }

/** Redis' clock as a client knows it: looked at once a minute and after each reconnect, at once answered in between. */
export type RedisTime = () => RedisNow | Promise<RedisNow>

const TRUSTED_FOR = 60_000
/** A clock that is held is looked at again at the next call, though not more often than this. */
const HELD_FOR = 1_000

type Seen = { readonly at: number; readonly monotonic: number; readonly until: number; readonly reading: ClockReading }

/** Looks at Redis' clock when it must; between two looks the time is carried on by this host's own steady clock. */
export function redisTime(store: () => Promise<Store>, clock: Clock): RedisTime {
  let seen: Seen | undefined
  let looking: Promise<Seen> | undefined
  let watched: Store | undefined
  const forget = (): void => {
    seen = undefined
    looking = undefined
  }
  const look = async (): Promise<Seen> => {
    try {
      const opened = await store()
      if (watched !== opened) opened.connection.onLost(forget)
      watched = opened
      const monotonic = clock.monotonic()
      const at = await opened.inspector.time()
      const reading = await readClock(opened, clock)
      return { at, monotonic, reading, until: clock.monotonic() + (reading.held ? HELD_FOR : TRUSTED_FOR) }
    } catch (error) {
      throw errorOf(faultOf(error))
    }
  }
  const lookAgain = (): Promise<Seen> => {
    const latest = look()
    looking = latest
    const settle = (found: Seen | undefined): void => {
      if (looking !== latest) return
      seen = found
      looking = undefined
    }
    latest.then(settle, () => settle(undefined))
    return latest
  }
  const carriedOn = ({ at, monotonic, reading }: Seen): RedisNow => ({
    now: instant(Math.floor(at + clock.monotonic() - monotonic)),
    reading,
  })
  return () => (seen && clock.monotonic() <= seen.until ? carriedOn(seen) : (looking ?? lookAgain()).then(carriedOn))
}

/** What a time means to the store: a delay that Redis adds to its own time, or an instant. Synchronous while Redis' clock is known. */
export function dueOf(parsed: ParsedWhen, time: RedisTime): Due | Promise<Due> {
  const known = time()
  return known instanceof Promise ? known.then((late) => dueBy(parsed, late)) : dueBy(parsed, known)
}

function dueBy(parsed: ParsedWhen, { now, reading }: RedisNow): Due {
  if (reading.held && isRelative(parsed)) throw new ClockHeldError(reading.apart)
  if (!needsNow(parsed) && parsed.kind === 'elapsed') return { at: `+${parsed.delay}`, note: undefined }
  const { dueAt, note } = resolve(parsed, now)
  return { at: `@${dueAt}`, note }
}

const isRelative = ({ kind }: ParsedWhen): boolean => kind === 'elapsed' || kind === 'calendar'
