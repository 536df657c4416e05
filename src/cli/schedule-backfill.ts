import type { Command } from 'commander'
import type { Instant } from '../time/clock.ts'
import { duration } from '../time/clock.ts'
import { formatDuration } from '../time/duration.ts'
import { type BackfillAnswer, backfill } from '../timetable/backfill.ts'
import { RATE } from '../timetable/pause.ts'
import { TZ_DATA } from '../wiring/version.ts'
import { type Cli, command } from './context.ts'
import { EXIT, usageError } from './exit.ts'
import { instantSaid } from './instants.ts'
import {
  aboutSchedule,
  byWhom,
  changing,
  type NamedFlags,
  type Steered,
  steer,
  tickOf,
  unknown,
} from './schedule-named.ts'
import { rateOf } from './schedule-pause.ts'
import { local, tickValue } from './schedule-ticks.ts'
import { print } from './terminal.ts'
import { counted, iso } from './words.ts'

type BackfillFlags = NamedFlags & {
  readonly from: string
  readonly to?: string
  readonly rate?: string
  readonly dryRun?: boolean
  readonly force?: boolean
}

/** `morrow schedule backfill`: makes the ticks of a range that were not run. */
export const backfillCommand = (cli: Cli): Command =>
  byWhom(
    aboutSchedule(
      command(
        'backfill',
        'make the ticks of a range that were not run; may be repeated, and doubles nothing',
        'morrow schedule backfill daily-digest --from 2026-11-20T00:00:00Z --dry-run',
        "morrow schedule backfill daily-digest --from '2026-11-20 00:00' --to '2026-11-22 23:59' --rate 2",
      ),
    ),
  )
    .requiredOption('--from <instant>', "the first instant, or '2026-11-20 00:00' on the clocks of the schedule")
    .option('--to <instant>', 'the last one, included; now unless said')
    .option('--dry-run', 'only say what would be made')
    .option('--rate <jobs>', `jobs a second; ${RATE} unless said`)
    .option('--force', 'also where no record says what ran: that may run again what has run; and up to 100,000 at once')
    .action((name: string, flags: BackfillFlags) => {
      const rate = rateOf(flags.rate)
      const act = (steered: Steered): Promise<void> => fill(steered, flags, rate)
      return steer(cli, name, flags, flags.dryRun === true ? act : changing(act))
    })

type Range = { readonly from: Instant; readonly to: Instant }

async function fill(steered: Steered, flags: BackfillFlags, rate: number): Promise<void> {
  const { cli, session, name, zone, by, now } = steered
  const { dryRun = false, force = false } = flags
  const from = instantSaid(flags.from, '--from', zone)
  const to = flags.to === undefined ? { at: now } : instantSaid(flags.to, '--to', zone)
  if (from.at > to.at)
    throw usageError(`--from: expected an instant up to ${local(zone, to.at)}, got ${local(zone, from.at)}`)
  for (const note of [from.note, to.note]) if (note !== undefined) cli.terminal.say(note)
  const range = { from: from.at, to: to.at }
  const done = await backfill(session.store, name, { ...range, dryRun, force, rate, by, tz: TZ_DATA })
  switch (done.kind) {
    case 'unknown':
      return unknown(steered)
    case 'refused':
      return refused(steered, done)
    case 'filled':
    case 'would-fill':
      return filled(steered, range, rate, done)
  }
}

type Done = Extract<BackfillAnswer, { readonly kind: 'filled' | 'would-fill' }>

function filled(steered: Steered, { from, to }: Range, rate: number, { kind, ticks, more }: Done): void {
  const { cli, name, json, zone } = steered
  const rows = ticks.map((at) => tickOf(steered, at))
  const verb = kind === 'filled' ? 'made' : 'would make'
  const range = `from ${local(zone, from)} to ${local(zone, to)}`
  const length = formatDuration(duration(Math.floor(((ticks.length - 1) * 1_000) / rate)))
  const spread = ticks.length > 1 ? `, the last ${length} after the first` : ''
  const head =
    ticks.length === 0
      ? `${name}: no tick ${range} is left to be made`
      : `${name}: ${verb} ${counted(ticks.length, 'job')} for ticks ${range}${spread}`
  const lines = rows.map(({ at, note }) => `  ${local(zone, at)}${note === undefined ? '' : `; ${note}`}`)
  const value = { name, outcome: kind, from: iso(from), to: iso(to), ticks: rows.map(tickValue), more }
  print(cli.terminal, json, { text: [head, ...shortened(lines)].join('\n'), value })
  if (more) cli.terminal.say('more ticks of that range are left: type it again')
}

const SHOWN = 20

function shortened(lines: readonly string[]): readonly string[] {
  if (lines.length <= SHOWN) return lines
  const half = SHOWN / 2
  return [...lines.slice(0, half), `  … ${lines.length - SHOWN} more …`, ...lines.slice(-half)]
}

type Refused = Extract<BackfillAnswer, { readonly kind: 'refused' }>

function refused({ cli, name, json, zone }: Steered, done: Refused): void {
  const { why } = done
  const known = why === 'future' ? { now: iso(done.now) } : { knownFrom: iso(done.knownFrom) }
  if (json) print(cli.terminal, json, { text: '', value: { name, outcome: 'refused', why, ...known } })
  switch (why) {
    case 'future':
      cli.terminal.say(
        `--to: expected an instant up to now (${local(zone, done.now)}); what is to come ticks by itself`,
      )
      break
    case 'before-ledger':
      cli.terminal.say(
        `--from: expected an instant since ${local(zone, done.knownFrom)}, from when on it is known what ran; --force goes further back, and may run again what has run`,
      )
  }
  cli.finish(why === 'future' ? EXIT.usage : EXIT.wrong)
}
