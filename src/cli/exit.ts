import { CommanderError } from 'commander'
import { type ErrorCode, MorrowError } from '../errors.ts'

/** The exit codes of the command line; docs/cli.md has the table. */
export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  unknown: 3,
  wrong: 4,
  conflict: 5,
  unavailable: 69,
  temporary: 75,
  denied: 77,
  config: 78,
} as const

const BY_CODE: Readonly<Partial<Record<ErrorCode, number>>> = {
  MORROW_CONFIG: EXIT.config,
  MORROW_INVALID_JOB: EXIT.config,
  MORROW_REDIS_UNSUITABLE: EXIT.config,
  MORROW_LAYOUT_NEWER: EXIT.config,
  MORROW_ENVIRONMENT: EXIT.config,
  MORROW_INVALID_PAYLOAD: EXIT.usage,
  MORROW_PAYLOAD_TOO_LARGE: EXIT.usage,
  MORROW_INVALID_NAME: EXIT.usage,
  MORROW_INVALID_TIME: EXIT.usage,
  MORROW_INVALID_CRON: EXIT.usage,
  MORROW_INVALID_SCHEDULE: EXIT.usage,
  MORROW_INVALID_PAUSE: EXIT.usage,
  MORROW_SCHEDULE_IN_FILE: EXIT.conflict,
  MORROW_INVALID_ID: EXIT.usage,
  MORROW_CONFLICT: EXIT.conflict,
  MORROW_REDIS_UNAVAILABLE: EXIT.unavailable,
  MORROW_REDIS_DENIED: EXIT.denied,
  MORROW_REDIS_FULL: EXIT.temporary,
  MORROW_CLOCK_HELD: EXIT.temporary,
  MORROW_OUTCOME_UNKNOWN: EXIT.temporary,
}

const OURS = 'morrow.usage'

/** A command that was given what it cannot take: exit code 2. */
export const usageError = (message: string): CommanderError => new CommanderError(EXIT.usage, OURS, message)

/** The exit code that an error ends a command with. */
export function exitCodeOf(error: unknown): number {
  // Commander ends with 1 for a wrong use, which is 2 here; help and version that were asked for are 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
  return error instanceof MorrowError ? (BY_CODE[error.code] ?? EXIT.failure) : EXIT.failure
}

/** What is printed for an error: one clear text for one of ours, the stack for a fault of a program; nothing where commander has spoken. */
export function errorText(error: unknown): string {
  if (error instanceof CommanderError) return error.code === OURS ? `error: ${error.message}` : ''
  if (error instanceof MorrowError) return `error: ${error.message}`
  return `error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
}
