import { InvalidJobError } from '../job/errors.ts'
import { fieldsOf, wholeNumberOf } from '../job/options.ts'
import type { JobListing, JobPage, JobSelection, Jobs, SelectedJob } from '../job/selection-client.ts'
import { bulk } from './bulk.ts'
import { type Criteria, criteriaOf } from './criteria.ts'
import { inTime } from './in-time.ts'
import { firstTimes, type JobsParts, type Looked, type Looker, looker, MOST, queuesOf, shown } from './matches.ts'
import { cursorText, type Place, placeAfter, placeFrom, placeIn } from './positions.ts'
import { bulkVerbs } from './verbs.ts'

/** The calls that name jobs by what they are. */
export function openJobs(parts: JobsParts): Jobs {
  return {
    select: (given?: unknown): JobSelection & JobListing => {
      const criteria = criteriaOf(given)
      const look = looker(parts, criteria)
      const many = bulk(parts, criteria, look)
      return {
        count: parts.counted(() => count(parts, criteria, look)),
        list: parts.counted(lister(look)),
        ...bulkVerbs(parts, criteria, many),
      }
    },
  }
}

async function count(parts: JobsParts, criteria: Criteria, look: Looker): Promise<number> {
  if (criteria.where === undefined) return countBare(parts, criteria)
  let total = 0
  const isNew = firstTimes()
  for (let from: Place | null | undefined; from !== null; ) {
    const { matches, next }: Looked = await look(from, MOST)
    total += matches.filter(isNew).length
    from = next
  }
  return total
}

/** Without a predicate nothing but numbers leaves Redis. */
async function countBare(parts: JobsParts, criteria: Criteria): Promise<number> {
  const { clock, timeout } = parts
  const seen = new Set<string>()
  let total = 0
  const step = async (from: Place | null | undefined): Promise<Place | null> => {
    const queues = await queuesOf(parts, criteria)
    const place = placeFrom(queues, from ?? undefined)
    if (place === null) return null
    const selection = await (await parts.store()).selection(place.queue)
    const { counts, next } = await selection.look(criteria.wanted, place.at, 'counts')
    for (const [page, found] of counts) {
      if (seen.has(`${place.queue} ${page}`)) continue
      seen.add(`${place.queue} ${page}`)
      total += found
    }
    return placeAfter(queues, place, next)
  }
  for (let from: Place | null | undefined; from !== null; ) {
    from = await inTime(step(from), clock.monotonic() + timeout, clock)
  }
  return total
}

const SHOWN = 50
const MOST_SHOWN = 1_000

/** Pages by cursor. The selection remembers which page of a list showed what, so that another does not show it again. */
function lister(look: Looker): JobListing['list'] {
  let shownOn = new Map<string, string>()
  return async (given): Promise<JobPage> => {
    const faults: string[] = []
    const { limit, cursor } = fieldsOf(given, 'list', ['limit', 'cursor'], faults)
    const most = wholeNumberOf(limit, 'limit', { least: 1, most: MOST_SHOWN }, SHOWN, faults)
    if (faults.length > 0) throw new InvalidJobError('the options of a call', faults)
    let place: Place | null | undefined = placeIn(cursor)
    const own = String(cursor ?? '')
    const left = new Set(place?.at.rest.map((entry) => entry.split(' ')[0]))
    if (cursor === undefined) shownOn = new Map()
    const isNew = firstTimes()
    const jobs: SelectedJob[] = []
    while (place !== null && jobs.length < most) {
      const { matches, next }: Looked = await look(place, Math.min(MOST, most - jobs.length))
      for (const match of matches) {
        const { page } = match.job
        const isElsewhere = (shownOn.get(page) ?? own) !== own && !left.has(page)
        if (isElsewhere || !isNew(match)) continue
        shownOn.set(page, shownOn.get(page) ?? own)
        jobs.push(shown(match))
      }
      place = next
    }
    return { jobs, next: cursorText(place ?? null) }
  }
}
