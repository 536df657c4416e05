import { type Config, readConfig } from '../config.ts'
import { excerpt, nearest } from '../errors.ts'
import { runsIn, type ScheduleDefinition } from '../schedule/definition.ts'
import { readDefinitions } from '../schedule/read-definitions.ts'
import { type Duration, type Instant, instant } from '../time/clock.ts'
import { DAY, parseDuration, WEEK } from '../time/duration.ts'
import { systemClock } from '../time/system-clock.ts'
import { type Zone, zoneOf } from '../time/zone.ts'
import type { Stretch } from '../wiring/simulated-steps.ts'
import type { Cli } from './context.ts'
import { usageError } from './exit.ts'
import { dayOrInstantSaid } from './instants.ts'
import { openProject } from './project.ts'
import { type FolderFlags, filesOf, folderSettings } from './schedule-files.ts'

/** The flags of `schedule simulate`. */
export type SimulateFlags = FolderFlags & {
  readonly from?: string
  readonly to?: string
  readonly outage?: readonly string[]
  readonly pause?: readonly string[]
  readonly jobs: string
  readonly tz?: string
  readonly cron?: string
  readonly missed?: string
  readonly overlap?: string
  readonly spread?: string
  readonly force?: boolean
  readonly summary?: boolean
}

/** What shall be played through, and in which zone it is read and shown. */
export type AskedSimulation = {
  readonly config: Config
  readonly definitions: readonly ScheduleDefinition[]
  readonly zone: Zone
  readonly from: Instant
  readonly to: Instant
  readonly outages: readonly Stretch[]
  readonly pauses: readonly Stretch[]
  readonly takes: Duration
}

/** Reads the flags and what they name; undefined when there is nothing to play through, which is then said. */
export async function askedSimulation(
  cli: Cli,
  names: readonly string[],
  flags: SimulateFlags,
): Promise<AskedSimulation | undefined> {
  const ofFiles = await subjectsOf(cli, names, flags)
  if (ofFiles === undefined) return undefined
  const { config, definitions } = ofFiles
  const zone = zoneFor(flags, config, definitions)
  const say = (text: string, flag: string): Instant => {
    const { at, note } = dayOrInstantSaid(text, flag, zone)
    if (note !== undefined) cli.terminal.say(`${flag}: ${note}`)
    return at
  }
  const from = flags.from === undefined ? systemClock.now() : say(flags.from, '--from')
  const to = flags.to === undefined ? instant(from + WEEK) : say(flags.to, '--to')
  if (to <= from) throw usageError(`--to: expected an instant after --from, got ${excerpt(flags.to)}`)
  const stretches = (texts: readonly string[], flag: string): readonly Stretch[] =>
    texts.map((text) => stretchOf(text, flag, say))
  const [outages, pauses] = [stretches(flags.outage ?? [], '--outage'), stretches(flags.pause ?? [], '--pause')]
  const takes = parseDuration(flags.jobs, '--jobs')
  if (takes > 365 * DAY) throw usageError(`--jobs: expected at most 365 days, got ${excerpt(flags.jobs)}`)
  return { config, definitions, zone, from, to, outages, pauses, takes }
}

function stretchOf(text: string, flag: string, say: (text: string, flag: string) => Instant): Stretch {
  const [from, to, ...more] = text.split('..')
  if (from === undefined || to === undefined || more.length > 0)
    throw usageError(
      `${flag}: expected two instants such as '2026-03-29 02:00..2026-03-29 02:40', got ${excerpt(text)}`,
    )
  const stretch = { from: say(from, flag), to: say(to, flag) }
  if (stretch.from < stretch.to) return stretch
  throw usageError(`${flag}: expected the earlier instant first, got ${excerpt(text)}`)
}

/** Times without an offset are read in the zone that is given, in that of the schedules where they share one, else in the default. */
function zoneFor({ tz }: SimulateFlags, { timeZone }: Config, definitions: readonly ScheduleDefinition[]): Zone {
  const zones = [...new Set(definitions.map((each) => each.tz))]
  return zoneOf(tz ?? (zones.length === 1 ? zones[0] : timeZone), '--tz')
}

