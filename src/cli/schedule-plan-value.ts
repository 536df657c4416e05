import { timingText } from '../schedule/definition.ts'
import type { Plan, PlannedChange } from '../timetable/plan.ts'
import { iso } from './words.ts'

/** What a plan is against: null for what is in force; and what is wrong with the files. */
export type PlanAbout = { readonly against: string | null; readonly faults: readonly string[] }

/** How many ticks of a kind are shown. */
export const SHOWN_TICKS = 3

/** A plan for machines. */
export const planValue = (plan: Plan, { against, faults }: PlanAbout) => ({
  against,
  from: iso(plan.from),
  generation: plan.generation,
  refused: plan.refused,
  changes: plan.changes.map((change) => changeValue(change, plan.withheld.includes(change.name))),
  unchanged: plan.unchanged,
  kept: plan.kept,
  withheld: plan.withheld,
  spent: plan.spent,
  faults,
})

function changeValue(change: PlannedChange, isWithheld: boolean) {
  const { name, kind, was, fields, ticks, before, after, pauses, unended, counted, isTakenOver, isSilent } = change
  const definition = after ?? before
  const source = after?.source
  return {
    name,
    kind,
    was: kind === 'renamed' ? was : null,
    looksLike: kind === 'added' ? was : null,
    fields,
    tz: definition?.tz ?? 'UTC',
    when: { before: before && timingText(before), after: after && timingText(after) },
    source: source === undefined ? null : `${source.file}:${source.line}`,
    ticks: {
      appear: { count: ticks.appear.length, first: ticks.appear.slice(0, SHOWN_TICKS).map(iso) },
      vanish: { count: ticks.vanish.length, first: ticks.vanish.slice(0, SHOWN_TICKS).map(iso) },
      move: {
        count: ticks.move.length,
        first: ticks.move.slice(0, SHOWN_TICKS).map(({ from, to }) => ({ from: iso(from), to: iso(to) })),
      },
      all: ticks.all,
    },
    pauses: pauses.map((pause) => ({ ...pause, since: iso(pause.since), until: iso(pause.until) })),
    unended,
    counted,
    withheld: isWithheld,
    takenOver: isTakenOver,
    silent: isSilent,
  }
}
