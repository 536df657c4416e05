/** 'a', 'a and b', 'a, b and c'. */
export function listed(items: readonly string[], word = 'and'): string {
  const last = items.at(-1) ?? ''
  return items.length < 2 ? last : `${items.slice(0, -1).join(', ')} ${word} ${last}`
}

/** '1st', '2nd', '3rd', '11th', '22nd'. */
export function ordinal(value: number): string {
  const tens = value % 100
  if (tens >= 11 && tens <= 13) return `${value}th`
  return `${value}${{ 1: 'st', 2: 'nd', 3: 'rd' }[value % 10] ?? 'th'}`
}

/** '1 minute', '5 minutes'. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`

export const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const

export const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const

/** Numbers at an even distance. */
export type Progression = { readonly first: number; readonly step: number; readonly last: number }

/** The progression that sorted numbers make; undefined when there are fewer than two, or their distances differ. */
export function progression(sorted: readonly number[]): Progression | undefined {
  const [first, second, last] = [sorted[0], sorted[1], sorted.at(-1)]
  if (first === undefined || second === undefined || last === undefined) return undefined
  const step = second - first
  return sorted.every((value, i) => value === first + i * step) ? { first, step, last } : undefined
}

/** More numbers than this at an even distance are shortened: '1, 3, 5, …, 59'. */
const MOST_LISTED = 6

/** Sorted numbers as items for a list: three in a row become one item, '9 to 17'; nothing else is left out. */
export function runs(sorted: readonly number[], name: (value: number) => string = String): readonly string[] {
  const even = progression(sorted)
  if (even !== undefined && even.step > 1 && sorted.length > MOST_LISTED) {
    return [...sorted.slice(0, 3).map(name), '…', name(even.last)]
  }
  const items: string[] = []
  for (let i = 0; i < sorted.length; ) {
    const start = sorted[i] ?? 0
    let end = i
    while (sorted[end + 1] === start + end + 1 - i) end += 1
    const length = end - i + 1
    if (length >= 3) items.push(`${name(start)} to ${name(start + length - 1)}`)
    else for (let k = 0; k < length; k++) items.push(name(start + k))
    i = end + 1
  }
  return items
}

/** `runs` as a list: '0, 15 and 30', '9 to 17 and 20', '1, 3, 5, …, 59'. */
export function numbers(sorted: readonly number[], name: (value: number) => string = String, word = 'and'): string {
  const items = runs(sorted, name)
  return items.includes('…') ? items.join(', ') : listed(items, word)
}
