import { excerpt } from '../errors.ts'
import { contractOf, type JobContract } from '../job/contract.ts'
import { InvalidJobError } from '../job/errors.ts'
import { jobName, queueName } from '../job/names.ts'
import { fieldsOf, noting } from '../job/options.ts'
import type { PlaceName } from '../store/queue.ts'
import type { Span, Wanted } from '../store/selection.ts'
import { parseInstant } from '../time/parse-when.ts'

/** A selection as it was read. */
export type Criteria = {
  /** Undefined for jobs of any type, or where only a name was given. */
  readonly job: JobContract | undefined
  /** Undefined for all queues. */
  readonly queues: readonly string[] | undefined
  readonly wanted: Wanted
  readonly where: ((payload: unknown) => unknown) | undefined
}

const KEYS = ['job', 'queue', 'place', 'due', 'created', 'where'] as const
/** The places of jobs that have not begun. */
export const WAITING: readonly PlaceName[] = ['scheduled', 'ready', 'held']
const PLACES: readonly PlaceName[] = [...WAITING, 'active', 'dead', 'ended']

/** Reads what a caller selects by; InvalidJobError with every fault. */
export function criteriaOf(given: unknown): Criteria {
  const faults: string[] = []
  const fields = fieldsOf(given ?? {}, 'select', KEYS, faults)
  const { job, place = WAITING, where } = fields
  const contract = job === undefined || typeof job === 'string' ? undefined : readContract(job, faults)
  const places = readPlaces(place, faults)
  if (where !== undefined && typeof where !== 'function')
    faults.push(`where: must be a function, got ${excerpt(where)}`)
  const criteria = {
    job: contract,
    queues: readQueues(fields['queue'], contract, faults),
    wanted: {
      places,
      job: typeof job === 'string' ? noting(faults, '', () => jobName(job, 'job')) : (contract?.name ?? ''),
      due: readSpan(fields['due'], 'due', faults),
      created: readSpan(fields['created'], 'created', faults),
    },
    where: typeof where === 'function' ? (where as (payload: unknown) => unknown) : undefined,
  }
  if (faults.length > 0) throw new InvalidJobError('a selection of jobs', faults)
  return criteria
}

const readContract = (job: unknown, faults: string[]): JobContract | undefined =>
  noting<JobContract | undefined>(faults, undefined, () => contractOf(job))

function readPlaces(given: unknown, faults: string[]): readonly PlaceName[] {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given]
  const known = PLACES.filter((place) => list.includes(place))
  if (known.length > 0 && known.length === new Set(list).size) return known
  faults.push(`place: must be one or more of ${PLACES.join(', ')}, got ${excerpt(given)}`)
  return WAITING
}

function readQueues(given: unknown, job: JobContract | undefined, faults: string[]): readonly string[] | undefined {
  if (given === undefined) return job && [...new Set([job.queue, ...job.formerQueues])].sort()
  const list: readonly unknown[] = Array.isArray(given) ? given : [given]
  if (list.length === 0) faults.push('queue: must be the name of a queue, or a list of one or more, got an empty list')
  return [...new Set(list.map((queue) => noting(faults, '', () => queueName(queue, 'queue'))))].sort()
}

const EVER: Span = { from: 0, to: Number.MAX_SAFE_INTEGER }

function readSpan(given: unknown, what: string, faults: string[]): Span {
  const { from, to } = fieldsOf(given, what, ['from', 'to'], faults)
  if (given !== undefined && from === undefined && to === undefined && typeof given === 'object')
    faults.push(`${what}: must have from, to or both, got ${excerpt(given)}`)
  const span = {
    from: from === undefined ? EVER.from : noting<number>(faults, EVER.from, () => parseInstant(from, `${what}.from`)),
    to: to === undefined ? EVER.to : noting<number>(faults, EVER.to, () => parseInstant(to, `${what}.to`)),
  }
  if (span.from < span.to) return span
  faults.push(`${what}: from must be before to, got ${excerpt({ from, to })}`)
  return EVER
}
