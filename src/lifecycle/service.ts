import { MorrowError } from '../errors.ts'

/** What a service is made of; `service` calls each part at most once, in this order. */
export type ServiceParts = {
  /** Names the service in error texts. */
  readonly name: string
  /** Opens what is needed; gives up when `signal` aborts, which says that stopping has begun. */
  readonly start: (signal: AbortSignal) => Promise<void>
  /** Works until `signal` aborts and then winds up; a rejection or an early end stops the service. */
  readonly run?: (signal: AbortSignal) => Promise<void>
  /** Closes what `start` opened; must bear a start that came only half-way. */
  readonly stop: () => Promise<void>
  /** Makes `run` wind up at once: what it would wait for is given back unfinished. */
  readonly hurry?: () => void
}

/** Where a service is in its one life. */
export type ServiceState = 'new' | 'starting' | 'running' | 'stopping' | 'stopped'

/** Something that is started once and stopped once, whoever asks how often. */
export type Service = {
  /** Resolves when it runs; every call answers the same promise. Rejects with the fault of starting, after cleaning up. */
  start(): Promise<void>
  /** Resolves when all is closed; every call answers the same promise. Rejects with the fault of running or closing. */
  stop(): Promise<void>
  /** Makes a stop wait for nothing that can be given back unfinished; does not ask for one itself. */
  hurry(): void
  /** Settles as `stop` does, but does not ask for it: for a process that waits for its service's end. */
  readonly ended: Promise<void>
  state(): ServiceState
  [Symbol.asyncDispose](): Promise<void>
}

/** Starting a service whose life is over, or ending one before it had started. */
export class StoppedError extends MorrowError {
  override readonly name = 'StoppedError'

  constructor(service: string) {
    super('MORROW_CLIENT_CLOSED', `${service} has been stopped; a service lives once: create a new one to start again`)
  }
}

/** What has happened so far in a service's life; each promise is there once it has been asked for. */
type Life = {
  state: ServiceState
  readonly stopping: AbortController
  opening?: Promise<void>
  running: Promise<void>
  started?: Promise<void>
  stopped?: Promise<void>
}

/** A service of these parts: start once, stop whenever, also while it starts. */
export function service(parts: ServiceParts): Service {
  const life: Life = { state: 'new', stopping: new AbortController(), running: Promise.resolve() }
  const ended = deferred()
  const start = (): Promise<void> => {
    life.started ??=
      life.stopped === undefined ? begin(parts, life, stop) : Promise.reject(new StoppedError(parts.name))
    return life.started
  }
  const stop = (): Promise<void> => {
    if (life.stopped !== undefined) return life.stopped
    life.stopped = end(parts, life)
    ended.follow(life.stopped)
    return life.stopped
  }
  const hurry = (): void => parts.hurry?.()
  return { start, stop, hurry, ended: ended.promise, state: () => life.state, [Symbol.asyncDispose]: stop }
}

async function begin(parts: ServiceParts, life: Life, stop: () => Promise<void>): Promise<void> {
  const { signal } = life.stopping
  life.state = 'starting'
  life.opening = attempt(() => parts.start(signal))
  const [fault] = await faultsOf(life.opening)
  if (signal.aborted) throw new StoppedError(parts.name)
  if (fault !== undefined) throw oneFault(parts.name, [fault, ...(await faultsOf(stop()))])
  life.state = 'running'
  if (parts.run === undefined) return
  life.running = parts.run(signal)
  // A service that ends by itself, well or badly, is closed like one that is told to.
  life.running.then(stop, stop).catch(() => undefined)
}

async function end(parts: ServiceParts, life: Life): Promise<void> {
  life.state = 'stopping'
  life.stopping.abort()
  if (life.opening !== undefined) await faultsOf(life.opening)
  const faults = [...(await faultsOf(life.running))]
  if (life.opening !== undefined) faults.push(...(await faultsOf(attempt(parts.stop))))
  life.state = 'stopped'
  if (faults.length > 0) throw oneFault(parts.name, faults)
}

/** Turns what a function throws at once into a rejection. */
const attempt = async (call: () => Promise<void>): Promise<void> => call()

/** The fault of a promise, wrapped because anything may be thrown, even undefined. */
type Fault = { readonly error: unknown }

const faultsOf = (promise: Promise<void>): Promise<readonly Fault[]> =>
  promise.then(
    () => [],
    (error: unknown) => [{ error }],
  )

function oneFault(name: string, faults: readonly Fault[]): unknown {
  const errors = faults.map(({ error }) => error)
  return errors.length === 1 ? errors[0] : new AggregateError(errors, `${name} failed, and could not be closed either`)
}

type Deferred = { readonly promise: Promise<void>; readonly follow: (other: Promise<void>) => void }

function deferred(): Deferred {
  let follow: (other: Promise<void>) => void = () => undefined
  const promise = new Promise<void>((resolve) => {
    follow = resolve
  })
  // Whoever wants to know awaits it; a fault that nobody awaits here is thrown by `stop` too.
  promise.catch(() => undefined)
  return { promise, follow }
}
