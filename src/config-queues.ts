import { ConfigError } from './config-error.ts'
import { excerpt } from './errors.ts'
import { queueName } from './job/names.ts'
import { isMatch, isOpenEnded, type QueueEntry, type QueueOrder, titleOf } from './job/queue-choice.ts'

export type { QueueEntry, QueueOrder } from './job/queue-choice.ts'

/** Every queue there is, with no cap: what a worker takes from unless told. */
export const ALL_QUEUES: QueueOrder = [{ kind: 'rest', cap: undefined }]

/**
 * Reads `critical,mail:50,low-*,!low-test,*` (or its parts as a list) into a strict order, or `mail=3,*` into one by weight; throws
 * ConfigError with all faults.
 */
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
  faults.push(...exclusionFaults(entries, what))
  if (faults.length > 0) throw new ConfigError(faults)
  return entries
}

const nameOf = (part: string): string => /^[^=:]*/.exec(part)?.[0].trim() ?? ''

/** The numbers that may follow a name: how often it comes first, and how many of its jobs run here at once. */
const NUMBERS = /^[^=:]*(?:=\s*(?<weight>[^:]*?)\s*)?(?::\s*(?<cap>.*))?$/

function entry(part: string, what: string, faults: string[]): readonly QueueEntry[] {
  const { weight, cap } = NUMBERS.exec(part)?.groups ?? {}
  if (cap?.includes('=')) {
    faults.push(`${what}: expected the weight before the cap, as in mail=3:50, got ${excerpt(part)}`)
    return []
  }
  if (cap !== undefined && !/^[1-9]\d{0,5}$/.test(cap)) {
    faults.push(
      `${what}: expected a whole number from 1 after the colon (how many run here at once), got ${excerpt(part)}`,
    )
    return []
  }
  if (weight !== undefined && !/^[1-9]\d{0,2}$/.test(weight)) {
    faults.push(
      `${what}: expected a whole number from 1 to 999 after = (how often it comes first, beside the others), got ${excerpt(part)}`,
    )
    return []
  }
  const name = nameOf(part)
  if (name.startsWith('!')) return excluded(name.slice(1), weight ?? cap, { part, what }, faults)
  const share = {
    cap: cap === undefined ? undefined : Number(cap),
    ...(weight === undefined ? {} : { weight: Number(weight) }),
  }
  if (name === '*') return [{ kind: 'rest', ...share }]
  if (!isName(name, what, faults)) return []
  return [{ kind: name.includes('*') ? 'glob' : 'queue', name, ...share }]
}

function excluded(
  name: string,
  number: string | undefined,
  { part, what }: { readonly part: string; readonly what: string },
  faults: string[],
): readonly QueueEntry[] {
  if (number !== undefined) {
    faults.push(`${what}: expected neither a weight nor a cap for what is excluded, got ${excerpt(part)}`)
    return []
  }
  if (/^\*+$/.test(name)) {
    faults.push(`${what}: ${excerpt(part)} excludes every queue; name those that this worker shall not take from`)
    return []
  }
  return isName(name, what, faults) ? [{ kind: 'not', name }] : []
}

/** Whether a name, or one with stars in it, may be a queue's; notes a fault when not. */
function isName(name: string, what: string, faults: string[]): boolean {
  try {
    queueName(name.replaceAll('*', 'x'), what)
    return true
  } catch {
    try {
      queueName(name, what)
    } catch (error) {
      faults.push(error instanceof Error ? error.message : String(error))
    }
    return false
  }
}

/** An exclusion that excludes nothing, or what is named beside it, cannot be meant. */
function exclusionFaults(entries: QueueOrder, what: string): readonly string[] {
  const names = entries.flatMap((each) => (each.kind === 'queue' ? [each.name] : []))
  return entries.flatMap((each) => {
    if (each.kind !== 'not') return []
    const clash = names.filter((name) => isMatch(each.name, name))
    if (clash.length > 0)
      return [`${what}: ${clash.join(', ')} is named, and ${titleOf(each)} excludes it; keep one of them`]
    if (isOpenEnded(entries)) return []
    return [`${what}: ${titleOf(each)} excludes from nothing; say from what, as in *,${titleOf(each)}`]
  })
}
