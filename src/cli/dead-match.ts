import type { Command } from 'commander'
import { matchingOf } from '../client/dead-views.ts'
import type { DeadMatch } from '../job/dead-client.ts'
import { InvalidJobError } from '../job/errors.ts'
import { type CommonFlags, command, withJson, withSettings } from './context.ts'
import { usageError } from './exit.ts'

/** The flags that say which dead jobs are meant. */
export type MatchFlags = CommonFlags & {
  readonly queue?: string
  readonly type?: string
  readonly fingerprint?: string
  readonly reason?: string
  readonly olderThan?: string
  readonly newerThan?: string
}

/** A command that is about all dead jobs that match. */
export const matching = (verb: string, description: string, ...examples: readonly string[]): Command =>
  withJson(withSettings(command(verb, description, ...examples)))
    .option('--queue <queue>', 'in this queue only')
    .option('--type <name>', 'of this job type only')
    .option('--fingerprint <text>', 'of this cause only')
    .option('--reason <reason>', 'dead for this reason only: attempts, too-long, not-retryable, payload …')
    .option('--older-than <length>', 'dead for longer than this: 2d')
    .option('--newer-than <length>', 'dead for no longer than this: 1h')

/** What the flags say of dead jobs, checked by the rules of all matches; an error of use for what cannot be meant. */
export function matchOf({ queue, type, fingerprint, reason, olderThan, newerThan }: MatchFlags): DeadMatch {
  const said = { queue, job: type, fingerprint, reason, olderThan, newerThan }
  const match = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined))
  try {
    matchingOf(match)
  } catch (error) {
    throw error instanceof InvalidJobError ? usageError(error.faults.join('\n')) : error
  }
  return match as DeadMatch
}
