import { ClockHeldError, type ClockReading, readClock } from '../store/clock-watch.ts'
import { errorOf, faultOf } from '../store/errors.ts'
import type { Store } from '../store/store.ts'
import { type Clock, type Instant, instant } from '../time/clock.ts'
import type { ParsedWhen, When } from '../time/due.ts'
import { parseWhen } from '../time/parse-when.ts'
import { needsNow, resolve } from '../time/resolve.ts'

/** A due time as the store takes it, and a remark where a change of clocks moved it. */
export type Due = { readonly at: string; readonly note: string | undefined }

/** Redis' clock as a client knows it: looked at once a minute and after each reconnect. */
export type RedisTime = {
  /** Redis' time, carried on by this host's own steady clock between two looks. */
  now(): Promise<Instant>
  /** Throws ClockHeldError while Redis' clock is too far from the hosts' for anything to be counted from it. */
  trusted(): Promise<void>
}

const TRUSTED_FOR = 60_000
/** A clock that is held is looked at again at the next call, though not more often than this. */
const HELD_FOR = 1_000

type Seen = { readonly at: number; readonly monotonic: number; readonly reading: ClockReading }

/** Looks at Redis' clock when it must. */
export function redisTime(store: () => Promise<Store>, clock: Clock): RedisTime {
  let seen: Promise<Seen> | undefined
  let due = Number.NEGATIVE_INFINITY
  let watched: Store | undefined
  const look = async (): Promise<Seen> => {
    try {
      const opened = await store()
      if (watched !== opened) opened.connection.onLost(forget)
      watched = opened
      const monotonic = clock.monotonic()
      const at = await opened.inspector.time()
      const reading = await readClock(opened, clock)
      due = clock.monotonic() + (reading.held ? HELD_FOR : TRUSTED_FOR)
      return { at, monotonic, reading }
    } catch (error) {
      seen = undefined
      throw errorOf(faultOf(error))
    }
  }
  const forget = (): void => {
    seen = undefined
  }
  const latest = (): Promise<Seen> => {
    if (seen && clock.monotonic() <= due) return seen
    due = Number.POSITIVE_INFINITY
    seen = look()
    return seen
  }
  return {
    now: async () => {
      const { at, monotonic } = await latest()
      return instant(Math.floor(at + clock.monotonic() - monotonic))
    },
    trusted: async () => {
      const { reading } = await latest()
      if (reading.held) throw new ClockHeldError(reading.apart)
    },
  }
}

/** What a `When` means to the store: a delay that Redis adds to its own time, or an instant. */
export async function dueOf(when: When, time: RedisTime): Promise<Due> {
  const parsed = parseWhen(when)
  if (isRelative(parsed)) await time.trusted()
  if (!needsNow(parsed) && parsed.kind === 'elapsed') return { at: `+${parsed.delay}`, note: undefined }
  const { dueAt, note } = resolve(parsed, await time.now())
  return { at: `@${dueAt}`, note }
}

const isRelative = ({ kind }: ParsedWhen): boolean => kind === 'elapsed' || kind === 'calendar'
