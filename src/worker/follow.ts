import type { Settlement } from '../store/settlement.ts'
import type { Store } from '../store/store.ts'

/**
 * The next run of a schedule may wait for the end of one of these: it may begin. If the word does not arrive, the scheduler
 * looks a few seconds later.
 */
export function letFollow({ schedules }: Store, ended: readonly Settlement[]): void {
  for (const { job } of ended) {
    if (!job.record.extension.tick?.follows) continue
    const id = job.page.slice(0, job.page.indexOf(':'))
    schedules.admit({ id, queue: job.queue }).catch(() => undefined)
  }
}
