/** One place in the order in which a worker takes from queues. */
export type QueueEntry =
  | ({ readonly kind: 'queue'; readonly name: string } & Share)
  /** Queues whose names match, `*` standing for any characters, those to come included, but for those that are named. */
  | ({ readonly kind: 'glob'; readonly name: string } & Share)
  /** `*`: all queues that no other entry stands for, also those to come. */
  | ({ readonly kind: 'rest' } & Share)
  /** Queues that no glob and no `*` stands for. */
  | { readonly kind: 'not'; readonly name: string }

type Share = {
  /** How many jobs of such a queue run here at once. */
  readonly cap: number | undefined
  /** How often such a queue comes first, beside others; with one of them said the order is no longer strict. */
  readonly weight?: number
}

/** The queues of a worker: the most urgent first, or each as often as its weight says. */
export type QueueOrder = readonly QueueEntry[]

/** A queue that a worker takes from. */
export type Stop = { readonly name: string; readonly cap: number; readonly weight: number }

/** Whether a queue's name matches a pattern. */
export function isMatch(pattern: string, name: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.]/g, '\\.'))
  return new RegExp(`^${parts.join('.*')}$`).test(name)
}

/** The queues that a worker takes from when these are known, in the order written; what stands for several has them by name. */
export function stopsOf(order: QueueOrder, known: readonly string[]): readonly Stop[] {
  const named = new Set(order.flatMap((each) => (each.kind === 'queue' ? [each.name] : [])))
  const free = known.filter((name) => !named.has(name) && !isExcluded(order, name))
  const globs = order.flatMap((each) => (each.kind === 'glob' ? [each.name] : []))
  const globOf = (name: string): string | undefined => globs.find((glob) => isMatch(glob, name))
  return order.flatMap((each) => {
    if (each.kind === 'not') return []
    const { cap = Number.POSITIVE_INFINITY, weight = 1 } = each
    const names = each.kind === 'queue' ? [each.name] : free.filter((name) => globOf(name) === patternOf(each))
    return names.map((name) => ({ name, cap, weight }))
  })
}

const patternOf = (entry: QueueEntry): string | undefined => (entry.kind === 'glob' ? entry.name : undefined)

const isExcluded = (order: QueueOrder, name: string): boolean =>
  order.some((each) => each.kind === 'not' && isMatch(each.name, name))

/** Whether queues are to be looked up, because not all are named. */
export const isOpenEnded = (order: QueueOrder): boolean => order.some(({ kind }) => kind === 'glob' || kind === 'rest')

/** Whether each comes first as often as its weight says. */
export const isWeighted = (order: QueueOrder): boolean =>
  order.some((each) => each.kind !== 'not' && each.weight !== undefined)

/** What an entry stands for, as it is written: `mail`, `low-*`, `*`, `!low-test`. */
export const titleOf = (entry: QueueEntry): string =>
  entry.kind === 'rest' ? '*' : entry.kind === 'not' ? `!${entry.name}` : entry.name

/** An entry as it is written, with weight and cap: `mail=3:50`. */
export function entryText(entry: QueueEntry): string {
  if (entry.kind === 'not') return titleOf(entry)
  const weight = entry.weight === undefined ? '' : `=${entry.weight}`
  return `${titleOf(entry)}${weight}${entry.cap === undefined ? '' : `:${entry.cap}`}`
}

/** Whether a worker that says of itself that it takes from these (as `titleOf` writes them) serves a queue. */
export function isServed(titles: readonly string[], queue: string): boolean {
  if (titles.includes(queue)) return true
  const isExcepted = titles.some((title) => title.startsWith('!') && isMatch(title.slice(1), queue))
  return !isExcepted && titles.some((title) => title.includes('*') && !title.startsWith('!') && isMatch(title, queue))
}
