import type { Emit } from '../job/events.ts'
import { cancelledAmong } from '../store/cancels.ts'
import type { ClaimedJob } from '../store/claimed-job.ts'
import type { Store } from '../store/store.ts'
import type { Clock } from '../time/clock.ts'
import { SECOND } from '../time/duration.ts'
import type { Hands } from './hands.ts'

/** How a worker learns that a job in its hands is cancelled. */
export type Cancels = {
  /** A hint came: `cancel QUEUE PAGE SLOT`; any other message is none. */
  hear(message: string): void
  /** Whether a hint about a job came before the answer of the claim that took it. */
  heardOf(job: ClaimedJob): boolean
  /** Asks the store which of these are cancelled; finds what a hint that was lost would have told. Never rejects. */
  look(which: (job: ClaimedJob) => boolean): Promise<void>
}

type CancelsParts = {
  readonly store: Pick<Store, 'connection' | 'prefix'>
  readonly clock: Clock
  readonly hands: () => Pick<Hands, 'cancel' | 'jobs'>
  readonly emit: Emit
}

/** No answer of a claim takes longer than this to come, in milliseconds; and so many hints are remembered. */
const REMEMBERED = 10 * SECOND
const MOST_REMEMBERED = 1_000

/** Opens the ears and eyes of a worker for cancels. */
export function openCancels({ store, clock, hands, emit }: CancelsParts): Cancels {
  const heard = new Map<string, number>()
  return {
    hear: (message) => {
      if (!message.startsWith('cancel ')) return
      const where = message.slice('cancel '.length)
      // A job that runs elsewhere is none of ours, and one that is on its way here is not known yet.
      if (hands().cancel((job) => whereIs(job) === where) > 0) return
      const now = clock.monotonic()
      for (const [each, at] of heard) {
        if (now - at <= REMEMBERED && heard.size < MOST_REMEMBERED) break
        heard.delete(each)
      }
      heard.set(where, now)
    },
    heardOf: (job) => heard.size > 0 && heard.delete(whereIs(job)),
    look: async (which) => {
      const all = hands().jobs().filter(which)
      for (const queue of new Set(all.map((job) => job.queue))) {
        try {
          const jobs = all.filter((job) => job.queue === queue)
          const found = new Set(await cancelledAmong(store, queue, jobs))
          hands().cancel((job) => found.has(job))
        } catch (error) {
          emit({ kind: 'error', doing: `looking which jobs of queue ${queue} are cancelled`, error })
        }
      }
    },
  }
}

const whereIs = ({ queue, page, slot }: ClaimedJob): string => `${queue} ${page} ${slot}`
