import { readConfig } from '../config.ts'
import { excerpt } from '../errors.ts'
import { type ScheduleDefinition, timingOf } from '../schedule/definition.ts'
import { compileTiming, type Timing } from '../schedule/timing.ts'
import type { Instant } from '../time/clock.ts'
import { systemClock } from '../time/system-clock.ts'
import { parseIso, resolveReading } from '../time/wall-clock.ts'
import { zoneOf } from '../time/zone.ts'
import type { Cli } from './context.ts'
import { usageError } from './exit.ts'
import { type FolderFlags, findInFiles, folderSettings } from './schedule-files.ts'

/** The flags of commands that are about a schedule of the files, or about an expression. */
export type TimingFlags = FolderFlags & {
  readonly cron?: string
  readonly tz?: string
  readonly from?: string
}

/** What a command is about: an expression alone, or a schedule with its policies. */
export type Asked =
  | { readonly kind: 'expression'; readonly timing: Timing }
  | { readonly kind: 'schedule'; readonly timing: Timing; readonly definition: ScheduleDefinition }

/** What is asked for by name or by expression; undefined when the files hold no such schedule, which is then said. */
export async function askedFor(cli: Cli, name: string | undefined, flags: TimingFlags): Promise<Asked | undefined> {
  const { cron, tz } = flags
  if ((name === undefined) === (cron === undefined)) {
    throw usageError(`expected the name of a schedule or --cron, got ${name === undefined ? 'neither' : 'both'}`)
  }
  if (name === undefined) return { kind: 'expression', timing: ofExpression(cron ?? '', flags) }
  const found = await findInFiles(cli, name, flags)
  if (found === undefined) return undefined
  const definition = tz === undefined ? found : { ...found, tz: zoneOf(tz, '--tz').name }
  return { kind: 'schedule', timing: timingOf(definition), definition }
}

/** An expression alone needs no project: only the zone may come from the environment. */
function ofExpression(cron: string, { tz, ...flags }: TimingFlags): Timing {
  const zone = tz ?? readConfig(undefined, folderSettings(flags)).timeZone
  return compileTiming(cron, zoneOf(zone, '--tz').name, { seed: '' })
}

/** Where ticks begin: now, an instant, or a reading of the wall clock in the zone of `--tz`. */
export function instantOf({ from, tz }: TimingFlags): Instant {
  if (from === undefined) return systemClock.now()
  const forms = `an instant such as 2026-03-07T00:00:00Z, or '2026-03-07 09:00' beside --tz`
  const iso = parseIso(from)
  if (iso === undefined) throw usageError(`--from: expected ${forms}, got ${excerpt(from)}`)
  if (iso.kind === 'instant') return iso.at
  if (tz === undefined) throw usageError(`--from: expected ${forms}, got ${excerpt(from)} and no zone`)
  return resolveReading(zoneOf(tz, '--tz'), iso.reading).at
}

const MOST = 10_000

/** A number of ticks, from 1 to 10,000; an error of use otherwise. */
export function countOf(text: string): number {
  const count = Number(text)
  if (/^\d+$/.test(text) && count >= 1 && count <= MOST) return count
  throw usageError(`--count: expected a whole number from 1 to ${MOST}, got ${excerpt(text)}`)
}
