import { contractOf, type JobContract } from '../job/contract.ts'
import { InvalidJobError } from '../job/errors.ts'
import type { RunAnswer, UpdateAnswer } from '../job/selection-client.ts'
import type { PlaceName } from '../store/queue.ts'
import type { Selection } from '../store/selection.ts'
import { type Rewrite, rewriteOf } from './changes.ts'
import { inTime } from './in-time.ts'
import { find, type Name, nameOf, type Spot } from './lookups.ts'
import type { JobsParts } from './matches.ts'

/** Where a job lies, and the selection of its queue. */
type Found = Spot & { readonly selection: Selection }

/** Waits for Redis as long as a call may take. */
type Ask = <Answer>(asked: Promise<Answer>, done?: 'nothing' | 'unknown') => Promise<Answer>

/** The calls that change one job that waits, beside cancel and reschedule: run, update. */
export function steering({ store, clock, timeout, payloadLimit, counted }: JobsParts) {
  const ask: Ask = (asked, done = 'nothing') => inTime(asked, clock.monotonic() + timeout, clock, done)
  const at = async (name: Name): Promise<Found | undefined> => {
    const opened = await store()
    const spot = await find(opened, name)
    return spot && { ...spot, selection: await opened.selection(spot.door.queue) }
  }
  return {
    run: counted(async (...named: readonly unknown[]): Promise<RunAnswer> => {
      const found = await ask(at(nameOf(named)))
      if (found === undefined) return 'unknown'
      const answer = await ask(found.selection.run(found.page, found.slot), 'unknown')
      return answer === 'unknown' && found.remembered ? 'ended' : answer
    }),
    update: counted(async (...given: readonly unknown[]): Promise<UpdateAnswer> => {
      const { job, name, changes } = updateOf(given)
      const rewrite = await rewriteOf(job, changes, payloadLimit)
      const found = await ask(at(name))
      return found === undefined ? 'unknown' : update(ask, found, job, rewrite)
    }),
  }
}

/** Named by its id, the job type stands beside the changes; named by an own id, before it. */
function updateOf(given: readonly unknown[]) {
  if (given.length > 2) {
    return { job: contractOf(given[0]), name: nameOf(given.slice(0, 2)), changes: given[2] }
  }
  const { job, ...changes } = (typeof given[1] === 'object' && given[1] !== null ? given[1] : {}) as {
    readonly job?: unknown
  }
  return { job: job === undefined ? undefined : contractOf(job), name: nameOf(given.slice(0, 1)), changes }
}

const BEGUN: Readonly<Partial<Record<PlaceName, UpdateAnswer>>> = { active: 'running', dead: 'dead', ended: 'ended' }
/** So often a job that others change at the same time is read again. */
const MOST_READS = 3

async function update(
  ask: Ask,
  { selection, page, slot, remembered }: Found,
  job: JobContract | undefined,
  rewrite: Rewrite,
): Promise<UpdateAnswer> {
  for (let reads = 0; reads < MOST_READS; reads++) {
    const read = await ask(selection.read(page, slot))
    if (read === undefined) return remembered ? 'ended' : 'unknown'
    const { record, place } = read.job
    if (job !== undefined && record.name !== job.name) {
      throw new InvalidJobError('the job of an update', [
        `must be of the type ${job.name} that is given, got ${record.name}`,
      ])
    }
    const begun = BEGUN[place]
    if (begun !== undefined) return begun
    const answer = await ask(selection.update(read, await rewrite(read)), 'unknown')
    if (answer !== 'changed') return answer
  }
  return 'changed'
}
