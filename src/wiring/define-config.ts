import type { Settings } from '../config.ts'
import type { JobContract } from '../job/contract.ts'
import type { MorrowEvent } from '../job/events.ts'
import type { HandlerSource } from '../job/handler.ts'
import type { Setup } from './set-up.ts'

/** What `morrow.config.ts` says: the job types, their handlers, where schedules are, what surrounds them, and any setting. */
export type MorrowConfig = Settings & {
  readonly jobs?: readonly JobContract[]
  /** Handlers, or a function that loads them: only workers call it. */
  readonly handlers?: Iterable<HandlerSource> | (() => Promise<Iterable<HandlerSource>> | Iterable<HandlerSource>)
  /** The folder of the schedule files. */
  readonly schedules?: string
  /** Runs once in each process before the first claim: the place to open a database pool. */
  readonly setup?: Setup
  /** Told of everything that happens: the place for an error tracker. It can neither throw into a job nor delay it. */
  readonly onEvent?: (event: MorrowEvent) => void
}

/** Types a configuration; answers it as it is. */
export const defineConfig = (config: MorrowConfig): MorrowConfig => Object.freeze({ ...config })
