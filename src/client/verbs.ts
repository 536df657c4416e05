import { excerpt } from '../errors.ts'
import { InvalidJobError } from '../job/errors.ts'
import type { BulkAnswer, JobListing, JobSelection } from '../job/selection-client.ts'
import { parseDuration } from '../time/duration.ts'
import { InvalidTimeError } from '../time/invalid-time.ts'
import { parseWhenOf } from '../time/parse-when.ts'
import type { Many, Prepare } from './bulk.ts'
import { rewriteOf } from './changes.ts'
import type { Criteria } from './criteria.ts'
import { inTime } from './in-time.ts'
import { moved } from './lookups.ts'
import type { JobsParts } from './matches.ts'
import { dueOf } from './when.ts'

/** What may be done to all jobs of a selection, each by the arrow that does it to one. */
export function bulkVerbs(parts: JobsParts, { job }: Criteria, many: Many): Omit<JobSelection, keyof JobListing> {
  const { time, counted, payloadLimit } = parts
  const cancel: Prepare =
    ({ door, job: { page, slot } }) =>
    async () =>
      /^cancel/.test(await door.cancel(page, slot, time.expected()))
  const run: Prepare =
    ({ selection, job: { page, slot, place } }) =>
    async () =>
      place === 'scheduled' && (await selection.run(page, slot)) === 'ready'
  return {
    cancel: counted((options) => many('cancel', cancel, options)),
    run: counted((options) => many('run', run, options)),
    reschedule: counted(async (to: unknown, options): Promise<BulkAnswer> => {
      const move = isShift(to) ? shift(to, options) : await moveTo(parts, to)
      return many('reschedule', move, options)
    }),
    update: counted(async (changes: unknown, options): Promise<BulkAnswer> => {
      const rewrite = await rewriteOf(job, changes, payloadLimit)
      const update: Prepare = async (match) => {
        const record = await rewrite(match)
        return async () => (await match.selection.update(match, record)) === 'updated'
      }
      return many('update', update, options)
    }),
  }
}

async function moveTo({ time, clock, timeout }: JobsParts, to: unknown): Promise<Prepare> {
  const due = dueOf(parseWhenOf(to), time)
  const { at } = await inTime(Promise.resolve(due), clock.monotonic() + timeout, clock)
  return ({ door, job: { page, slot } }) =>
    async () =>
      (await moved(time, { door, page, slot }, at)) === 'moved'
}

const isShift = (to: unknown): to is { readonly by: unknown } => typeof to === 'object' && to !== null && 'by' in to

/** From the instant that was read: one that others have moved meanwhile stays where they put it. */
function shift({ by, ...rest }: { readonly by: unknown }, options: unknown): Prepare {
  const [other] = Object.keys(rest)
  if (other !== undefined) throw new InvalidTimeError(`expected by alone, got ${other} too`)
  if (typeof options === 'object' && options !== null && Reflect.get(options, 'cursor') !== undefined) {
    throw new InvalidJobError('the options of a call', [
      'cursor: must not stand beside by, since a job that Redis shows twice would be moved twice; select those that are left by due',
    ])
  }
  const length = shiftOf(by)
  return (match) => async () => (await match.selection.shift(match, length)) === 'moved'
}

/** Reads '2h', '+2h' or '-30m' as milliseconds; InvalidTimeError for anything else. */
function shiftOf(by: unknown): number {
  const [, sign, length] = (typeof by === 'string' ? /^\s*([+-]?)\s*(.+)$/.exec(by) : null) ?? []
  if (length === undefined) throw new InvalidTimeError(`by: expected '2h', '+2h' or '-30m', got ${excerpt(by)}`)
  const milliseconds = parseDuration(length, 'by')
  return sign === '-' ? -milliseconds : milliseconds
}
