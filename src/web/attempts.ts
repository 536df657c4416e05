import { type Clock, duration } from '../time/clock.ts'
import { systemClock } from '../time/system-clock.ts'

/** Who tries a password: the address that a connection comes from, and whom the last proxy says it speaks for. */
export type Visitor = { readonly remote: string | undefined; readonly forwardedFor: string | undefined }

/** Counts wrong passwords, so that nobody tries many. It remembers a bounded number of addresses. */
export type Attempts = {
  /** For how many seconds a password of this visitor is not looked at, right or wrong; 0 when it is. */
  waitFor(visitor: Visitor): number
  wrong(visitor: Visitor): void
  right(visitor: Visitor): void
}

/** So many wrong passwords a minute are looked at from one address; and from all that come through one proxy. */
const MOST_OF_ONE = 10
const MOST_OF_PROXY = 100
const MINUTE = duration(60_000)
/** Who gave the right one is not kept out by others behind the same proxy for so long. */
const TRUSTED_FOR = duration(30 * 60_000)
/** Addresses remembered; of more, those not heard of for longest are forgotten. */
const MOST_ADDRESSES = 2_000

type Count = { wrong: number; since: number; rightAt: number }

/** Begins to count. */
export function openAttempts(clock: Pick<Clock, 'monotonic'> = systemClock): Attempts {
  const counts = new Map<string, Count>()
  const countOf = (key: string): Count => {
    const now = clock.monotonic()
    const found = counts.get(key) ?? { wrong: 0, since: now, rightAt: Number.NEGATIVE_INFINITY }
    return now - found.since < MINUTE ? found : { wrong: 0, since: now, rightAt: found.rightAt }
  }
  const keep = (key: string, count: Count): void => {
    counts.delete(key)
    counts.set(key, count)
    if (counts.size <= MOST_ADDRESSES) return
    const [oldest] = counts.keys()
    if (oldest !== undefined) counts.delete(oldest)
  }
  const more = (key: string): void => keep(key, { ...countOf(key), wrong: countOf(key).wrong + 1 })
  return {
    waitFor: (visitor) => {
      const { own, proxy } = keysOf(visitor)
      const now = clock.monotonic()
      const rest = (count: Count, most: number): number =>
        count.wrong < most ? 0 : Math.ceil((count.since + MINUTE - now) / 1_000)
      const mine = countOf(own)
      const isTrusted = proxy === undefined || now - mine.rightAt < TRUSTED_FOR
      return Math.max(rest(mine, MOST_OF_ONE), isTrusted ? 0 : rest(countOf(proxy), MOST_OF_PROXY))
    },
    wrong: (visitor) => {
      const { own, proxy } = keysOf(visitor)
      more(own)
      if (proxy !== undefined) more(proxy)
    },
    right: (visitor) => {
      const { own } = keysOf(visitor)
      keep(own, { ...countOf(own), rightAt: clock.monotonic() })
    },
  }
}

/** What proxies say is anybody's to write but the last address, which the nearest one has added. */
function keysOf({ remote = '', forwardedFor }: Visitor): { readonly own: string; readonly proxy: string | undefined } {
  const from = networkOf(remote)
  if (forwardedFor === undefined) return { own: from, proxy: undefined }
  const last = forwardedFor.slice(forwardedFor.lastIndexOf(',') + 1).trim()
  return { own: `${from} for ${networkOf(last)}`, proxy: `${from} for others` }
}

/** An address; of IPv6 the network that one customer has. */
function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:/i, '').slice(0, 45)
  if (!plain.includes(':')) return plain
  const [head = '', tail] = plain.split('::')
  const groups = head.split(':').filter(Boolean)
  const rest = tail?.split(':').filter(Boolean) ?? []
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - rest.length)
  return [...groups, ...Array<string>(zeros).fill('0'), ...rest].slice(0, 4).join(':')
}
