import { type Logger, pino } from 'pino'
import type { Config } from '../config.ts'
import type { JobLog } from '../job/context.ts'
import { describeError } from '../job/error-description.ts'
import type { MorrowEvent } from '../job/events.ts'
import type { ClaimedJob } from '../store/claimed-job.ts'

/** The logger of a process: pino's JSON lines to standard output. */
export const createLogger = ({ logLevel }: Config): Logger => pino({ level: logLevel, base: null })

/** The log of a job: every line names the job, its id and its claim. */
export const jobLog =
  (logger: Logger) =>
  (job: ClaimedJob): JobLog => {
    const child = logger.child({ job: job.record.name, id: job.id, queue: job.queue, claim: job.claim })
    const at =
      (level: keyof JobLog) =>
      (message: string, fields: Readonly<Record<string, unknown>> = {}): void =>
        child[level](fields, message)
    return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
  }

const LEVELS: Readonly<Partial<Record<MorrowEvent['kind'], 'info' | 'warn' | 'error'>>> = {
  'job.failed': 'warn',
  'job.timedOut': 'warn',
  'job.dead': 'error',
  'job.discarded': 'info',
  'job.expired': 'warn',
  'job.cancelled': 'info',
  'job.handedBack': 'info',
  'lease.lost': 'warn',
  'tick.fired': 'info',
  'tick.skipped': 'warn',
  'lateness.breached': 'warn',
  'lateness.kept': 'info',
  'jobs.reclaimed': 'warn',
  'jobs.buried': 'error',
  'store.unavailable': 'error',
  'store.recovered': 'info',
  'store.rolledBack': 'error',
  'clock.held': 'error',
  'clock.released': 'info',
  'nobody.serves': 'warn',
  'environment.tookOver': 'warn',
  'schedules.faulty': 'error',
  'schedules.refused': 'error',
  'schedules.tookOver': 'warn',
  'schedules.withheld': 'error',
  'process.started': 'info',
  'process.stopping': 'info',
  'process.stopped': 'info',
  error: 'error',
}

/** Turns events into log lines. Payloads and the arguments of commands never get into one. */
export const logEvents =
  (logger: Logger) =>
  (event: MorrowEvent): void => {
    const level = LEVELS[event.kind] ?? 'debug'
    if (!logger.isLevelEnabled(level)) return
    const { kind, error, text, ...fields } = event as { readonly kind: string; readonly [field: string]: unknown }
    // Whatever was thrown counts, also undefined.
    const described = 'error' in event ? { error: describeError(error) } : {}
    const message = typeof text === 'string' ? text : kind
    logger[level]({ event: kind, ...fields, ...described }, message)
  }
