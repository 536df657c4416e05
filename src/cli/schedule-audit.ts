import type { Command } from 'commander'
import { CANARY } from '../job/names.ts'
import type { LedgerFate } from '../schedule/ledger.ts'
import { listed } from '../schedule/words.ts'
import type { Store } from '../store/store.ts'
import { type Instant, instant } from '../time/clock.ts'
import { type Zone, zoneOf } from '../time/zone.ts'
import {
  type AuditedSchedule,
  auditAll,
  auditSchedule,
  differenceInWords,
  isProved,
  provedSince,
} from '../timetable/audit.ts'
import { TZ_DATA } from '../wiring/version.ts'
import { type Cli, type CommonFlags, command, settingsOf, withJson, withSettings } from './context.ts'
import { EXIT, usageError } from './exit.ts'
import { timeSaid } from './instants.ts'
import { openProject } from './project.ts'
import { unheardOf } from './schedule-named.ts'
import { local } from './schedule-ticks.ts'
import { withStore } from './session.ts'
import { print, table } from './terminal.ts'
import { counted, iso } from './words.ts'

type AuditFlags = CommonFlags & { readonly since: string; readonly tz?: string }

/** `morrow schedule audit`: proves that every tick that was planned is accounted for. */
export const auditCommand = (cli: Cli): Command =>
  withJson(
    withSettings(
      command(
        'audit',
        'prove that every tick that was planned is recorded; exit code 4 where that cannot be proved',
        'morrow schedule audit',
        'morrow schedule audit daily-digest --since 7d',
        "morrow schedule audit --since '2026-11-01 00:00' --tz Europe/Berlin --json",
      ),
    ),
  )
    .argument('[names...]', 'the names of schedules; all of the namespace unless said')
    .option('--since <time>', "from when on: 30d back, an instant, or '2026-11-01 00:00' on the clocks of --tz", '30d')
    .option('--tz <zone>', 'the zone of times without an offset, and of what is shown (MORROW_TZ)')
    .action((names: readonly string[], flags: AuditFlags) => runAudit(cli, names, flags))

async function runAudit(cli: Cli, names: readonly string[], flags: AuditFlags): Promise<void> {
  const { config } = await openProject(settingsOf(flags))
  const zone = zoneOf(flags.tz ?? config.timeZone, '--tz')
  const since = timeSaid(flags.since, '--since', zone)
  await withStore(config, async (session) => {
    const now = instant(await session.store.inspector.time())
    const from = since.kind === 'instant' ? since.at : instant(Math.max(0, now - since.length))
    if (from > now)
      throw usageError(`--since: expected an instant up to now (${local(zone, now)}), got ${local(zone, from)}`)
    if (since.kind === 'instant' && since.note !== undefined) cli.terminal.say(since.note)
    const missing: string[] = []
    const audited: AuditedSchedule[] = []
    const all = names.length === 0 ? auditAll(session.store, { since: from, tz: TZ_DATA }) : named(session.store)
    for await (const each of all) if (names.length > 0 || each.name !== CANARY) audited.push(each)
    for (const name of missing) await unheardOf({ cli, session, name, json: false })
    tell(cli, { audited, since: from, now, zone, json: flags.json === true, missing })

    async function* named(store: Store): AsyncGenerator<AuditedSchedule> {
      for (const name of new Set(names)) {
        const home = await store.schedules.home(name)
        const found = home && (await auditSchedule(store, home, { since: from, now, tz: TZ_DATA }))
        if (found === undefined) missing.push(name)
        else yield found
      }
    }
  })
}

type Told = {
  readonly audited: readonly AuditedSchedule[]
  readonly since: Instant
  readonly now: Instant
  readonly zone: Zone
  readonly json: boolean
  readonly missing: readonly string[]
}

