import type { RetryOverride } from '../job/retry.ts'
import { readRetry } from '../job/retry.ts'
import { type Fields, report, wholeAt } from './fields.ts'
import { type Entry, jsonOf, type Tree } from './yaml-tree.ts'

/** Reads `retry: 3` or `retry: { attempts, backoff, jitter }`, by the rules of job types; undefined when there are faults. */
export function readRetryOverride(fields: Fields, entry: Entry): RetryOverride | undefined {
  if (entry.value.kind === 'scalar') {
    const attempts = wholeAt(fields, entry, 1, 1_000)
    return attempts === undefined ? undefined : { attempts }
  }
  const faults: string[] = []
  const said = jsonOf(entry.value)
  const policy = readRetry(said, faults, ['attempts', 'backoff', 'jitter'])
  for (const fault of faults) report(fields, placeOf(entry, fault), '', fault)
  if (faults.length > 0 || typeof said !== 'object' || said === null) return undefined
  const { attempts, backoff, jitter } = policy
  const spaced = 'backoff' in said && backoff.kind !== 'function'
  return {
    ...('attempts' in said ? { attempts } : {}),
    ...(spaced ? { backoff } : {}),
    ...(spaced || 'jitter' in said ? { jitter } : {}),
  }
}

/** Where the key stands that begins a fault, as 'retry.backoff.first: …'. */
function placeOf(entry: Entry, fault: string): Tree['place'] {
  const [, ...keys] = /^[\w.]+/.exec(fault)?.[0].split('.') ?? []
  let tree = entry.value
  for (const key of keys) {
    const inner = tree.kind === 'map' ? tree.entries.find((one) => one.key === key) : undefined
    tree = inner?.value ?? tree
  }
  return tree.place
}
