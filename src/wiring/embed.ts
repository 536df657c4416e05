import type { JobContract } from '../job/contract.ts'
import { type HandlerSource, handlersByName } from '../job/handler.ts'
import type { Service } from '../lifecycle/service.ts'
import { createLogger } from './log.ts'
import { type CommonOptions, configOf } from './options.ts'
import { roleService, type Setup } from './roles.ts'

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
export function createWorker({ handlers: sources, setup, untilEmpty = false, ...options }: WorkerOptions): Service {
  const config = configOf(options)
  const handlers = handlersByName(sources)
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
export function createScheduler({ jobs = [], ...options }: SchedulerOptions = {}): Service {
  const config = configOf(options)
  const logger = createLogger(config)
  return roleService({ config, roles: ['scheduler'], handlers: new Map(), jobs, logger, onEvent: options.onEvent })
}
