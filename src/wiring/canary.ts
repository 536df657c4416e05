import type { Emit, MorrowEvent } from '../job/events.ts'
import type { JobHandler } from '../job/handler.ts'
import { CANARY } from '../job/names.ts'
import { NORMAL } from '../job/priority.ts'
import { retryPolicy } from '../job/retry.ts'
import type { ScheduleDefinition } from '../schedule/definition.ts'
import { noteCanary } from '../store/canary.ts'
import type { Store } from '../store/store.ts'
import { duration } from '../time/clock.ts'
import { DAY, MINUTE } from '../time/duration.ts'
import { putInForce } from '../timetable/apply.ts'
import type { Base } from './base.ts'
import { TZ_DATA } from './version.ts'

/**
 * The tick of each minute, in the middle of it, where others do not crowd. One at a time and none caught up: where no worker
 * comes, one job waits and no more.
 */
const DEFINITION: ScheduleDefinition = {
  name: CANARY,
  timing: { kind: 'every', every: duration(MINUTE), offset: duration(MINUTE / 2) },
  tz: 'UTC',
  job: CANARY,
  queue: CANARY,
  description: 'Goes the whole way once a minute, to show that it can be gone',
  enabled: true,
  policies: { missed: { kind: 'skip' }, overlap: 'skip' },
  source: { file: 'morrow', line: 0, column: 0 },
}

/**
 * Puts the canary's schedule in force; to be repeated, so that a Redis that was wiped gets it back. What goes wrong is said, and
 * keeps the schedules of others from nothing.
 */
export async function keepCanary({ store, id: by, emit }: Pick<Base, 'store' | 'id' | 'emit'>): Promise<void> {
  try {
    await putInForce({ store, by, generation: '', reign: 0, tz: TZ_DATA }, DEFINITION, 'api')
  } catch (error) {
    emit({ kind: 'error', doing: 'putting the canary in force', error })
  }
}

/** The handlers of a worker and the one of the canary, which notes that the tick has come through. */
export const withCanary = (
  handlers: ReadonlyMap<string, JobHandler>,
  store: Store,
): ReadonlyMap<string, JobHandler> => {
  const job = {
    name: CANARY,
    queue: CANARY,
    formerQueues: [],
    payload: undefined,
    result: undefined,
    retry: retryPolicy({ attempts: 3, backoff: { kind: 'fixed', wait: '1s' } }),
    timeout: undefined,
    expiresIn: undefined,
    priority: NORMAL,
    unknownFor: duration(DAY),
  }
  const run: JobHandler['run'] = (_payload, { tick }) =>
    tick === null ? undefined : noteCanary(store, tick.plannedAt.getTime())
  return new Map([...handlers, [CANARY, { job, run }]])
}

/** Tells everything but that the canary has come and gone as it should. */
export const withoutCanary =
  (emit: Emit): Emit =>
  (event) => {
    if (!isCanary(event)) emit(event)
  }

function isCanary(event: MorrowEvent): boolean {
  switch (event.kind) {
    case 'tick.fired':
    case 'tick.skipped':
      return event.schedule === CANARY
    case 'job.completed':
      return event.job === CANARY
    case 'jobs.promoted':
      return event.queue === CANARY
  }
  return false
}
