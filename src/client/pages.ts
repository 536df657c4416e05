import { excerpt } from '../errors.ts'
import { InvalidJobError } from '../job/errors.ts'

/** Takes what comes page by page; the next page is taken from the source when the answer for the one before was taken. */
export async function* pagesOf<Answer>(
  source: unknown,
  size: number,
  take: (page: readonly unknown[], first: number) => Promise<Answer>,
): AsyncGenerator<Answer> {
  if (!isIterable(source)) throw notIterable(source)
  let first = 0
  let page: unknown[] = []
  for await (const item of source) {
    page.push(item)
    if (page.length < size) continue
    yield await take(page, first)
    first += size
    page = []
  }
  if (page.length > 0) yield await take(page, first)
}

/** Answers what can be gone through as a list, or throws InvalidJobError. */
export function listOf(source: unknown): readonly unknown[] {
  if (isIterable(source) && Symbol.iterator in source) return [...source]
  throw notIterable(source)
}

type Source = Iterable<unknown> | AsyncIterable<unknown>

const isIterable = (value: unknown): value is Source =>
  typeof value === 'object' && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value)

function notIterable(value: unknown): InvalidJobError {
  const isAsync = isIterable(value)
  const came = isAsync ? 'what is iterable with for await only: scheduleMany takes such' : excerpt(value)
  return new InvalidJobError('the jobs of a call', [`must be an array or another iterable, got ${came}`])
}
