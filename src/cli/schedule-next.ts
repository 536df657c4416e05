import { comingTicks } from '../schedule/coming.ts'
import { ticks } from '../schedule/ticks.ts'
import type { Instant } from '../time/clock.ts'
import type { Cli } from './context.ts'
import { EXIT } from './exit.ts'
import { type ShownTick, ticksTable, tickValue } from './schedule-ticks.ts'
import { type Asked, askedFor, countOf, instantOf, type TimingFlags } from './schedule-timing.ts'
import { print } from './terminal.ts'

type NextFlags = TimingFlags & { readonly count: string }

/** Prints the next ticks of a schedule of the files, by its policies, or of an expression. */
export async function nextTicks(cli: Cli, name: string | undefined, flags: NextFlags): Promise<void> {
  const from = instantOf(flags)
  const count = countOf(flags.count)
  const asked = await askedFor(cli, name, flags)
  if (asked === undefined) return cli.finish(EXIT.unknown)
  const rows = rowsOf(asked, from, count, flags.tz ?? 'UTC')
  print(cli.terminal, flags.json, { text: textOf(asked, rows, flags.tz ?? 'UTC'), value: rows.map(tickValue) })
}

const rowsOf = (asked: Asked, from: Instant, count: number, zone: string): readonly ShownTick[] =>
  asked.kind === 'schedule' ? comingTicks(asked.definition, from, count) : ticks(asked.timing, from, count, zone)

function textOf(asked: Asked, rows: readonly ShownTick[], zone: string): string {
  const { timing } = asked
  if (timing.kind === 'manual') return 'never on its own: it is manual'
  if (rows.length === 0) return 'no tick is planned after that'
  const beside = asked.kind === 'schedule' ? asked.definition.tz : zone
  return ticksTable(rows, timing.kind === 'cron' ? timing.zone.name : beside)
}
