import { within } from '../lifecycle/deadline.ts'
import { type Duration, duration } from '../time/clock.ts'
import { SECOND } from '../time/duration.ts'
import { systemClock } from '../time/system-clock.ts'
import { type DevChild, startChild } from './dev-child.ts'
import type { ProcessPlan } from './dev-plan.ts'

/** Processes that run side by side and end together. */
export type Crew = {
  start(): void
  /** Ends them with SIGTERM, and with SIGKILL when they take too long or `hurry` aborts. */
  stop(hurry?: AbortSignal): Promise<void>
  /** Ends and starts again those that a change concerns. */
  restart(concerns: (plan: ProcessPlan) => boolean): Promise<void>
  /** Resolves with the first bad exit code, or with 0 when all have ended well; the others have been stopped then. */
  readonly ended: Promise<number>
}

export type CrewParts = {
  readonly plans: readonly ProcessPlan[]
  readonly shutdownTimeout: Duration
  /** Takes a line of a process, or of ours about it. */
  readonly line: (plan: ProcessPlan, text: string) => void
}

type Seat = { readonly plan: ProcessPlan; child: DevChild | undefined; leaving: boolean; anew: boolean }

type Ship = {
  readonly seats: readonly Seat[]
  readonly patience: Duration
  readonly line: CrewParts['line']
  /** Takes the exit code that all end with; the first one counts. */
  readonly finish: (code: number) => void
  stopping: boolean
}

/** A process hands back at its own deadline; it has this long to say so. */
const GRACE = 5 * SECOND

/** Prepares processes; nothing runs before `start`. */
export function crew({ plans, shutdownTimeout, line }: CrewParts): Crew {
  const seats = plans.map((plan): Seat => ({ plan, child: undefined, leaving: false, anew: false }))
  let finish: (code: number) => void = () => undefined
  const first = new Promise<number>((resolve) => {
    finish = resolve
  })
  const ship: Ship = { seats, patience: duration(shutdownTimeout + GRACE), line, finish, stopping: false }
  const stop = (hurry?: AbortSignal): Promise<void> => {
    ship.stopping = true
    return leave(ship, seats, hurry)
  }
  const ended = first.then(async (code) => {
    await stop()
    return code
  })
  const start = (): void => {
    for (const seat of seats) put(ship, seat)
  }
  return { start, stop, restart: (concerns) => restart(ship, concerns), ended }
}

function put(ship: Ship, seat: Seat): void {
  const { plan } = seat
  const child = startChild(plan, (text) => ship.line(plan, text), ship.patience)
  seat.child = child
  void child.ended.then((code) => {
    seat.child = undefined
    if (seat.leaving) return
    ship.line(plan, code === 0 ? 'has ended' : `ended with exit code ${code}`)
    if (code !== 0 && seat.anew) ship.line(plan, 'it is started again at the next change')
    else if (code !== 0) ship.finish(code)
    else if (ship.seats.every((each) => each.child === undefined && !each.leaving)) ship.finish(0)
  })
}

async function leave({ patience }: Ship, leaving: readonly Seat[], hurry?: AbortSignal): Promise<void> {
  for (const seat of leaving) seat.leaving = true
  const children = leaving.flatMap(({ child }) => child ?? [])
  const living = new Set(children)
  const all = Promise.all(children.map((child) => child.ended.then(() => living.delete(child))))
  for (const child of living) child.signal('SIGTERM')
  await within(Promise.race([all, aborted(hurry)]), patience, systemClock)
  for (const child of living) child.signal('SIGKILL')
  await all
}

async function restart(ship: Ship, concerns: (plan: ProcessPlan) => boolean): Promise<void> {
  const leaving = ship.seats.filter(({ plan, leaving: leaves }) => !leaves && concerns(plan))
  for (const { plan } of leaving) ship.line(plan, 'is started again, because a file has changed')
  await leave(ship, leaving)
  if (ship.stopping) return
  for (const seat of leaving) {
    seat.leaving = false
    seat.anew = true
    put(ship, seat)
  }
}

const aborted = (signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted) resolve()
    else signal?.addEventListener('abort', () => resolve(), { once: true })
  })
