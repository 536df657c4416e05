import { type Command, Option } from 'commander'
import { refuseHeld } from '../client/rights.ts'
import { dueOf, firstDueFrom } from '../schedule/rule.ts'
import type { StoredPause } from '../store/stored-schedule.ts'
import { type Instant, instant } from '../time/clock.ts'
import { systemClock } from '../time/system-clock.ts'
import type { Resolved } from '../time/wall-clock.ts'
import { checkRate } from '../timetable/backfill.ts'
import { pause, RATE, type ResumeAnswer, resume } from '../timetable/pause.ts'
import { TZ_DATA } from '../wiring/version.ts'
import { type Cli, command } from './context.ts'
import { EXIT, usageError } from './exit.ts'
import { timeSaid } from './instants.ts'
import {
  aboutSchedule,
  byWhom,
  changing,
  type NamedFlags,
  type Steered,
  said,
  steer,
  unknown,
} from './schedule-named.ts'
import { local } from './schedule-ticks.ts'
import { print } from './terminal.ts'
import { apart, counted, iso } from './words.ts'

type PauseFlags = NamedFlags & { readonly reason: string; readonly until?: string }
type ResumeFlags = NamedFlags & { readonly missed: 'skip' | 'once' | 'all'; readonly rate?: string }

/** `morrow schedule pause`: its ticks are recorded as paused from now on. */
export const pauseCommand = (cli: Cli): Command =>
  byWhom(
    aboutSchedule(
      command(
        'pause',
        'run none of its ticks until it is resumed, or for so long; survives every deploy',
        "morrow schedule pause daily-digest --reason 'invoices are wrong'",
        "morrow schedule pause daily-digest --reason 'provider is down' --until 30m",
        "morrow schedule pause daily-digest --reason holidays --until '2027-01-02 09:00'",
      ),
    ),
  )
    .requiredOption('--reason <text>', 'why, for whoever looks at it later')
    .option('--until <time>', "the end: 30m, an instant, or '2026-12-01 09:00' on the clocks of the schedule")
    .action((name: string, flags: PauseFlags) => {
      const reason = said(flags.reason, '--reason')
      return steer(
        cli,
        name,
        flags,
        changing((steered) => pauseIt(steered, reason, flags.until)),
      )
    })

async function pauseIt(steered: Steered, reason: string, until: string | undefined): Promise<void> {
  const { cli, session, name, json, zone, by, now } = steered
  const end = until === undefined ? undefined : await endOf(steered, until)
  const done = await pause(session.store, name, { until: end?.at ?? null, by, reason, now })
  if (done.kind === 'unknown') return unknown(steered)
  const lasts = end === undefined ? 'until it is resumed' : `until ${local(zone, end.at)} (${apart(end.at, now)})`
  const replaced = done.before.map((each) => `this replaces its pause ${pauseText(steered, each)}`)
  const text = [`${name} is paused ${lasts} by ${by}: ${reason}`, ...nextUnder(steered, end?.at), ...replaced].join(
    '\n',
  )
  const note = end?.note === undefined ? {} : { note: end.note }
  const value = {
    name,
    outcome: done.kind,
    pause: pauseValue(done.pause),
    replaced: done.before.map(pauseValue),
    ...note,
  }
  print(cli.terminal, json, { text, value })
  if (end?.note !== undefined) cli.terminal.say(end.note)
}

/** The end of a pause; what is counted from now is not taken while Redis' clock is in doubt. */
async function endOf({ session: { store }, zone, now }: Steered, until: string): Promise<Resolved> {
  const time = timeSaid(until, '--until', zone)
  if (time.kind === 'instant') return time
  await refuseHeld(store, systemClock)
  return { at: instant(now + time.length) }
}

/** What becomes of the next tick. */
function nextUnder({ stands: { nextAt }, compiled: { rule }, zone }: Steered, until: Instant | undefined): string[] {
  if (nextAt === null) return ['it has no next tick']
  const next = instant(nextAt)
  const runs = until !== undefined && dueOf(rule, next) >= until
  return [`its next tick, ${local(zone, next)}, ${runs ? 'comes after that' : 'will not run'}`]
}

