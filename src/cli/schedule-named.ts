import { hostname, userInfo } from 'node:os'
import type { Command } from 'commander'
import { excerpt, nearest } from '../errors.ts'
import { CANARY, scheduleName } from '../job/names.ts'
import { definitionOf } from '../schedule/definition.ts'
import { type TickRow, tickRow } from '../schedule/ticks.ts'
import type { Store } from '../store/store.ts'
import { type Instant, instant } from '../time/clock.ts'
import { isoLocal, type Zone, zoneOf } from '../time/zone.ts'
import { type InForce, readInForce } from '../timetable/amend.ts'
import { recordsOf } from '../timetable/records.ts'
import { type Cli, type CommonFlags, settingsOf, withJson, withSettings } from './context.ts'
import { EXIT, usageError } from './exit.ts'
import { openProject, type Project } from './project.ts'
import { type Session, withStore } from './session.ts'
import { print } from './terminal.ts'

/** The flags of commands about one schedule. */
export type NamedFlags = CommonFlags & { readonly tz?: string; readonly by?: string }

/** A schedule in force that a command does something to. */
export type Steered = InForce & {
  readonly cli: Cli
  readonly project: Project
  readonly session: Session
  readonly name: string
  readonly json: boolean
  /** In which times without an offset are read, and all are shown. */
  readonly zone: Zone
  /** Who does it. */
  readonly by: string
  /** Redis' time. */
  readonly now: Instant
}

/** Adds the name of a schedule and the flags that every command about one has. */
export const aboutSchedule = (to: Command): Command =>
  withJson(withSettings(to))
    .argument('<name>', 'the name of the schedule')
    .option('--tz <zone>', "the zone of times without an offset, and of what is shown; the schedule's own unless said")

/** Adds the flag that says who does it. */
export const byWhom = (to: Command): Command =>
  to.option('--by <who>', 'who does it, for ledger and page; the user of this system at its host unless said')

/** Finds the schedule that is in force, and lets `act` do something to it; exit code 3 when there is none. */
export async function steer(
  cli: Cli,
  name: string,
  flags: NamedFlags,
  act: (steered: Steered) => Promise<void>,
): Promise<void> {
  scheduleName(name)
  const by = flags.by === undefined ? whoIsHere() : said(flags.by, '--by')
  const asked = flags.tz === undefined ? undefined : zoneOf(flags.tz, '--tz')
  const json = flags.json === true
  const project = await openProject(settingsOf(flags))
  await withStore(project.config, async (session) => {
    const found = await readInForce(session.store, name)
    if (found === undefined) return unknown({ cli, session, name, json })
    const zone = asked ?? zoneOf(found.compiled.definition.tz)
    const now = instant(await session.store.inspector.time())
    await act({ ...found, cli, project, session, name, json, zone, by, now })
  })
}

/** Lets nobody change a schedule while another environment has the namespace and lives: EnvironmentOwnedError, exit code 78. */
export const changing =
  (act: (steered: Steered) => Promise<void>): ((steered: Steered) => Promise<void>) =>
  async (steered) => {
    const { project, session, now } = steered
    const refusal = await session.store.environments.refusal(project.config.environment, now)
    if (refusal !== null) throw refusal
    return act(steered)
  }

const LONGEST = 500

/** A text that people will read: one line, not empty, at most 500 characters. */
export function said(text: string, flag: string): string {
  const plain = text.trim()
  if (plain !== '' && plain.length <= LONGEST && !/\p{Cc}/u.test(plain)) return plain
  const came = plain === '' ? 'none' : plain.length > LONGEST ? plain.length : excerpt(plain)
  throw usageError(`${flag}: expected one line of 1 to ${LONGEST} characters, got ${came}`)
}

/** The user of this system at its host; some containers run as a user that has no name. */
export function whoIsHere(): string {
  try {
    return `${userInfo().username}@${hostname()}`
  } catch {
    return `${process.getuid?.() ?? 'unknown'}@${hostname()}`
  }
}

type Asked = Pick<Steered, 'cli' | 'session' | 'name' | 'json'>

/** Says that there is no such schedule in force, with the one that may be meant; exit code 3. */
export const unknown = (asked: Asked): Promise<void> =>
  missing(asked, `is not in force any more; morrow schedule history ${asked.name} tells what became of its ticks`)

/** Says that nothing is known of such a schedule, with the one that may be meant; exit code 3. */
export const unheardOf = (asked: Asked): Promise<void> =>
  missing(asked, 'was in force once, and all that was known of it has been dropped')

async function missing({ cli, session: { store }, name, json }: Asked, whatOfIt: string): Promise<void> {
  const names = [...(await store.schedules.homes()).keys()].filter((each) => each !== CANARY)
  const heir = names.includes(name) ? undefined : await heirOf(store, name)
  const meant = nearest(name, names)
  const hint =
    heir !== undefined
      ? `it is called ${heir} now`
      : meant === undefined
        ? 'morrow schedule ls shows those that are in force'
        : `did you mean ${meant}?`
  if (json) print(cli.terminal, json, { text: '', value: { name, outcome: 'unknown' } })
  cli.terminal.say(names.includes(name) ? `${name} ${whatOfIt}` : `there is no schedule ${excerpt(name)}; ${hint}`)
  cli.finish(EXIT.unknown)
}

/** The schedule that had this name before; asked only where the name is not found. */
async function heirOf(store: Store, name: string): Promise<string | undefined> {
  const heir = (await store.schedules.list()).find(({ definition }) => formerNameIn(definition) === name)
  return heir?.name
}

/** A definition that a newer release wrote names nothing that is known here. */
function formerNameIn(definition: string): string | undefined {
  try {
    return definitionOf(definition).policies.was
  } catch {
    return undefined
  }
}

/** A tick of a schedule as it is shown in a zone; what there is to say of changed clocks is said of the schedule's own. */
export const tickOf = (
  { compiled: { rule, definition }, zone }: Pick<Steered, 'compiled' | 'zone'>,
  at: Instant,
): TickRow => ({ ...tickRow(rule.timing, at, definition.tz), local: isoLocal(zone, at) })

/** The zone of a schedule that is, or was, in force; undefined when nothing is known of one of that name. */
export async function zoneAbout(store: Store, name: string): Promise<Zone | undefined> {
  const records = await recordsOf(store, name)
  if (records === undefined) return undefined
  const { stands, rows } = records
  if (stands.version !== '') return zoneOf(definitionOf(stands.definition).tz)
  return zoneOf(rows.findLast(({ compiled }) => compiled !== undefined)?.compiled?.definition.tz ?? 'UTC')
}
