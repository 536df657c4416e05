import { excerpt } from '../errors.ts'
import { contractOf } from '../job/contract.ts'
import type { DeadJobs, DeadJobView, DeadMany } from '../job/dead-client.ts'
import { InvalidJobError } from '../job/errors.ts'
import { fieldsOf, wholeNumberOf } from '../job/options.ts'
import { writePayload } from '../job/payload.ts'
import type { DeadJob, DeadSpot } from '../store/dead.ts'
import type { Store } from '../store/store.ts'
import type { Calls } from './calls.ts'
import { type Asking, asker, deadAt, eachDead, portionsOf, purgeSpots, spotsOf } from './dead-spots.ts'
import { deadViewOf, matchingOf, openGroups } from './dead-views.ts'
import { anotherLife } from './second-life.ts'

type Parts = {
  readonly store: () => Promise<Store>
  readonly payloadLimit: number
  readonly counted: Calls['counted']
}

const LISTED = 50
const MOST_LISTED = 1_000
const SAMPLES = 3

/** What a client may do with what is dead. Each portion is a script of its own: a call that stops half-way is made again. */
export function openDeadJobs({ store, payloadLimit, counted }: Parts): DeadJobs {
  const asking = asker(store)
  const calls = {
    groups: counted(async (match: unknown = {}) => {
      const groups = openGroups()
      const matching = matchingOf(match)
      await asking((opened) => eachDead(opened, matching, groups.add))
      return groups.all()
    }),
    list: counted(async (match: unknown = {}, options: unknown = {}) => {
      const most = countOf(options)
      return viewsOf(asking, (await spotsOf(asking, matchingOf(match))).slice(0, most))
    }),
    get: counted(async (id: unknown) => {
      const job = await asking((opened) => deadAt(opened, id))
      return job === undefined ? undefined : deadViewOf(job)
    }),
    ...reviving(asking, counted, payloadLimit),
    purge: counted(async (id: unknown) => {
      const job = await asking((opened) => deadAt(opened, id))
      const dropped = job === undefined ? 0 : await asking((opened) => purgeSpots(opened, [job]))
      return dropped === 1 ? 'purged' : 'unknown'
    }),
    purgeAll: counted(async (match: unknown, options: unknown = {}): Promise<DeadMany> => {
      const { dryRun } = optionsOf(options, ['dryRun'])
      const spots = await spotsOf(asking, matchingOf(match))
      const samples = await viewsOf(asking, spots.slice(0, SAMPLES))
      const count = dryRun ? spots.length : await asking((opened) => purgeSpots(opened, spots))
      return { count, samples }
    }),
  }
  return calls as unknown as DeadJobs
}

function reviving(asking: Asking, counted: Calls['counted'], payloadLimit: number) {
  const again = async (job: DeadJob, text: string | undefined): Promise<'revived' | 'unknown'> =>
    asking(async (opened) => anotherLife(await opened.queue(job.queue), job, text))
  return {
    revive: counted(async (id: unknown, options: unknown = {}) => {
      optionsOf(options, ['job', 'payload'])
      const edit = editOf(options, payloadLimit)
      const job = await asking((opened) => deadAt(opened, id))
      return job === undefined ? 'unknown' : again(job, await edit?.(job))
    }),
    reviveAll: counted(async (match: unknown, options: unknown = {}): Promise<DeadMany> => {
      const { dryRun } = optionsOf(options, ['job', 'payload', 'dryRun'])
      const edit = editOf(options, payloadLimit)
      const spots = await spotsOf(asking, matchingOf(match))
      const samples = await viewsOf(asking, spots.slice(0, SAMPLES))
      if (edit) for await (const portion of portionsOf(asking, spots)) for (const job of portion) await edit(job)
      if (dryRun) return { count: spots.length, samples }
      let count = 0
      for await (const portion of portionsOf(asking, spots)) {
        const texts = await Promise.all(portion.map((job) => edit?.(job)))
        const answers = await Promise.all(portion.map((job, index) => again(job, texts[index])))
        count += answers.filter((answer) => answer === 'revived').length
      }
      return { count, samples }
    }),
  }
}

async function viewsOf(asking: Asking, spots: readonly DeadSpot[]): Promise<readonly DeadJobView[]> {
  const views: DeadJobView[] = []
  for await (const portion of portionsOf(asking, spots)) views.push(...portion.map(deadViewOf))
  return views
}

type Edit = (job: DeadJob) => Promise<string>

/** What writes the new payload of a job, checked by the schema of the job type; undefined where the payload stays. */
function editOf(options: unknown, limit: number): Edit | undefined {
  const { job, payload }: Readonly<Record<string, unknown>> = { ...(typeof options === 'object' ? options : {}) }
  if (job === undefined && payload === undefined) return undefined
  if (job === undefined) refuse('payload: needs the job type beside it, as job, whose schema it is to pass')
  if (payload === undefined) refuse('job: says the schema of a new payload; expected payload beside it')
  const contract = contractOf(job)
  const ask = (was: unknown, view: DeadJobView): unknown => (isEdit(payload) ? payload(was, view) : payload)
  return async (dead) => {
    const { name } = dead.record
    if (name !== contract.name) refuse(`job: ${dead.id} is of the type ${name}, not ${contract.name}: match by job`)
    const view = deadViewOf(dead)
    return writePayload(contract, ask(view.payload, view), limit)
  }
}

const isEdit = (payload: unknown): payload is (was: unknown, view: DeadJobView) => unknown =>
  typeof payload === 'function'

function refuse(fault: string): never {
  throw new InvalidJobError('the options of a call', [fault])
}

function optionsOf(options: unknown, known: readonly string[]): { readonly dryRun: boolean } {
  const faults: string[] = []
  const { dryRun = false } = fieldsOf(options ?? null, 'options', known, faults)
  if (typeof dryRun !== 'boolean') faults.push(`dryRun: must be true or false, got ${excerpt(dryRun)}`)
  if (faults.length > 0) throw new InvalidJobError('the options of a call', faults)
  return { dryRun: dryRun === true }
}

function countOf(options: unknown): number {
  const faults: string[] = []
  const { count } = fieldsOf(options ?? null, 'options', ['count'], faults)
  const most = wholeNumberOf(count, 'count', { least: 1, most: MOST_LISTED }, LISTED, faults)
  if (faults.length > 0) throw new InvalidJobError('the options of a call', faults)
  return most
}
