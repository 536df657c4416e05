import { revive } from '../client/lookups.ts'
import type { JobView } from '../job/client.ts'
import type { JobContract } from '../job/contract.ts'
import { instant } from '../time/clock.ts'
import { parseWhen } from '../time/parse-when.ts'
import { resolve } from '../time/resolve.ts'
import type { Cli } from './context.ts'
import { contractOf } from './contracts.ts'
import { EXIT, usageError } from './exit.ts'
import type { LimitFlags } from './job-enqueue.ts'
import type { Project } from './project.ts'
import type { Session } from './session.ts'
import { print } from './terminal.ts'
import { dueText, type WhenFlags, whenOf } from './when.ts'

/** A job by the id of its receipt, or by its type and an id of the caller's own. */
export type Named = { readonly id: string; readonly type: string | undefined }

/** One job, and what a command is given about it. */
export type Given = Named & {
  readonly cli: Cli
  readonly project: Project
  readonly session: Session
  readonly flags: WhenFlags &
    LimitFlags & { readonly json?: boolean; readonly queue?: string; readonly payload?: string }
}

/** What a command does to one job. */
export type JobAct = (given: Given) => Promise<void>

/** Prints a job as `client.get` answers it; exit code 3 when there is none. */
export const showJob: JobAct = async (given) => {
  const view = await find(given)
  if (view === undefined) return missing(given)
  print(given.cli.terminal, given.flags.json, { text: viewText(view), value: view })
}

/** Ends a job, at once or when its handler ends; exit code 5 when it has ended or is dead. */
export const cancelJob: JobAct = async (given) => {
  const job = await jobOf(given)
  const { client } = given.session
  const outcome = job === undefined ? await client.cancel(given.id) : await client.cancel(job, given.id)
  answer(given, outcome === 'cancelling' ? outcome : 'cancelled', outcome)
}

/** Moves a job that has not begun; exit code 5 when it runs, has ended or is dead. */
export const rescheduleJob: JobAct = async (given) => {
  const when = whenOf(given.flags)
  if (when === undefined) throw usageError('expected --in or --at, got neither')
  const job = await jobOf(given)
  const { client } = given.session
  const outcome =
    job === undefined ? await client.reschedule(given.id, when) : await client.reschedule(job, given.id, when)
  if (outcome !== 'moved') return answer(given, 'moved', outcome)
  const { dueAt, note } = resolve(parseWhen(when), instant(await given.session.store.inspector.time()))
  // What it is due at now; a worker may have taken it since, then what was asked for.
  const due = (await find(given))?.dueAt ?? new Date(dueAt)
  const told = note === undefined ? {} : { note }
  print(given.cli.terminal, given.flags.json, {
    text: [`${given.id}  moved, due ${dueText(due, given.flags)}`, ...(note === undefined ? [] : [note])].join('\n'),
    value: { id: given.id, outcome, dueAt: due, ...told },
  })
}

/** Gives a dead job another life; exit code 5 when it is in another place. */
export const retryJob: JobAct = async (given) => {
  const view = await find(given)
  if (view === undefined) return answer(given, 'revived', 'unknown')
  const outcome = await revive(given.session.store, view.id)
  answer(given, 'revived', outcome === 'revived' ? outcome : view.place)
}

/** The job type that an id of the caller's own belongs to; undefined for the id of a receipt. */
export const jobOf = async ({ project, session, type, flags }: Given): Promise<JobContract | undefined> =>
  type === undefined ? undefined : contractOf(project, session, type, flags.queue)

async function find(given: Given): Promise<JobView | undefined> {
  const job = await jobOf(given)
  const { client } = given.session
  return job === undefined ? client.get(given.id) : client.get(job, given.id)
}

type Why = Readonly<Partial<Record<string, string>>>

const WHY: Why = {
  running: 'it runs; `morrow job cancel` ends it',
  active: 'it runs; only a dead job can be given another life',
  ended: 'it has ended',
  dead: 'it is dead: give it another life with `morrow job retry`',
  scheduled: 'it waits for its time; only a dead job can be given another life',
  ready: 'it is ready; only a dead job can be given another life',
  held: 'it is held; only a dead job can be given another life',
}

/** Prints what came of it; in another place than was wanted, `why` says what that means. */
export function answer(given: Given, wanted: string, outcome: string, why: Why = WHY): void {
  const { cli, id, flags } = given
  if (flags.json || outcome === wanted) {
    print(cli.terminal, flags.json, { text: `${id}  ${outcome}`, value: { id, outcome } })
  }
  if (outcome === wanted) return
  if (outcome === 'unknown') {
    missing(given)
  } else {
    cli.terminal.say(`${id} is not ${wanted}: ${why[outcome] ?? outcome}`)
    cli.finish(EXIT.conflict)
  }
}

function missing({ cli, id, type }: Given): void {
  cli.terminal.say(`there is no job ${type === undefined ? '' : `${type} with your id `}${id} (any more)`)
  cli.finish(EXIT.unknown)
}

const placeText = ({ place, end, cancelling }: Pick<JobView, 'place' | 'end' | 'cancelling'>): string =>
  end === undefined ? `${place}${cancelling ? ' (cancelling)' : ''}` : `${place} (${end})`

function viewText({ error, payload, ...view }: JobView): string {
  const shown: readonly (readonly [string, string | undefined])[] = [
    ['id', view.id],
    ['name', view.name],
    ['queue', view.queue],
    ['place', placeText(view)],
    ['due', view.dueAt.toISOString()],
    ['expires', view.expiresAt?.toISOString()],
    ['planned', view.plannedAt?.toISOString()],
    ['attempt', String(view.attempt)],
    ['claims', String(view.claims)],
    ['payload', payload === undefined ? undefined : JSON.stringify(payload)],
    ['error', error === undefined ? undefined : `${error.name}: ${error.message}`],
  ]
  return shown.flatMap(([name, value]) => (value === undefined ? [] : [`${name.padEnd(8)} ${value}`])).join('\n')
}
