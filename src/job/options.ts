import { excerpt, MorrowError, nearest } from '../errors.ts'

type Bounds = { readonly least: number; readonly most: number }

/** Answers what `read` answers; when it throws an error of ours, notes its message as a fault and answers `fallback`. */
export function noting<Value>(faults: string[], fallback: Value, read: () => Value): Value {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof MorrowError)) throw error
    faults.push(error.message)
    return fallback
  }
}

/** Answers the properties of an options object; notes a fault when it is none, and for each key that is not known. */
export function fieldsOf(
  value: unknown,
  where: string,
  known: readonly string[],
  faults: string[],
): Readonly<Record<string, unknown>> {
  if (value === undefined) return {}
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    faults.push(`${where}: must be an object with ${known.join(', ')}, got ${excerpt(value)}`)
    return {}
  }
  for (const key of Object.keys(value).filter((key) => !known.includes(key))) {
    const meant = nearest(key, known)
    const hint = meant === undefined ? `known are ${known.join(', ')}` : `did you mean '${meant}'?`
    faults.push(`${where}: there is no option ${excerpt(key)}: ${hint}`)
  }
  return { ...value }
}

/** Answers a number within bounds, or `fallback` when it is not given or, noting a fault, when it is something else. */
export const numberOf = (value: unknown, where: string, bounds: Bounds, fallback: number, faults: string[]): number =>
  within('a number', value, where, bounds, fallback, faults)

/** As numberOf, for whole numbers. */
export const wholeNumberOf = (
  value: unknown,
  where: string,
  bounds: Bounds,
  fallback: number,
  faults: string[],
): number => within('a whole number', value, where, bounds, fallback, faults)

function within(
  kind: 'a number' | 'a whole number',
  value: unknown,
  where: string,
  { least, most }: Bounds,
  fallback: number,
  faults: string[],
): number {
  if (value === undefined) return fallback
  const inside = typeof value === 'number' && value >= least && value <= most
  if (inside && (kind === 'a number' || Number.isInteger(value))) return value
  faults.push(`${where}: must be ${kind} from ${least} to ${most}, got ${excerpt(value)}`)
  return fallback
}
