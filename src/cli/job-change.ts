import type { RunAnswer, UpdateAnswer } from '../job/selection-client.ts'
import { contractOf } from './contracts.ts'
import { answer, type Given, type JobAct, jobOf } from './job-by-id.ts'
import { changesOf } from './job-many.ts'

const BEGUN = {
  running: 'it runs',
  ended: 'it has ended',
  dead: 'it is dead: give it another life with `morrow job retry`',
}

const NOT_READY: Readonly<Partial<Record<RunAnswer, string>>> = {
  ...BEGUN,
  held: 'it is held; `morrow queue ls` says why',
}

/** Makes a job that waits for its time ready; exit code 5 when it is held, runs, has ended or is dead. */
export const runJob: JobAct = async (given) => {
  const job = await jobOf(given)
  const { client } = given.session
  const outcome = job === undefined ? await client.run(given.id) : await client.run(job, given.id)
  answer(given, 'ready', outcome, NOT_READY)
}

const NOT_UPDATED: Readonly<Partial<Record<UpdateAnswer, string>>> = {
  ...BEGUN,
  changed: 'others changed it at the same time: try again',
}

/** Replaces the payload or the limits of a job that has not begun; exit code 5 when it runs, has ended or is dead. */
export const updateJob: JobAct = async (given) => {
  answer(given, 'updated', await update(given), NOT_UPDATED)
}

async function update(given: Given): Promise<UpdateAnswer> {
  const { id, project, session, flags } = given
  const { client } = session
  const changes = changesOf(flags)
  const own = await jobOf(given)
  if (own !== undefined) return client.update(own, id, changes)
  const view = await client.get(id)
  if (view === undefined) return 'unknown'
  return client.update(id, { ...changes, job: await contractOf(project, session, view.name, view.queue) })
}
