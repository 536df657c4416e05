import { excerpt } from '../errors.ts'
import type { EnqueueOptions, Receipt } from '../job/client.ts'
import { readLimits, type TimeLimits } from '../job/limits.ts'
import { type Priority, readPriority } from '../job/priority.ts'
import { type Cli, type CommonFlags, settingsOf } from './context.ts'
import { contractOf } from './contracts.ts'
import { usageError } from './exit.ts'
import { openProject } from './project.ts'
import { withStore } from './session.ts'
import { print } from './terminal.ts'
import { dueText, type WhenFlags, whenOf } from './when.ts'

type EnqueueFlags = CommonFlags &
  WhenFlags & {
    readonly payload?: string
    readonly queue?: string
    readonly id?: string
    readonly priority?: string
  } & LimitFlags

/** The limits of time of a job, as its options have them. */
export type LimitFlags = { readonly timeout?: string; readonly expiresIn?: string; readonly deadline?: string }

/** Puts one job and prints its receipt. */
export async function enqueueJob(cli: Cli, name: string, flags: EnqueueFlags): Promise<void> {
  const when = whenOf(flags)
  const payload = payloadOf(flags.payload)
  const project = await openProject(settingsOf(flags))
  const { id } = flags
  const receipt = await withStore(project.config, async (session) => {
    const job = await contractOf(project, session, name, flags.queue)
    const options = { ...(when ?? {}), ...limitsOf(flags), ...levelOf(flags), ...(id === undefined ? {} : { id }) }
    const [first] = await session.client.enqueueMany([{ job, payload, options }])
    return first
  })
  if (receipt === undefined) return
  print(cli.terminal, flags.json, { text: receiptText(receipt, flags), value: receipt })
}

/** The priority that a flag says. */
const levelOf = ({ priority }: EnqueueFlags): Pick<EnqueueOptions, 'priority'> => {
  if (priority === undefined) return {}
  const said = /^\d+$/.test(priority) ? Number(priority) : priority
  const faults: string[] = []
  readPriority(said, '--priority', faults)
  if (faults.length > 0) throw usageError(faults.join('; '))
  return { priority: said as Priority }
}

/** The limits that flags say; what cannot be meant is an error of use with every fault. */
export function limitsOf({ timeout, expiresIn, deadline }: LimitFlags): TimeLimits {
  const given = { timeout, expiresIn, deadline }
  const faults: string[] = []
  readLimits(given, faults)
  if (faults.length > 0) throw usageError(faults.join('\n'))
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as unknown as TimeLimits
}

/** The payload that a flag says in JSON; undefined where there is no such flag. */
export function payloadOf(text: string | undefined): unknown {
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw usageError(`--payload: expected JSON such as '{"to":"ada@example.com"}', got ${excerpt(text)} (${why})`)
  }
}

function receiptText({ id, queue, dueAt, outcome, note }: Receipt, flags: WhenFlags): string {
  const said = outcome === 'created' ? 'created' : 'exists already'
  return `${id}  ${said} in queue ${queue}, due ${dueText(dueAt, flags)}${note === undefined ? '' : `\n${note}`}`
}
