import { clockChanges } from '../schedule/clock-changes.ts'
import { timingText } from '../schedule/definition.ts'
import { describe } from '../schedule/describe.ts'
import { ticks } from '../schedule/ticks.ts'
import { counted } from '../schedule/words.ts'
import { type Instant, instant } from '../time/clock.ts'
import { formatDuration, HOUR } from '../time/duration.ts'
import { timeText } from '../time/reading.ts'
import { isoLocal, zoneOf } from '../time/zone.ts'
import type { CausingDefinition, Why } from './causes.ts'
import type { HistoryEntry, JobSeen } from './history.ts'
import type { Records } from './records.ts'

type Told = Omit<Why, 'lines'>

/** The chain of causes in plain sentences. */
export function tell(
  told: Told,
  records: Records,
  now: Instant,
  { reason, held }: { readonly reason: string | null; readonly held: readonly string[] },
): readonly string[] {
  const { name, at, verdict, definition } = told
  const zone = zoneOf(definition?.compiled.definition.tz ?? 'UTC')
  const when = `${isoLocal(zone, at)} ${zone.name}`
  const because = reason === null ? [] : [reason]
  const origin = definition === null ? [] : [originOf(definition)]
  switch (verdict) {
    case 'decided':
      return [...plannedAs(told, when), ...origin, ...decidedOn(told, because), ...held, ...clockNotes(told)]
    case 'overdue':
      return [
        `${name} has a tick planned at ${when}.`,
        ...origin,
        `It is due and has not been decided on yet: no scheduler has looked since (it is ${isoLocal(zone, now)} now).`,
        ...because,
      ]
    case 'to-come':
      return [`${name} has a tick planned at ${when}, which is to come.`, ...origin, ...because, ...clockNotes(told)]
    case 'not-planned':
      return [
        `${name} has no tick planned at ${when}.`,
        ...origin,
        ...bounds(told, records),
        ...neighbours(told),
        ...clockNotes(told),
      ]
    case 'not-in-force':
      return [`${name} was not in force at ${when}.`, ...stays(records)]
    case 'forgotten':
      return [
        `What is known of ${name} at ${when} has been dropped: its ledger begins after ${isoLocal(zone, records.droppedUntil ?? at)}.`,
      ]
  }
}

/** What was decided, and why; then what people had made. */
const decidedOn = ({ entries }: Told, because: readonly string[]): readonly string[] =>
  entries.flatMap((entry, index) => [...(index === 0 ? because : []), ...whatBecame(entry)])

function plannedAs({ name, entries }: Told, when: string): readonly string[] {
  const first = entries[0]
  if (first?.fate === 'by-hand') return [`A person had ${name} run at ${when}; no tick was planned there.`]
  const among = first !== undefined && first.count > 1 ? `, one of ${first.count} with the same fate` : ''
  return [`${name} had a tick planned at ${when}${among}.`]
}

function originOf({
  compiled: { definition, rule },
  source,
  version,
  generation,
  appliedAt,
}: CausingDefinition): string {
  const since = appliedAt === null ? '' : `, in force since ${isoLocal(zoneOf(definition.tz), appliedAt)}`
  return `By ${source}: ${timingText(definition)} (${describe(rule.timing)}); version ${version.slice(0, 8)}, generation ${generation || '0'}${since}.`
}

function whatBecame(entry: HistoryEntry): readonly string[] {
  const { words, at, lateness, scheduler, jobs, blockedBy, count } = entry
  const on = at === null ? '' : ` on ${new Date(at).toISOString()}`
  const by = scheduler === null ? '' : ` by ${scheduler}`
  const late = lateness > 0 ? `, ${formatDuration(lateness)} late${count > 1 ? ' at most' : ''}` : ''
  return [
    `Decided${on}${by}: ${words}${late}.`,
    ...jobs.map(
      (job, index) =>
        `${jobs.length === 1 ? 'Its job' : index === 0 ? 'The first job' : 'The last job'} ${job.id} ${seen(job)}.`,
    ),
    ...(blockedBy === null ? [] : [`The run in the way, job ${blockedBy.id}, ${seen(blockedBy)}.`]),
  ]
}

/** Where a job is, after its name. */
const seen = ({ state, attempts }: JobSeen): string =>
  state === 'forgotten'
    ? 'is kept no longer'
    : `is ${state}${attempts === null || attempts === 0 ? '' : ` after ${counted(attempts, 'attempt')}`}`

/** What keeps a definition from planning anything. */
function bounds({ at, definition }: Told, { rows, stands }: Records): readonly string[] {
  if (definition === null) return []
  const { definition: said, rule } = definition.compiled
  const zone = zoneOf(said.tz)
  const ended = rows.some(
    ({ entry: { fate, first } }) => fate === 'limit' && first < at && first > (definition.appliedAt ?? 0),
  )
  const { limit = Infinity } = said.policies
  const exhausted =
    stands.counted >= limit &&
    definition.version === stands.version &&
    at > Math.max(stands.lastPlannedAt ?? 0, stands.since)
  return [
    ...(said.timing.kind === 'manual' ? ['It runs only when a person asks for it.'] : []),
    ...(rule.starts !== null && at < rule.starts ? [`It starts at ${isoLocal(zone, rule.starts)}.`] : []),
    ...(rule.ends !== null && at > rule.ends ? [`It ended at ${isoLocal(zone, rule.ends)}.`] : []),
    ...(ended || exhausted ? [`Its limit of ${counted(said.policies.limit ?? 0, 'job')} had been reached.`] : []),
  ]
}

function neighbours({ before, after, definition }: Told): readonly string[] {
  if (definition === null) return []
  const zone = zoneOf(definition.compiled.definition.tz)
  const near = [
    ...(before === null ? [] : [`the tick before it is planned at ${isoLocal(zone, before)}`]),
    ...(after === null ? [] : [`the tick after it at ${isoLocal(zone, after)}`]),
  ]
  const sentence = near.join(', ')
  return sentence === '' ? [] : [`${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`]
}

/** What is to be said of clocks that were changed near the instant. */
function clockNotes({ at, before, after, definition }: Told): readonly string[] {
  const timing = definition?.compiled.rule.timing
  if (timing?.kind !== 'cron') return []
  const near = [before, at, after].filter((each) => each !== null && Math.abs(each - at) <= 2 * HOUR)
  const notes = near.flatMap((each) =>
    ticks(timing, instant((each ?? at) - 1), 1).flatMap((row) => (row.at === each && row.note ? [`${row.note}.`] : [])),
  )
  const changes = clockChanges(timing.zone, instant(at - 2 * HOUR), instant(at + 2 * HOUR)).map(({ kind, from, to }) =>
    kind === 'gap'
      ? `The clocks of ${timing.zone.name} went from ${timeText(from)} to ${timeText(to)} there.`
      : `The clocks of ${timing.zone.name} showed ${timeText(from)} to ${timeText(to)} twice there.`,
  )
  return [...new Set([...notes, ...changes])]
}

/** When a schedule was put in force and taken out of it. */
function stays({ rows }: Records): readonly string[] {
  const changes = rows.filter(({ entry: { fate } }) => fate === 'applied' || fate === 'withdrawn').slice(-4)
  return changes.map(({ entry, context }) => {
    const at = new Date(entry.first).toISOString()
    return `It was ${entry.fate === 'applied' ? 'put in force' : 'taken out of force'} at ${at} (generation ${context.generation}).`
  })
}
