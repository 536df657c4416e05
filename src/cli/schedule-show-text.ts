import { CANARY } from '../job/names.ts'
import { timingOf, timingText } from '../schedule/definition.ts'
import { describe } from '../schedule/describe.ts'
import { policiesInWords } from '../schedule/describe-policies.ts'
import type { Place } from '../schedule/fault.ts'
import type { StoredPause, StoredSchedule } from '../store/stored-schedule.ts'
import type { Unended } from '../store/unended.ts'
import { duration } from '../time/clock.ts'
import { formatDuration } from '../time/duration.ts'
import { type Zone, zoneOf } from '../time/zone.ts'
import type { Compiled } from '../timetable/rules.ts'
import { callerOff, hindranceOf } from '../timetable/state.ts'
import { HINDRANCES } from '../web/words.ts'
import { local, type ShownTick, ticksTable } from './schedule-ticks.ts'
import { placeText, type Seen } from './schedule-value.ts'
import { table } from './terminal.ts'
import { apart } from './words.ts'

/** All that `schedule show` tells of a schedule in force. */
export type Shown = Seen & {
  readonly now: number
  readonly compiled: Compiled
  readonly unended: Unended
  readonly ticks: readonly ShownTick[]
}

/** What `schedule show` prints for people. */
export function showText(shown: Shown): string {
  const { stands, compiled, ticks } = shown
  const { definition } = compiled
  const { tz, description } = definition
  const policies = policiesInWords(definition).map(({ key, text }) => [key, text])
  return [
    `${stands.name}: ${describe(timingOf(definition))}${description === undefined ? '' : `\n${description}`}`,
    table([...declared(shown), ...standing(shown)]),
    table(policies),
    ticks.length === 0 ? `no next tick: ${noTick(shown)}` : ticksTable(ticks, tz),
  ].join('\n\n')
}

type Rows = readonly (readonly string[])[]

function declared({ stands, compiled: { definition }, now }: Shown): Rows {
  const { source, payload, job } = definition
  const zone = zoneOf(definition.tz)
  const former = stands.former.length === 0 ? '' : ` (before: ${stands.former.join(', ')})`
  return [
    ['when', timingText(definition)],
    ['job', job],
    ...(payload === undefined ? [] : [['payload', JSON.stringify(payload)]]),
    ['queue', `${stands.queue}${former}`],
    ['declared', declaredAt(stands, source)],
    ['generation', stands.generation === '' ? 'none' : stands.generation],
    ['in force', `since ${local(zone, stands.since)} (${apart(stands.since, now)})`],
  ]
}

function declaredAt({ origin, name }: StoredSchedule, source: Place): string {
  if (name === CANARY) return 'by Morrow itself'
  return origin === 'api' ? 'at run time, by a program' : placeText(source)
}

function standing({ stands, compiled, state, lastRun, unended, now }: Shown): Rows {
  const { lastFiredAt, lastPlannedAt, made, counted, pauses, skips, dueAt } = stands
  const hindrance = hindranceOf(stands, compiled)
  const { policies, tz } = compiled.definition
  const { limit, lateness } = policies
  const zone = zoneOf(tz)
  const when = (at: number): string => `${local(zone, at)} (${apart(at, now)})`
  const live = pauses.filter(({ until }) => until === null || until > now)
  const late = lastRun === null ? '' : `, ${formatDuration(duration(lastRun.latenessMs))} after it was due`
  return [
    ['state', state.kind === 'waits' ? `begins ${when(state.until)}` : state.kind.replace('-', ' ')],
    ...(dueAt === null
      ? []
      : [['next due', `${when(dueAt)}${hindrance === null ? '' : `, ${HINDRANCES[hindrance]}`}`]]),
    ['last fired', lastFiredAt === null ? 'never' : when(lastFiredAt)],
    ...(lastPlannedAt === null ? [] : [['last tick', `${local(zone, lastPlannedAt)}${late}`]]),
    ['jobs made', `${made}${limit === undefined ? '' : `; ${counted} of ${limit} that it may make`}`],
    ['unended', unendedText(unended)],
    ...live.map((pause) => ['pause', pauseText(pause, zone)]),
    ...skips.map((skip) => ['called off', `${local(zone, skip)}${byText(callerOff(stands, skip))}`]),
    ...(lateness === undefined ? [] : [['budget', `p99 ${formatDuration(lateness.p99)}`]]),
  ]
}

/** How many runs have not ended: '2 wait (1 scheduled, 1 ready), 1 runs', 'none'. */
export function unendedText({ scheduled, ready, held, active }: Unended): string {
  const places = Object.entries({ scheduled, ready, held }).filter(([, count]) => count > 0)
  const waiting = scheduled + ready + held
  const parts = [
    ...(waiting === 0
      ? []
      : [`${waiting} ${waiting === 1 ? 'waits' : 'wait'} (${places.map(([place, n]) => `${n} ${place}`).join(', ')})`]),
    ...(active === 0 ? [] : [`${active} ${active === 1 ? 'runs' : 'run'}`]),
  ]
  return parts.length === 0 ? 'none' : parts.join(', ')
}

/** A pause with its end, who said so and why: 'from … until …, by ada: data centre moves'. */
export function pauseText({ since, until, by, reason }: StoredPause, zone: Zone): string {
  const end = until === null ? 'until it is resumed' : `until ${local(zone, until)}`
  return `from ${local(zone, since)} ${end}${byText({ by, reason })}`
}

const byText = (who: Pick<StoredPause, 'by' | 'reason'> | undefined): string =>
  who === undefined ? '' : `, by ${who.by}${who.reason === '' ? '' : `: ${who.reason}`}`

function noTick({ state, compiled: { definition } }: Shown): string {
  switch (state.kind) {
    case 'manual':
      return 'it runs only when a person asks for it'
    case 'limit-reached':
      return `it has made the ${definition.policies.limit ?? 0} jobs that it may make`
    case 'ended':
    case 'paused':
    case 'waits':
    case 'unreadable':
    case 'on':
      return 'none is planned any more'
  }
}
