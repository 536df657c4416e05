import { ConfigError } from '../config.ts'
import { excerpt } from '../errors.ts'
import type { Services } from '../job/context.ts'
import type { Emit } from '../job/events.ts'
import { aborted, within } from '../lifecycle/deadline.ts'
import { duration } from '../time/clock.ts'
import { systemClock } from '../time/system-clock.ts'

/** Opens what handlers need. `role` is what the process does, with commas between when it has several roles. */
export type Setup = (given: { readonly role: string }) => Promise<SetUp | undefined> | SetUp | undefined

/** What `setup` opened. */
export type SetUp = { readonly services?: Services; readonly stop?: () => Promise<void> | void }

/** What setting up needs: the roles of the process, and who is told when it takes long. */
export type SetUpParts = {
  readonly setup?: Setup | undefined
  readonly roles: readonly string[]
  readonly emit: Emit
}

/** A process that says nothing for so long leaves people wondering. */
const PATIENCE = duration(10_000)

/**
 * Runs the program's `setup` once. Says so when that takes long; a stop does not wait for it: what it opens too late is
 * closed again. Rejects with what it throws, or with ConfigError when its answer is none that was meant.
 */
export async function setUpBy({ setup, roles, emit }: SetUpParts, signal: AbortSignal): Promise<SetUp | undefined> {
  if (setup === undefined) return undefined
  const opening = open(setup, roles)
  const first = await within(Promise.race([opening, aborted(signal)]), PATIENCE, systemClock)
  if (first.kind === 'late') {
    emit({ kind: 'error', doing: 'waiting for setup', error: new Error('setup has not answered for 10 s') })
    await Promise.race([opening, aborted(signal)])
  }
  if (!signal.aborted) return opening
  opening.then((late) => late?.stop?.()).catch(() => undefined)
  return undefined
}

async function open(setup: Setup, roles: readonly string[]): Promise<SetUp | undefined> {
  const answer: unknown = await setup({ role: roles.join(',') })
  if (answer === undefined || answer === null) return undefined
  if (typeof answer !== 'object') throw new ConfigError([`setup: ${MEANT}, got ${excerpt(answer)}`])
  const { services, stop, ...strange } = answer as { readonly [key: string]: unknown }
  const faults = Object.keys(strange).map((key) => `setup: ${MEANT}, got ${key}; write services: { ${key} }`)
  if (stop !== undefined && typeof stop !== 'function') faults.push(`setup: expected stop to be a function`)
  if (services !== undefined && (typeof services !== 'object' || services === null)) {
    faults.push(`setup: expected services to be an object, got ${excerpt(services)}`)
  }
  if (faults.length > 0) throw new ConfigError(faults)
  return answer
}

const MEANT = 'expected it to answer { services, stop } or nothing'
