import { type Config, readConfig } from '../config.ts'
import { excerpt, nearest } from '../errors.ts'
import { compileCron } from '../schedule/cron.ts'
import { timingOf } from '../schedule/definition.ts'
import { readScheduleFiles } from '../schedule/files.ts'
import { type TickRow, ticks } from '../schedule/ticks.ts'
import type { Timing } from '../schedule/timing.ts'
import type { Instant } from '../time/clock.ts'
import { systemClock } from '../time/system-clock.ts'
import { parseIso, resolveReading } from '../time/wall-clock.ts'
import { zoneOf } from '../time/zone.ts'
import type { Cli } from './context.ts'
import { EXIT, usageError } from './exit.ts'
import { openProject } from './project.ts'
import { type FolderFlags, folderSettings } from './schedule-files.ts'
import { print, table } from './terminal.ts'

type NextFlags = FolderFlags & {
  readonly cron?: string
  readonly tz?: string
  readonly from?: string
  readonly count: string
}

const MOST = 10_000

/** Prints the next ticks of a schedule of the files, or of an expression. */
export async function nextTicks(cli: Cli, name: string | undefined, flags: NextFlags): Promise<void> {
  const from = instantOf(flags)
  const count = countOf(flags.count)
  if ((name === undefined) === (flags.cron === undefined)) {
    throw usageError(`expected the name of a schedule or --cron, got ${name === undefined ? 'neither' : 'both'}`)
  }
  const timing = name === undefined ? ofExpression(flags) : await ofFile(cli, name, flags)
  if (timing === undefined) return cli.finish(EXIT.unknown)
  const rows = ticks(timing, from, count)
  const value = rows.map(({ at, ...rest }) => ({ at: new Date(at).toISOString(), ...rest }))
  print(cli.terminal, flags.json, { text: textOf(timing, rows), value })
}

/** Where the ticks begin: now, an instant, or a reading of the wall clock in the zone of `--tz`. */
function instantOf({ from, tz }: NextFlags): Instant {
  if (from === undefined) return systemClock.now()
  const forms = `an instant such as 2026-03-07T00:00:00Z, or '2026-03-07 09:00' beside --tz`
  const iso = parseIso(from)
  if (iso === undefined) throw usageError(`--from: expected ${forms}, got ${excerpt(from)}`)
  if (iso.kind === 'instant') return iso.at
  if (tz === undefined) throw usageError(`--from: expected ${forms}, got ${excerpt(from)} and no zone`)
  return resolveReading(zoneOf(tz, '--tz'), iso.reading).at
}

function countOf(text: string): number {
  const count = Number(text)
  if (/^\d+$/.test(text) && count >= 1 && count <= MOST) return count
  throw usageError(`--count: expected a whole number from 1 to ${MOST}, got ${excerpt(text)}`)
}

/** An expression alone needs no project: only the zone may come from the environment. */
function ofExpression({ cron = '', tz, ...flags }: NextFlags): Timing {
  const zone = tz ?? readConfig(undefined, folderSettings(flags)).timeZone
  return compileCron(cron, zone, { seed: '' })
}

async function ofFile({ terminal }: Cli, name: string, flags: NextFlags): Promise<Timing | undefined> {
  const { config } = await openProject(folderSettings(flags))
  const definitions = await definitionsIn(config)
  const found = definitions.find((each) => each.name === name)
  if (found !== undefined) return timingOf(flags.tz === undefined ? found : { ...found, tz: flags.tz })
  const meant = nearest(
    name,
    definitions.map((each) => each.name),
  )
  const hint = meant === undefined ? 'morrow schedule lint says what stands there' : `did you mean ${meant}?`
  terminal.say(`no schedule ${excerpt(name)} can be read in ${config.schedules}/; ${hint}`)
  return undefined
}

const definitionsIn = async ({ schedules, timeZone: defaultZone }: Config) =>
  (await readScheduleFiles(schedules, { defaultZone })).schedules

function textOf(timing: Timing, rows: readonly TickRow[]): string {
  if (timing.kind === 'manual') return 'never on its own: it is manual'
  const shown = rows.map(({ at, local, note }) => [new Date(at).toISOString(), local, note ?? ''])
  return table([['UTC', 'LOCAL', ''], ...shown])
}
