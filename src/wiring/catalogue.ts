import type { JobContract } from '../job/contract.ts'
import { InvalidPayloadError } from '../job/errors.ts'
import { writePayload } from '../job/payload.ts'
import type { Catalogue } from '../schedule/read-definitions.ts'
import type { Store } from '../store/store.ts'

/** What a process publishes of the job types it knows: their queues by name. */
export const catalogueOf = (jobs: readonly JobContract[]): Readonly<Record<string, string>> =>
  Object.fromEntries(jobs.map(({ name, queue }) => [name, queue]))

/** What is known of jobs; `mark` is equal as long as the same is published. */
export type KnownJobs = Catalogue & { readonly mark: string }

/** What is known of jobs here, and where nothing is known here, what the living workers publish. */
export async function catalogueFor(jobs: readonly JobContract[], store?: Store): Promise<KnownJobs> {
  const contracts = new Map(jobs.map((job) => [job.name, job]))
  const published = new Map<string, string>()
  const living = store ? await store.registry.living(await store.inspector.time()) : []
  for (const { catalogue } of living) for (const [name, queue] of Object.entries(catalogue)) published.set(name, queue)
  return {
    mark: JSON.stringify([...published].sort(([a], [b]) => (a < b ? -1 : 1))),
    knows: (job) => contracts.has(job) || published.has(job),
    ownQueueOf: (job) => contracts.get(job)?.queue,
    queueOf: (job) => contracts.get(job)?.queue ?? published.get(job),
    names: () => [...contracts.keys(), ...published.keys()],
    checkPayload: (job, payload) => {
      const contract = contracts.get(job)
      return contract ? faultsOf(contract, payload) : []
    },
  }
}

function faultsOf(job: JobContract, payload: unknown): readonly string[] {
  try {
    const written = writePayload(job, payload)
    if (written instanceof Promise) written.catch(() => undefined)
    return []
  } catch (error) {
    if (error instanceof InvalidPayloadError) return error.issues.map(({ path, message }) => `${path}: ${message}`)
    return [error instanceof Error ? error.message : String(error)]
  }
}
