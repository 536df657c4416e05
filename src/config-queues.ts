import { ConfigError } from './config-error.ts'
import { excerpt } from './errors.ts'
import { queueName } from './job/names.ts'

/** One place in the strict order in which a worker takes from queues; `cap` bounds how many of its jobs run here at once. */
export type QueueEntry =
  | { readonly kind: 'queue'; readonly name: string; readonly cap: number | undefined }
  /** `*`: all queues that are not named, also those to come. */
  | { readonly kind: 'rest'; readonly cap: number | undefined }

/** The queues of a worker, the most urgent first. */
export type QueueOrder = readonly QueueEntry[]

/** Every queue there is, with no cap: what a worker takes from unless told. */
export const ALL_QUEUES: QueueOrder = [{ kind: 'rest', cap: undefined }]

/** Reads `critical,mail:50,*` (or its parts as a list) into a strict order; throws ConfigError with all faults. */
export function parseQueues(raw: unknown, what = 'queues'): QueueOrder {
  const given: readonly unknown[] = Array.isArray(raw) ? raw : String(raw).split(',')
  const faults = given.flatMap((part) =>
    typeof part === 'string' ? [] : [`${what}: expected a text such as mail or mail:50, got ${excerpt(part)}`],
  )
  const parts = given.flatMap((part) => (typeof part === 'string' ? [part.trim()] : []))
  const entries = parts.flatMap((part, index) => {
    if (parts.findIndex((other) => nameOf(other) === nameOf(part)) < index) {
      faults.push(`${what}: ${excerpt(nameOf(part))} stands twice; its first place counts, so take the second away`)
      return []
    }
    return entry(part, what, faults)
  })
  if (given.length === 0) faults.push(`${what}: expected at least one queue, got an empty list; leave it out for all`)
  if (faults.length > 0) throw new ConfigError(faults)
  return entries
}

const nameOf = (part: string): string => part.split(':')[0]?.trim() ?? ''

function entry(part: string, what: string, faults: string[]): readonly QueueEntry[] {
  const [, cap] = /:\s*(.*)$/.exec(part) ?? []
  if (cap !== undefined && !/^[1-9]\d{0,5}$/.test(cap)) {
    faults.push(
      `${what}: expected a whole number from 1 after the colon (how many run here at once), got ${excerpt(part)}`,
    )
    return []
  }
  const limit = cap === undefined ? undefined : Number(cap)
  if (nameOf(part) === '*') return [{ kind: 'rest', cap: limit }]
  try {
    return [{ kind: 'queue', name: queueName(nameOf(part), what), cap: limit }]
  } catch (error) {
    faults.push(error instanceof Error ? error.message : String(error))
    return []
  }
}
