import { ConfigError } from '../config.ts'
import { excerpt } from '../errors.ts'
import type { JobContract } from '../job/contract.ts'
import { InvalidJobError } from '../job/errors.ts'
import { type HandlerSource, handlersByName } from '../job/handler.ts'
import type { Service } from '../lifecycle/service.ts'
import { createLogger } from './log.ts'
import { type CommonOptions, configOf } from './options.ts'
import { roleService } from './roles.ts'
import type { Setup } from './set-up.ts'

/** What a worker in a user's own program may be told; the environment says the rest. */
export type WorkerOptions = CommonOptions & {
  readonly handlers: Iterable<HandlerSource>
  readonly setup?: Setup
  /** Stops by itself when no job is ready and none runs. */
  readonly untilEmpty?: boolean
}

/** What a scheduler in a user's own program may be told; the environment says the rest. */
export type SchedulerOptions = CommonOptions & {
  /** The job types that schedules may name; what living workers publish serves where none are given. */
  readonly jobs?: readonly JobContract[]
}

/** A worker: claims jobs, runs their handlers and settles them, from `start()` to `stop()`. */
export function createWorker(given: WorkerOptions): Service {
  const { handlers: sources, setup, untilEmpty = false, ...options } = objectOf(given, 'createWorker')
  const faults =
    setup === undefined || typeof setup === 'function' ? [] : [`setup: expected a function, got ${excerpt(setup)}`]
  const config = configOf(options, { names: ['handlers', 'setup', 'untilEmpty'], faults })
  const handlers = handlersByName(listOf(sources, 'handlers'))
  const jobs = [...handlers.values()].map(({ job }) => job)
  const { onEvent } = options
  return roleService({
    config,
    roles: ['worker'],
    handlers,
    jobs,
    logger: createLogger(config),
    onEvent,
    setup,
    untilEmpty,
  })
}

/** A scheduler: moves due jobs, fires ticks, takes back what lost workers had, from `start()` to `stop()`. */
export function createScheduler(given: SchedulerOptions = {}): Service {
  const { jobs: listed = [], ...options } = objectOf(given, 'createScheduler')
  const config = configOf(options, { names: ['jobs'], faults: [] })
  const jobs = contractsIn(listOf(listed, 'jobs'))
  const logger = createLogger(config)
  return roleService({ config, roles: ['scheduler'], handlers: new Map(), jobs, logger, onEvent: options.onEvent })
}

function objectOf<Options extends object>(given: Options, call: string): Options {
  if (typeof given === 'object' && given !== null) return given
  throw new ConfigError([`${call}: expected an object of options, got ${excerpt(given)}`])
}

/** A text can be iterated too, letter by letter. */
function listOf<Item>(given: Iterable<Item>, what: string): Iterable<Item> {
  const list: unknown = given
  if (typeof list === 'object' && list !== null && Symbol.iterator in list) return given
  throw new InvalidJobError(what, [`expected a list, got ${excerpt(list)}`])
}

function contractsIn(given: Iterable<JobContract>): readonly JobContract[] {
  const jobs = [...given]
  const faults = jobs.flatMap((job: unknown, index) =>
    typeof job === 'object' && job !== null && 'name' in job && 'queue' in job
      ? []
      : [`jobs[${index}]: must be what defineJob answers, got ${excerpt(job)}`],
  )
  if (faults.length > 0) throw new InvalidJobError('jobs', faults)
  return jobs
}