type Subjects = { readonly config: Config; readonly definitions: readonly ScheduleDefinition[] }

async function subjectsOf(cli: Cli, names: readonly string[], flags: SimulateFlags): Promise<Subjects | undefined> {
  if (flags.cron !== undefined) {
    if (names.length > 0) throw usageError('expected the names of schedules or --cron, got both')
    const config = readConfig(undefined, folderSettings(flags))
    return { config, definitions: ofExpression(flags.cron, flags, config) }
  }
  for (const flag of ['missed', 'overlap', 'spread'] as const)
    if (flags[flag] !== undefined)
      throw usageError(`--${flag}: expected only beside --cron; a file says it for its own`)
  const project = await openProject(folderSettings(flags))
  const { schedules: folder, environment } = project.config
  const { schedules, faults } = await filesOf(project)
  if (faults.length > 0)
    cli.terminal.say(`what is faulty in ${folder}/ is left out: morrow schedule lint says what it is`)
  const picked = names.length > 0 ? named(cli, names, schedules, folder) : inForce(cli, schedules, environment)
  if (picked === undefined) return undefined
  if (picked.length === 0) cli.terminal.say(`no schedule of ${folder}/ ticks in environment ${environment}`)
  return picked.length === 0 ? undefined : { config: project.config, definitions: picked }
}

/** As a scheduler takes them: those of this environment. */
function inForce({ terminal }: Cli, schedules: readonly ScheduleDefinition[], environment: string) {
  const picked = schedules.filter((each) => runsIn(each, environment))
  const silent = schedules.filter((each) => !picked.includes(each)).map(({ name }) => name)
  if (silent.length > 0) terminal.say(`not in force in environment ${environment}, left out: ${silent.join(', ')}`)
  return picked
}

function named(
  { terminal }: Cli,
  names: readonly string[],
  schedules: readonly ScheduleDefinition[],
  folder: string,
): readonly ScheduleDefinition[] | undefined {
  const known = new Map(schedules.map((each) => [each.name, each]))
  const missing = [...new Set(names)].filter((name) => !known.has(name))
  for (const name of missing) {
    const meant = nearest(name, known.keys())
    const hint = meant === undefined ? 'morrow schedule lint says what stands there' : `did you mean ${meant}?`
    terminal.say(`no schedule ${excerpt(name)} can be read in ${folder}/; ${hint}`)
  }
  return missing.length > 0 ? undefined : [...new Set(names)].flatMap((name) => known.get(name) ?? [])
}

/** The name of a schedule that is only an expression, of its job and of its queue. */
const NAME = 'simulated'

/** An expression with its policies goes through the reader of files: what these may say, flags may. */
function ofExpression(cron: string, flags: SimulateFlags, { timeZone }: Config): readonly ScheduleDefinition[] {
  const { tz, missed, overlap, spread } = flags
  const text = (value: string | undefined): string | undefined => value && JSON.stringify(value)
  const isMap = missed !== undefined && /^\{[^\n]*\}$/.test(missed.trim())
  const fields = { cron: text(cron), tz: text(tz), overlap: text(overlap), spread: text(spread) }
  const said = Object.entries({ ...fields, missed: isMap ? missed.trim() : text(missed) })
  const lines = said.flatMap(([key, value]) => (value === undefined ? [] : [`    ${key}: ${value}`]))
  const file = ['schedules:', `  ${NAME}:`, `    job: ${NAME}`, `    queue: ${NAME}`, ...lines].join('\n')
  const { schedules, faults } = readDefinitions('flags', file, { defaultZone: timeZone })
  if (faults.length > 0) throw usageError(faults.map(({ message }) => asFlag(message)).join('\n'))
  return schedules
}

const asFlag = (message: string): string => message.replace(/^simulated\.([a-z]+)/, '--$1')
