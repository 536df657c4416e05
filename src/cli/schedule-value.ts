import { timingOf, timingText } from '../schedule/definition.ts'
import { describe } from '../schedule/describe.ts'
import type { StoredSchedule } from '../store/stored-schedule.ts'
import type { Compiled } from '../timetable/rules.ts'
import { hindranceOf, type LastRun, type ScheduleState } from '../timetable/state.ts'
import { iso } from './words.ts'

/** A schedule in force as commands look at it. */
export type Seen = {
  readonly stands: StoredSchedule
  /** Undefined where this release cannot read the definition. */
  readonly compiled: Compiled | undefined
  readonly state: ScheduleState
  readonly lastRun: LastRun | null
}

/** A schedule in force for machines: what `ls` prints of each, and `show` with more beside it. */
export function scheduleValue({ stands, compiled, state, lastRun }: Seen) {
  const { name, queue, nextAt, dueAt, lastPlannedAt, lastFiredAt, made, generation, origin } = stands
  return {
    name,
    ...declared(compiled),
    queue,
    state: state.kind,
    pausedUntil: state.kind === 'paused' ? iso(state.pause.until) : null,
    nextAt: iso(nextAt),
    dueAt: iso(dueAt),
    hindrance: hindranceOf(stands, compiled),
    lastPlannedAt: iso(lastPlannedAt),
    lastFiredAt: iso(lastFiredAt),
    latenessMs: lastRun?.latenessMs ?? null,
    made,
    generation,
    origin,
  }
}

function declared(compiled: Compiled | undefined) {
  if (compiled === undefined) return { sentence: '', when: '', tz: 'UTC', job: '', source: '' }
  const { definition } = compiled
  const { job, tz, source, description } = definition
  return {
    sentence: describe(timingOf(definition)),
    when: timingText(definition),
    tz,
    job,
    ...(description === undefined ? {} : { description }),
    source: placeText(source),
  }
}

/** Where a definition stands: 'schedules/mail.yml:3', or 'api' for one that a program declared. */
export const placeText = ({ file, line }: { readonly file: string; readonly line: number }): string =>
  line === 0 ? file : `${file}:${line}`
