import { DAYS_AHEAD } from '../schedule/compare.ts'
import { type ScheduleDefinition, timingOf } from '../schedule/definition.ts'
import { describe } from '../schedule/describe.ts'
import type { Instant } from '../time/clock.ts'
import { isoLocal, type Zone, zoneOf } from '../time/zone.ts'
import type { Plan, PlannedChange, PlannedGeneration } from '../timetable/plan.ts'
import { type PlanAbout, SHOWN_TICKS } from './schedule-plan-value.ts'
import { pauseText, unendedText } from './schedule-show-text.ts'
import { counted } from './words.ts'

const SIGNS = { added: '+', changed: '~', removed: '-', renamed: '>', unchanged: '=' } as const

/** A plan for people: each change with its ticks, pauses and runs; then what stays, and the generation. */
export function planText(plan: Plan, { against, faults }: PlanAbout): string {
  const { changes, unchanged, kept, withheld, spent, generation, refused } = plan
  const compared = against === null ? 'what is in force' : against
  const blocks = changes.map((change) => changeText(change, withheld.includes(change.name)))
  const tail = [
    changes.length === 0
      ? `nothing changes against ${compared}: ${counted(unchanged.length, 'schedule')} unchanged`
      : `against ${compared}: ${totals(changes)}, ${unchanged.length} unchanged`,
    ...(kept.length === 0 ? [] : [`${kept.join(', ')}: kept as before, because ${whyKept(faults)}`]),
    ...(withheld.length === 0
      ? []
      : [
          `${withheld.length} removals are more than half of all: they wait for morrow schedule apply --prune, or for files that name them again`,
        ]),
    ...(spent.length === 0 ? [] : [`${spent.join(', ')}: was: has done its work here and can be left out`]),
    ...(generation === null ? [] : [generationText(generation, refused)]),
  ]
  return [...blocks, tail.join('\n')].join('\n\n')
}

const whyKept = (faults: readonly string[]): string =>
  faults.length === 0 ? 'no file says what shall become of them' : 'what should say so cannot be read'

const totals = (changes: readonly PlannedChange[]): string =>
  (['added', 'changed', 'renamed', 'removed', 'unchanged'] as const)
    .map((kind) => ({ kind, count: changes.filter((change) => change.kind === kind).length }))
    .filter(({ count }) => count > 0)
    .map(({ kind, count }) => `${count} ${kind === 'unchanged' ? 'taken over' : kind}`)
    .join(', ')

/** Which number the files have or get, and whether they take over. */
function generationText({ name, isNew, before }: PlannedGeneration, refused: string | null): string {
  if (name === '') return 'these files have no generation, and would not come into force'
  const known = isNew ? `these files are new: they get generation ${name}` : `these files are generation ${name}`
  if (refused !== null) return `${known}, and would not come into force`
  if (before === '') return `${known}, the first`
  return name === before ? `${known}, which is in force` : `${known}; ${before} is in force`
}

function changeText(change: PlannedChange, isWithheld: boolean): string {
  const { name, kind, was, before, after, fields, pauses, isTakenOver, isSilent } = change
  const definition = after ?? before
  const zone = zoneOf(definition?.tz ?? 'UTC')
  const place = after === null ? '' : `  ${after.source.file}:${after.source.line}`
  const lines = [
    ...(kind === 'renamed' ? [`was ${was}: it keeps cursor, ledger, pause and waiting jobs`] : []),
    ...whenLines(before, after),
    ...(isSilent ? ['stands in the files, but is not enabled, or not for this environment'] : []),
    ...(fields.length > 0 ? [`differs in ${fields.join(', ')}`] : []),
    ...(kind === 'added' && was !== null
      ? [`looks like ${was}, which goes: write was: ${was} if it is that one under a new name`]
      : []),
    ...(isTakenOver ? ['was made at run time: from now on the files say what it is'] : []),
    ...tickLines(change, zone),
    ...limitLines(change),
    ...pauses.map(
      (pause) =>
        `paused ${pauseText(pause, zone)}; the pause ${kind === 'removed' ? 'stands if it comes back' : 'survives'}`,
    ),
    ...runLines(change),
    ...(isWithheld ? ['withheld: it stays in force'] : []),
  ]
  const head = `${SIGNS[kind]} ${name}  ${isTakenOver && kind === 'unchanged' ? 'taken over' : kind}${place}`
  return [head, ...lines.map((line) => `    ${line}`)].join('\n')
}

function whenLines(before: ScheduleDefinition | null, after: ScheduleDefinition | null): readonly string[] {
  const [old, fresh] = [before, after].map((each) => (each === null ? null : describe(timingOf(each))))
  if (old === fresh || before === null || after === null) return [fresh ?? old ?? '']
  return [`${fresh}`, `before: ${old}`]
}

function tickLines({ ticks: { appear, vanish, move, all } }: PlannedChange, zone: Zone): readonly string[] {
  if (appear.length + vanish.length + move.length === 0) return []
  const clock = (at: Instant): string => isoLocal(zone, at)
  const rows = [
    ['appear', appear.map(clock)],
    ['vanish', vanish.map(clock)],
    ['move', move.map(({ from, to }) => `${clock(from)} -> ${clock(to)}`)],
  ] as const
  const least = all ? '' : 'at least '
  return [
    `ticks of the next ${DAYS_AHEAD} days, ${zone.name}:`,
    ...rows
      .filter(([, shown]) => shown.length > 0)
      .map(([what, shown]) => `  ${least}${shown.length} ${what}: ${firstOf(shown)}`),
  ]
}

const firstOf = (shown: readonly string[]): string =>
  `${shown.slice(0, SHOWN_TICKS).join(', ')}${shown.length > SHOWN_TICKS ? ', …' : ''}`

/** What a limit says of ticks, which are told as if there were none: one that is reached is their end, one that goes their return. */
function limitLines({ before, after, counted }: PlannedChange): readonly string[] {
  const [old, fresh] = [before?.policies.limit, after?.policies.limit]
  if (after === null || counted === null) return []
  if (fresh !== undefined && counted >= fresh)
    return [`it has made ${counted} jobs and may make ${fresh}: no tick is planned any more`]
  if (old === undefined || counted < old) return []
  return [`it had reached its limit of ${old}: its ticks begin again`]
}

/** What becomes of runs that have not ended. */
function runLines({ kind, unended, before, after }: PlannedChange): readonly string[] {
  if (unended === null || Object.values(unended).every((count) => count === 0)) return []
  const waiting = unended.scheduled + unended.ready + unended.held
  const text = `runs that have not ended: ${unendedText(unended)}`
  if (kind === 'removed' && waiting > 0)
    return [`${text}; those that wait are cancelled, unless apply is told --pending keep`]
  const moves = before !== null && after !== null && before.queue !== after.queue
  return [`${text}; they go on${moves ? ' in the queue where they are' : ''}`]
}
