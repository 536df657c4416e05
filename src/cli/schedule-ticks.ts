import type { ComingTick } from '../schedule/coming.ts'
import { instant } from '../time/clock.ts'
import { isoLocal, type Zone } from '../time/zone.ts'
import { table } from './terminal.ts'

/** A tick as commands show it; `state` says why it will not run. */
export type ShownTick = ComingTick & { readonly state?: string }

/** An instant as the clocks of a zone show it, with its name: '2026-03-08T03:00:00-04:00 America/New_York'. */
export const local = (zone: Zone, at: number): string => `${isoLocal(zone, instant(at))} ${zone.name}`

/** Ticks as a table: in UTC, in their zone, when they are due where that differs, and what has to be said of them. */
export function ticksTable(rows: readonly ShownTick[], zone: string): string {
  const isSpread = rows.some(({ due }) => due !== undefined)
  const heads = ['UTC', `LOCAL (${zone})`, ...(isSpread ? ['DUE'] : []), '']
  const cells = rows.map((row) => [
    new Date(row.at).toISOString(),
    row.local,
    ...(isSpread ? [row.due?.local ?? ''] : []),
    remarksOf(row).join('; '),
  ])
  return table([heads, ...cells])
}

const remarksOf = ({ excluded, state, note }: ShownTick): readonly string[] => [
  ...(excluded === undefined ? [] : [`excluded by ${excluded}`]),
  ...(state === undefined ? [] : [state]),
  ...(note === undefined ? [] : [note]),
]

/** A tick for machines. */
export const tickValue = ({ at, due, ...rest }: ShownTick) => ({
  at: new Date(at).toISOString(),
  ...rest,
  ...(due === undefined ? {} : { dueAt: new Date(due.at).toISOString(), dueLocal: due.local }),
})
