import { excerpt } from '../errors.ts'
import type { JobContext } from './context.ts'
import type { JobContract } from './contract.ts'
import { InvalidJobError } from './errors.ts'

/** What a handler is: with a declared result it answers that, without one whatever it answers is not kept. */
export type Run<Payload, Result> = [Result] extends [undefined]
  ? (payload: Payload, context: JobContext) => void
  : (payload: Payload, context: JobContext) => Result | Promise<Result>

/** A job type with the function that does its work; made by `definition.handle(…)`. */
export type JobHandler = {
  readonly job: JobContract
  run(payload: unknown, context: JobContext): unknown
}

/** A handler, or a definition that carries one. */
export type HandlerSource = JobHandler | (JobContract & { readonly handler: JobHandler | undefined })

/**
 * Answers the handlers by the name of their job type. Throws InvalidJobError with every fault: two handlers of one name,
 * a definition that carries none, a value that is no handler. The same handler listed twice is one.
 */
export function handlersByName(sources: Iterable<HandlerSource>): ReadonlyMap<string, JobHandler> {
  const handlers = new Map<string, JobHandler>()
  const faults: string[] = []
  let position = 0
  for (const source of sources) {
    const handler = handlerOf(source, `handlers[${position++}]`, faults)
    if (handler === undefined) continue
    const { name } = handler.job
    const known = handlers.get(name)
    if (known === undefined) handlers.set(name, handler)
    else if (known !== handler)
      faults.push(`${name} has two handlers: keep one, or give one of the job types another name`)
  }
  if (faults.length > 0) throw new InvalidJobError('handlers', faults)
  return handlers
}

function handlerOf(source: unknown, where: string, faults: string[]): JobHandler | undefined {
  if (isHandler(source)) return source
  const definition = typeof source === 'object' && source !== null ? source : {}
  const handler = 'handler' in definition ? definition.handler : undefined
  if (isHandler(handler)) return handler
  if ('name' in definition && 'handle' in definition) {
    faults.push(`${where}: ${definition.name} is a definition without a handler: list what its handle(…) answers`)
  } else faults.push(`${where}: must be what the handle(…) of a job answers, got ${excerpt(source)}`)
  return undefined
}

const isHandler = (value: unknown): value is JobHandler =>
  typeof value === 'object' && value !== null && 'job' in value && 'run' in value && typeof value.run === 'function'