function tell(cli: Cli, told: Told): void {
  const { audited, since, now, zone, json, missing } = told
  const proved = audited.every(isProved)
  const expected = sum(audited.map((each) => each.expected))
  const text = [
    ...differenceTable(audited, zone),
    ...audited.filter(({ dropped }) => dropped).map((each) => droppedLine(each, zone)),
    ...tzLines(audited),
    ...(audited.length > 0 || missing.length === 0 ? [summary(told, expected)] : []),
  ].join('\n')
  const value = {
    proved: proved && missing.length === 0,
    since: iso(since),
    now: iso(now),
    provedSince: iso(provedSince(audited)),
    tzData: TZ_DATA,
    expected,
    recorded: sum(audited.map(recordedTicks)),
    unknown: missing,
    schedules: audited.map(auditValue),
  }
  print(cli.terminal, json, { text, value })
  if (!proved) cli.finish(EXIT.wrong)
}

function differenceTable(audited: readonly AuditedSchedule[], zone: Zone): readonly string[] {
  const rows = audited.flatMap(({ name, differences }) =>
    inOrder(differences).map((each) => [
      name,
      each.kind,
      local(zone, each.first),
      local(zone, each.last),
      each.count,
      differenceInWords(each),
    ]),
  )
  return rows.length === 0 ? [] : [table([['SCHEDULE', 'DIFFERENCE', 'FIRST', 'LAST', 'COUNT', ''], ...rows])]
}

const inOrder = (differences: AuditedSchedule['differences']): AuditedSchedule['differences'] =>
  [...differences].sort((a, b) => a.first - b.first)

const droppedLine = ({ name, provedSince: from, differences }: AuditedSchedule, zone: Zone): string =>
  `${name}: ${differences.length === 0 ? 'proved' : 'known'} since ${local(zone, from)}; what was recorded before has been dropped`

/** Other versions of time-zone data, with the schedules that were decided on with them. */
function tzLines(audited: readonly AuditedSchedule[]): readonly string[] {
  const versions = [...new Set(audited.flatMap(({ otherTz }) => otherTz))].sort()
  return versions.map((version) => {
    const those = audited.filter(({ otherTz }) => otherTz.includes(version))
    const names = listed(those.map(({ name }) => name).slice(0, NAMED))
    const rest = those.length > NAMED ? ' and others' : ''
    const some = those.some(({ differences }) => differences.length > 0)
    const end = some ? ': differences may come from that' : ''
    return `ticks of ${names}${rest} were decided on with time-zone data ${version}, this is ${TZ_DATA}${end}`
  })
}

const NAMED = 5

/** What tells of no tick that was to be decided on. */
const BESIDE: readonly LedgerFate[] = ['applied', 'withdrawn', 'limit', 'by-hand', 'backfilled']

const recordedTicks = ({ recorded }: AuditedSchedule): number =>
  sum(Object.entries(recorded).map(([fate, count]) => (BESIDE.includes(fate as LedgerFate) ? 0 : count)))

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0)

function summary({ audited, since, zone }: Told, expected: number): string {
  if (audited.length === 0) return 'no schedule is or was in force: there is nothing to prove'
  const differing = audited.filter(({ differences }) => differences.length > 0).length
  const dropped = audited.filter((each) => each.dropped).length
  const recorded = sum(audited.map(recordedTicks))
  const from = provedSince(audited) ?? since
  const verdict =
    differing > 0
      ? `not proved: ${counted(differing, 'schedule')} with differences`
      : dropped > 0
        ? `proved since ${local(zone, from)} only`
        : 'proved: every tick is accounted for'
  return `${counted(audited.length, 'schedule')} since ${local(zone, since)}: ${counted(expected, 'tick')} expected, ${recorded} recorded; ${verdict}`
}

const auditValue = (each: AuditedSchedule) => ({
  name: each.name,
  inForce: each.inForce,
  proved: isProved(each),
  provedSince: iso(each.provedSince),
  dropped: each.dropped,
  expected: each.expected,
  recorded: each.recorded,
  differences: inOrder(each.differences).map((difference) => ({
    kind: difference.kind,
    first: iso(difference.first),
    last: iso(difference.last),
    count: difference.count,
    text: differenceInWords(difference),
  })),
  otherTzData: each.otherTz,
})