/** `morrow schedule resume`: ends the pause, and says what becomes of what was paused. */
export const resumeCommand = (cli: Cli): Command =>
  byWhom(
    aboutSchedule(
      command(
        'resume',
        'end its pause; exit code 4 when it is not paused',
        'morrow schedule resume daily-digest',
        'morrow schedule resume daily-digest --missed once',
        'morrow schedule resume every-minute --missed all --rate 5',
      ),
    ),
  )
    .addOption(
      new Option('--missed <what>', 'what was paused stays undone, becomes one job, or a job for each tick')
        .choices(['skip', 'once', 'all'])
        .default('skip'),
    )
    .option('--rate <jobs>', `jobs a second beside --missed all; ${RATE} unless said`)
    .action((name: string, flags: ResumeFlags) => {
      if (flags.rate !== undefined && flags.missed !== 'all') throw usageError('--rate is for --missed all only')
      const rate = rateOf(flags.rate)
      return steer(
        cli,
        name,
        flags,
        changing((steered) => resumeIt(steered, flags.missed, rate)),
      )
    })

/** Jobs a second. */
export function rateOf(text: string | undefined): number {
  const rate = text === undefined ? RATE : text.trim() === '' ? Number.NaN : Number(text)
  checkRate(rate, '--rate', text)
  return rate
}

async function resumeIt(steered: Steered, missed: ResumeFlags['missed'], rate: number): Promise<void> {
  const { cli, session, name, json, by, now } = steered
  const done = await resume(session.store, name, { missed, rate, by, now, tz: TZ_DATA })
  if (done.kind === 'unknown') return unknown(steered)
  const resumed = done.kind === 'resumed' ? done : { pauses: [], filled: null }
  const ticks = resumed.filled?.ticks ?? []
  const value = {
    name,
    outcome: done.kind,
    made: ticks.length,
    ticks: ticks.map(iso),
    more: resumed.filled?.more ?? false,
    pauses: resumed.pauses.map(pauseValue),
  }
  const text = done.kind === 'resumed' ? resumedText(steered, done, missed) : ''
  print(cli.terminal, json, { text, value })
  if (done.kind === 'resumed') return
  cli.terminal.say(`${name} is not paused`)
  cli.finish(EXIT.wrong)
}

type Resumed = Extract<ResumeAnswer, { readonly kind: 'resumed' }>

function resumedText(steered: Steered, { pauses, filled }: Resumed, missed: ResumeFlags['missed']): string {
  const { name, compiled, now } = steered
  const lines = pauses.map(
    (each) => `${name} is resumed; it was paused ${pauseText(steered, { ...each, until: null })}`,
  )
  const since = instant(Math.min(...pauses.map((each) => each.since)))
  const first = firstDueFrom(compiled.rule, since)
  const some = first !== null && dueOf(compiled.rule, first) < now
  const line = `morrow schedule backfill ${name} --from ${iso(first)} --to ${iso(now)}`
  if (!some) return [...lines, 'no tick was due meanwhile'].join('\n')
  if (filled === null) return [...lines, `what was paused stays undone; this makes it: ${line}`].join('\n')
  const made =
    filled.ticks.length === 0
      ? 'no tick was left to be made'
      : missed === 'once'
        ? 'made 1 job for all that was paused'
        : `made ${counted(filled.ticks.length, 'job')} for what was paused`
  return [...lines, made, ...(filled.more ? [`more is left; this makes it: ${line}`] : [])].join('\n')
}

function pauseText({ zone }: Steered, { since, until, by, reason }: StoredPause): string {
  const end = until === null ? '' : ` until ${local(zone, instant(until))}`
  return `since ${local(zone, instant(since))}${end} by ${by}: ${reason}`
}

const pauseValue = ({ since, until, by, reason, endedBy }: StoredPause) => ({
  since: iso(since),
  until: iso(until),
  by,
  reason,
  ...(endedBy === undefined ? {} : { endedBy }),
})
