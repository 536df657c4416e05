import type { Command } from 'commander'
import { historyView } from '../client/schedule-views.ts'
import { excerpt } from '../errors.ts'
import type { LedgerFate } from '../schedule/ledger.ts'
import { formatDuration } from '../time/duration.ts'
import { isoLocal, type Zone, zoneOf } from '../time/zone.ts'
import { type HistoryEntry, type HistoryPage, history, isCursor } from '../timetable/history.ts'
import { type Cli, command, settingsOf } from './context.ts'
import { usageError } from './exit.ts'
import { openProject } from './project.ts'
import { aboutSchedule, type NamedFlags, unheardOf, zoneAbout } from './schedule-named.ts'
import { local } from './schedule-ticks.ts'
import { countOf } from './schedule-timing.ts'
import { withStore } from './session.ts'
import { print, table } from './terminal.ts'
import { iso } from './words.ts'

type HistoryFlags = NamedFlags & {
  readonly count: string
  readonly after?: string
  readonly newestFirst?: boolean
  readonly oldestFirst?: boolean
}

/** `morrow schedule history`: what became of its ticks, by pages. */
export const historyCommand = (cli: Cli): Command =>
  aboutSchedule(
    command(
      'history',
      'what became of its ticks, the newest first; of one that is in force no more too',
      'morrow schedule history daily-digest',
      'morrow schedule history daily-digest --oldest-first --count 100 --json',
    ),
  )
    .option('--count <number>', 'how many entries; neighbours of one fate are one entry', '50')
    .option('--after <cursor>', 'go on where the page before ended, in the same order')
    .option('--newest-first', 'the newest first, as is usual')
    .option('--oldest-first', 'the oldest first')
    .action((name: string, flags: HistoryFlags) => showHistory(cli, name, flags))

async function showHistory(cli: Cli, name: string, flags: HistoryFlags): Promise<void> {
  const { after = null, newestFirst, oldestFirst = false } = flags
  if (newestFirst && oldestFirst) throw usageError('expected --newest-first or --oldest-first, got both')
  if (after !== null && !isCursor(after))
    throw usageError(`--after: expected the cursor that the page before ended with, got ${excerpt(after)}`)
  const asked = flags.tz === undefined ? undefined : zoneOf(flags.tz, '--tz')
  const request = { after, count: countOf(flags.count), newestFirst: !oldestFirst }
  const json = flags.json === true
  const { config } = await openProject(settingsOf(flags))
  await withStore(config, async (session) => {
    const zone = await zoneAbout(session.store, name)
    const page = zone && (await history(session.store, name, request))
    if (page === undefined || zone === undefined) return unheardOf({ cli, session, name, json })
    show(cli, { name, json, zone: asked ?? zone, oldestFirst, goesOn: after !== null }, page)
  })
}

type Shown = {
  readonly name: string
  readonly json: boolean
  readonly zone: Zone
  readonly oldestFirst: boolean
  /** Whether a page came before. */
  readonly goesOn: boolean
}

function show({ terminal }: Cli, { name, json, zone, oldestFirst, goesOn }: Shown, page: HistoryPage): void {
  const { entries, next, droppedUntil } = page
  const heads = [`PLANNED (${zone.name})`, 'UNTIL', 'TICKS', 'FATE', 'LATE', 'JOB', 'BY']
  const rows = entries.map((entry) => cellsOf(entry, zone))
  const nothing = `nothing ${goesOn ? 'more ' : ''}is recorded of ${name}`
  const text = rows.length === 0 ? nothing : table([heads, ...rows])
  print(terminal, json, { text, value: { entries: entries.map(entryValue), next, droppedUntil: iso(droppedUntil) } })
  if (json) return
  const order = oldestFirst ? ' --oldest-first' : ''
  if (next !== null) terminal.say(`more: morrow schedule history ${name}${order} --after ${next}`)
  if (droppedUntil !== null) terminal.say(`what came up to ${local(zone, droppedUntil)} has been dropped`)
}

/** What no tick is behind. */
const NO_TICKS: readonly LedgerFate[] = ['applied', 'withdrawn', 'limit']

function cellsOf({ fate, words, first, last, count, lateness, jobs, scheduler }: HistoryEntry, zone: Zone): string[] {
  return [
    isoLocal(zone, first),
    count > 1 ? isoLocal(zone, last) : '',
    NO_TICKS.includes(fate) ? '' : String(count),
    words,
    lateness > 0 ? formatDuration(lateness) : '',
    jobs.map(({ id, state }) => `${id} ${state}`).join(' … '),
    scheduler ?? '',
  ]
}

/** An entry for machines: as `client.schedules.history` answers it, and what was in force. */
export const entryValue = (entry: HistoryEntry) => {
  const { into, blockedBy, scheduler, generation, version, tz, queue } = entry
  return { ...historyView(entry), into: iso(into), blockedBy, by: scheduler, generation, version, tzData: tz, queue }
}
