import type { Receipt, ScheduleItem } from '../job/client.ts'

/** Any number of jobs to come. */
export type Items = Iterable<ScheduleItem<unknown>> | AsyncIterable<ScheduleItem<unknown>>

const PAGE = 1_000

/** Puts items one page after the other; a page is taken from the source when the receipts of the one before were taken. */
export async function* receiptPages(
  items: Items,
  put: (item: ScheduleItem<unknown>) => Promise<Receipt>,
): AsyncGenerator<readonly Receipt[]> {
  let page: ScheduleItem<unknown>[] = []
  for await (const item of items) {
    page.push(item)
    if (page.length < PAGE) continue
    yield await Promise.all(page.map(put))
    page = []
  }
  if (page.length > 0) yield await Promise.all(page.map(put))
}
