import { excerpt, nearest } from '../errors.ts'
import type { JobContract } from '../job/contract.ts'
import { defineJob } from '../job/definition.ts'
import { jobName, queueName } from '../job/names.ts'
import { catalogueFor } from '../wiring/catalogue.ts'
import { usageError } from './exit.ts'
import { jobsOf, type Project } from './project.ts'
import type { Session } from './session.ts'

/** Takes any payload: what is known of the job here says nothing about it. */
const ANYTHING = { '~standard': { version: 1, vendor: 'morrow', validate: (value: unknown) => ({ value }) } } as const

/**
 * The contract of a job type: as the configuration file defines it; else with the queue that living processes publish,
 * or the one that is given, and any payload. Where the queue cannot be told it is an error of use.
 */
export async function contractOf(
  project: Project,
  { store }: Session,
  name: string,
  queue: string | undefined,
): Promise<JobContract> {
  jobName(name)
  if (queue !== undefined) queueName(queue, '--queue')
  const defined = jobsOf(project).find((job) => job.name === name)
  if (defined !== undefined) return queue === undefined ? defined : Object.freeze({ ...defined, queue })
  const catalogue = await catalogueFor(jobsOf(project), store)
  const known = queue ?? catalogue.queueOf(name)
  if (known !== undefined) return Object.freeze({ ...defineJob({ name, queue: known }), payload: ANYTHING })
  const meant = nearest(name, catalogue.names?.() ?? [])
  const hint = meant === undefined ? '' : `did you mean ${meant}? Else `
  throw usageError(
    `no configuration file and no living worker knows a job named ${excerpt(name)}, so its queue cannot be told; ${hint}say it with --queue`,
  )
}
