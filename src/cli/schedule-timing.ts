import { readConfig } from '../config.ts'
import { excerpt } from '../errors.ts'
import { type ScheduleDefinition, timingOf } from '../schedule/definition.ts'
import { compileTiming, type Timing } from '../schedule/timing.ts'
import type { Instant } from '../time/clock.ts'
import { systemClock } from '../time/system-clock.ts'
import { type Zone, zoneOf } from '../time/zone.ts'
import type { Cli } from './context.ts'
import { usageError } from './exit.ts'
import { dayOrInstantSaid } from './instants.ts'
import { type FolderFlags, findInFiles, folderSettings } from './schedule-files.ts'

/** The flags of commands that are about a schedule of the files, or about an expression. */
export type TimingFlags = FolderFlags & {
  readonly cron?: string
  readonly tz?: string
  readonly from?: string
}

/** What a command is about: an expression alone, or a schedule with its policies. */
export type Asked = (
  | { readonly kind: 'expression' }
  | { readonly kind: 'schedule'; readonly definition: ScheduleDefinition }
) & {
  readonly timing: Timing
  /** In which times without an offset are read, and ticks are shown. */
  readonly zone: Zone
}

/** What is asked for by name or by expression; undefined when the files hold no such schedule, which is then said. */
export async function askedFor(cli: Cli, name: string | undefined, flags: TimingFlags): Promise<Asked | undefined> {
  const { cron, tz } = flags
  if ((name === undefined) === (cron === undefined)) {
    throw usageError(`expected the name of a schedule or --cron, got ${name === undefined ? 'neither' : 'both'}`)
  }
  if (name === undefined) {
    if (HASHED.test(cron ?? '')) cli.terminal.say(`H is decided by the name of a schedule: ${NAMELESS}`)
    return ofExpression(cron ?? '', flags)
  }
  const zone = tz === undefined ? undefined : zoneOf(tz, '--tz')
  const definition = await findInFiles(cli, name, flags)
  if (definition === undefined) return undefined
  return { kind: 'schedule', timing: timingOf(definition), definition, zone: zone ?? zoneOf(definition.tz) }
}

const HASHED = /(^|[\s,])H($|[\s,(/])/
const NAMELESS = 'here it is that of no name; ask by the name of yours for its own values'

/** An expression alone needs no project: only the zone may come from the environment. */
function ofExpression(cron: string, { tz, ...flags }: TimingFlags): Asked {
  const beside = zoneOf(tz ?? readConfig(undefined, folderSettings(flags)).timeZone, '--tz')
  const timing = compileTiming(cron, beside.name, { seed: '' })
  const zone = timing.kind === 'cron' ? timing.zone : beside
  if (tz !== undefined && zone.name !== beside.name)
    throw usageError(`--tz: the expression names its zone, ${zone.name}; expected the same or none, got ${beside.name}`)
  return { kind: 'expression', timing, zone }
}

/** Where ticks begin: now, an instant, or a date or reading of the clocks of the zone in which they are shown. */
export const instantOf = ({ from }: TimingFlags, { zone }: Asked): Instant =>
  from === undefined ? systemClock.now() : dayOrInstantSaid(from, '--from', zone).at

const MOST = 10_000

/** A number of ticks, from 1 to 10,000; an error of use otherwise. */
export function countOf(text: string): number {
  const count = Number(text)
  if (/^\d+$/.test(text) && count >= 1 && count <= MOST) return count
  throw usageError(`--count: expected a whole number from 1 to ${MOST}, got ${excerpt(text)}`)
}
