import { comingTicks } from '../schedule/coming.ts'
import { ticks } from '../schedule/ticks.ts'
import type { Instant } from '../time/clock.ts'
import { isoLocal } from '../time/zone.ts'
import type { Cli } from './context.ts'
import { EXIT } from './exit.ts'
import { type ShownTick, ticksTable, tickValue } from './schedule-ticks.ts'
import { type Asked, askedFor, countOf, instantOf, type TimingFlags } from './schedule-timing.ts'
import { print } from './terminal.ts'

type NextFlags = TimingFlags & { readonly count: string }

/** Prints the next ticks of a schedule of the files, by its policies, or of an expression. */
export async function nextTicks(cli: Cli, name: string | undefined, flags: NextFlags): Promise<void> {
  const count = countOf(flags.count)
  const asked = await askedFor(cli, name, flags)
  if (asked === undefined) return cli.finish(EXIT.unknown)
  const rows = rowsOf(asked, instantOf(flags, asked), count)
  print(cli.terminal, flags.json, { text: textOf(asked, rows), value: rows.map(tickValue) })
}

/** Its ticks are those of the zone that the schedule has, whichever zone they are shown in. */
function rowsOf(asked: Asked, from: Instant, count: number): readonly ShownTick[] {
  if (asked.kind === 'expression') return ticks(asked.timing, from, count, asked.zone.name)
  const shown = ({ at, due, ...rest }: ShownTick): ShownTick => ({
    ...rest,
    at,
    local: isoLocal(asked.zone, at),
    ...(due === undefined ? {} : { due: { at: due.at, local: isoLocal(asked.zone, due.at) } }),
  })
  return comingTicks(asked.definition, from, count).map(shown)
}

function textOf({ timing, zone }: Asked, rows: readonly ShownTick[]): string {
  if (timing.kind === 'manual') return 'never on its own: it is manual'
  return rows.length === 0 ? 'no tick is planned after that' : ticksTable(rows, zone.name)
}
