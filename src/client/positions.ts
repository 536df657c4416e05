import { InvalidJobError } from '../job/errors.ts'
import { BEGIN, type Position } from '../store/selection.ts'

/** Where a walk through queues goes on: in which one, and where there. */
export type Place = { readonly queue: string; readonly at: Position }

/** A place as a text that callers keep; null for the end. */
export const cursorText = (place: Place | null): string | null =>
  place === null
    ? null
    : Buffer.from(JSON.stringify([place.queue, place.at.cursor, ...place.at.rest])).toString('base64url')

/** Reads such a text, undefined for the beginning; InvalidJobError for any other. */
export function placeIn(cursor: unknown): Place | undefined {
  if (cursor === undefined) return undefined
  const [queue, at, ...rest] = typeof cursor === 'string' ? partsOf(cursor) : []
  const isOurs = queue !== undefined && at !== undefined && /^\d+$/.test(at) && rest.every((page) => PAGE.test(page))
  if (isOurs) return { queue, at: { cursor: at, rest } }
  throw new InvalidJobError('the options of a call', ['cursor: must be what `next` of an earlier answer was'])
}

const PAGE = /^\S+( \d+)?$/

function partsOf(cursor: string): readonly string[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    return Array.isArray(parts) && parts.every((part) => typeof part === 'string') ? parts : []
  } catch {
    return []
  }
}

/** Where one goes on in the queues that are meant, in their order; null when the last one was at its end. */
export function placeAfter(queues: readonly string[], { queue }: Place, next: Position | null): Place | null {
  if (next !== null) return { queue, at: next }
  const following = queues.find((each) => each > queue)
  return following === undefined ? null : { queue: following, at: BEGIN }
}

/** Where one begins: at the beginning of the first queue, or where a cursor says, though its queue may be gone. */
export function placeFrom(queues: readonly string[], from: Place | undefined): Place | null {
  if (from === undefined) return queues[0] === undefined ? null : { queue: queues[0], at: BEGIN }
  return queues.includes(from.queue) ? from : placeAfter(queues, from, null)
}
