import type { Receipt } from '../job/client.ts'
import { allSettled } from './all-settled.ts'
import { lookAtAll } from './look-at-all.ts'
import { listOf } from './pages.ts'
import type { Parcel } from './parcels.ts'
import { type Asked, askedOf, type Request, requestOf } from './requests.ts'

/** How many jobs are on their way together, of those that one call puts. */
export const PAGE = 1_000

type ManyParts = {
  readonly put: (parcel: Parcel) => Promise<Receipt>
  readonly parcelOf: (asked: Asked) => Parcel | Promise<Parcel>
  readonly payloadLimit: number
}

/** The calls that put many jobs. All are looked at before the first is sent: one that is refused leaves nothing behind. */
export function many({ put, parcelOf, payloadLimit }: ManyParts) {
  const putAll = async (ready: readonly Parcel[]): Promise<readonly Receipt[]> => {
    if (ready.length <= PAGE) return allSettled(ready.map(put))
    const receipts: Receipt[] = []
    for (let first = 0; first < ready.length; first += PAGE) {
      // Each page has the time of a call: a list may be of any length.
      const page = ready.slice(first, first + PAGE).map((parcel) => ({ ...parcel, until: undefined }))
      for (const receipt of await allSettled(page.map(put))) receipts.push(receipt)
    }
    return receipts
  }
  return {
    /** Requests of any types. */
    listed: async (requests: unknown): Promise<readonly Receipt[]> => {
      const list = listOf(requests)
      const standing = { name: 'requests', first: 0, alone: list.length === 1 }
      const look = (request: unknown): Asked | Promise<Asked> => askedOf(requestOf(request), 'either', payloadLimit)
      return putAll(await lookAtAll(await lookAtAll(list, standing, look), standing, parcelOf))
    },
    /** One page of jobs of a type. */
    paged: async (job: unknown, page: readonly unknown[], first: number): Promise<readonly Receipt[]> => {
      const standing = { name: 'items', first, alone: false }
      const look = (item: unknown): Asked | Promise<Asked> => askedOf(itemOf(job, item), 'later', payloadLimit)
      return putAll(await lookAtAll(await lookAtAll(page, standing, look), standing, parcelOf))
    },
  }
}

/** What a caller gives for one of many jobs of a type: its payload beside its options. */
function itemOf(job: unknown, item: unknown): Request {
  if (typeof item !== 'object' || item === null) return { job, options: item }
  const { payload, ...options } = item as Readonly<Record<string, unknown>>
  return { job, payload, options }
}
