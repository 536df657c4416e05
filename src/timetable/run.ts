import { type JobId, jobId, newClient, tokenOf } from '../job/id.ts'
import type { Json } from '../job/json.ts'
import type { ScheduleDefinition } from '../schedule/definition.ts'
import { previousPlanned } from '../schedule/rule.ts'
import type { Draw } from '../store/firing.ts'
import type { Store } from '../store/store.ts'
import { instant } from '../time/clock.ts'
import { type InForce, readInForce, type Unknown } from './amend.ts'
import { contextOf, recordOf } from './draw.ts'
import { callOf, readRecords } from './records.ts'

/** Who has a schedule run now, and with what. */
export type RunRequest = {
  /** Merged over the payload of the definition: of objects key by key, anything else replaces it. */
  readonly payload?: Json
  readonly by: string
  /** The version of the time-zone data here. */
  readonly tz: string
  /** Names the call: sent again with the same token, as one of the newest ten, it makes nothing and answers the same. */
  readonly token?: string
  /** What is wrong with a payload for the job of that name; nothing when it may be made. */
  readonly check?: (job: string, payload: Json | undefined) => readonly string[] | Promise<readonly string[]>
}

/** What came of it. */
export type RunAnswer =
  | { readonly kind: 'made'; readonly id: JobId }
  | { readonly kind: 'invalid'; readonly faults: readonly string[] }
  | Unknown

const TRIES = 50

/** Makes a job of a schedule by hand, of one that is paused or manual too; its next tick stays where it is. */
export async function runNow(store: Store, name: string, request: RunRequest): Promise<RunAnswer> {
  const { by, tz, token = newClient(), check = () => [] } = request
  for (let left = TRIES; left > 0; left--) {
    const found = await readInForce(store, name)
    if (found === undefined) return { kind: 'unknown' }
    const { definition } = found.compiled
    const payload = merged(definition.payload, request.payload)
    const faults = await check(definition.job, payload)
    if (faults.length > 0) return { kind: 'invalid', faults }
    const now = await store.inspector.time()
    const draw = drawOf(found, payload, { now, tz, token })
    const [drawn] = await store.schedules.fire(found.stands.queue, callOf(by, token), [draw])
    const id =
      drawn?.kind === 'fired' ? drawn.jobs[0]?.id : drawn?.kind === 'known' ? await made(store, found, token) : null
    if (id) return { kind: 'made', id }
  }
  throw new Error(`schedule ${name} changed ${TRIES} times while it was run by hand`)
}

/** One payload over another. */
export function merged(under: Json | undefined, over: Json | undefined): Json | undefined {
  if (over === undefined) return under
  return isMap(under) && isMap(over) ? { ...under, ...over } : over
}

const isMap = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function drawOf(
  { stands, compiled: { definition, rule } }: InForce,
  payload: Json | undefined,
  { now, tz, token }: { readonly now: number; readonly tz: string; readonly token: string },
): Draw {
  const previousAt = previousPlanned(rule, instant(now))
  const mark = { schedule: definition.name, plannedAt: now, standsFor: 1, previousAt }
  const { payload: _payload, ...rest } = definition
  const said: ScheduleDefinition = payload === undefined ? rest : { ...rest, payload }
  return {
    id: stands.id,
    from: { kind: 'call', token },
    rev: stands.rev,
    next: null,
    ripeAt: null,
    overlap: 'allow',
    limit: null,
    context: contextOf(stands, tz),
    steps: [
      {
        kind: 'job',
        fate: 'by-hand',
        plannedAt: now,
        standsFor: 1,
        due: { in: 0 },
        deadline: null,
        ...recordOf(said, mark),
      },
    ],
  }
}

/** The job that a call has made before: its entry names the call. */
async function made(store: Store, { stands }: InForce, token: string): Promise<JobId> {
  const records = await readRecords(store, stands)
  const run = records?.rows.findLast(({ entry, call }) => entry.fate === 'by-hand' && call === token)
  const job = run?.entry.job ?? null
  if (job === null)
    throw new Error(`schedule ${stands.name} was run by this call; the entry that names its job has been dropped`)
  return jobId(tokenOf(run?.context.queue ?? stands.queue), stands.id, job)
}
