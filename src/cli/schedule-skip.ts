import type { Command } from 'commander'
import type { Instant } from '../time/clock.ts'
import type { Zone } from '../time/zone.ts'
import { type SkipAnswer, skip } from '../timetable/skip.ts'
import { type Cli, command } from './context.ts'
import { EXIT, usageError } from './exit.ts'
import { instantSaid } from './instants.ts'
import {
  aboutSchedule,
  byWhom,
  changing,
  type NamedFlags,
  type Steered,
  said,
  steer,
  tickOf,
  unknown,
} from './schedule-named.ts'
import { local, tickValue } from './schedule-ticks.ts'
import { countOf } from './schedule-timing.ts'
import { print } from './terminal.ts'
import { apart, counted, iso } from './words.ts'

type SkipFlags = NamedFlags & { readonly at?: string; readonly count?: string; readonly reason?: string }

/** `morrow schedule skip`: calls off ticks that are to come. */
export const skipCommand = (cli: Cli): Command =>
  byWhom(
    aboutSchedule(
      command(
        'skip',
        'call off its next tick, the next ones, or the one planned at an instant',
        'morrow schedule skip daily-digest',
        "morrow schedule skip daily-digest --count 3 --reason 'provider is down'",
        "morrow schedule skip daily-digest --at '2026-12-24 09:00'",
      ),
    ),
  )
    .option('--at <instant>', "the tick planned there: an instant, or '2026-12-24 09:00' on the clocks of the schedule")
    .option('--count <number>', 'so many of the next that would run; 1 unless said')
    .option('--reason <text>', 'why, for whoever looks at it later')
    .action((name: string, flags: SkipFlags) => {
      if (flags.at !== undefined && flags.count !== undefined) throw usageError('expected --at or --count, got both')
      const count = countOf(flags.count ?? '1')
      const reason = flags.reason === undefined ? '' : said(flags.reason, '--reason')
      return steer(
        cli,
        name,
        flags,
        changing((steered) => skipIt(steered, count, flags.at, reason)),
      )
    })

async function skipIt(steered: Steered, count: number, at: string | undefined, reason: string): Promise<void> {
  const { cli, session, name, zone, by, now } = steered
  const wanted = at === undefined ? undefined : instantSaid(at, '--at', zone)
  const which = wanted === undefined ? { count } : { at: wanted.at }
  const done = await skip(session.store, name, { ...which, by, reason, now })
  if (wanted?.note !== undefined) cli.terminal.say(wanted.note)
  switch (done.kind) {
    case 'unknown':
      return unknown(steered)
    case 'too-many':
      throw usageError(`at most ${done.most} ticks of a schedule may be called off at one time, those before included`)
    case 'skipped':
      return skipped(steered, done.at, wanted === undefined ? count : 1, reason)
    case 'decided':
    case 'not-planned':
      return refused(steered, done)
  }
}

function skipped(steered: Steered, at: readonly Instant[], count: number, reason: string): void {
  const { cli, name, json, now, zone, by } = steered
  const ticks = at.map((each) => tickOf(steered, each))
  const lines = ticks.map(({ at, note }) => {
    const remark = note === undefined ? '' : `; ${note}`
    return `called off: ${local(zone, at)} (${apart(at, now)})${remark}`
  })
  print(cli.terminal, json, {
    text: lines.join('\n'),
    value: { name, outcome: 'skipped', by, reason, ticks: ticks.map(tickValue) },
  })
  if (ticks.length === count) return
  const most = ticks.length === 0 ? 'no tick' : `no more than ${counted(ticks.length, 'tick')}`
  cli.terminal.say(`${name}: ${most} that would run could be found to call off`)
  if (ticks.length === 0) cli.finish(EXIT.wrong)
}

type Refused = Extract<SkipAnswer, { readonly kind: 'decided' | 'not-planned' }>

function refused({ cli, name, json, zone }: Steered, done: Refused): void {
  const at = local(zone, done.at)
  const value = { name, outcome: done.kind, ticks: [] as const, at: iso(done.at) }
  const near = done.kind === 'not-planned' ? { before: iso(done.before), after: iso(done.after) } : {}
  if (json) print(cli.terminal, json, { text: '', value: { ...value, ...near } })
  if (done.kind === 'decided') {
    const line = `morrow schedule why ${name} --at ${iso(done.at)}`
    cli.terminal.say(`${name}: the tick at ${at} has been decided on already; ${line}`)
  } else {
    cli.terminal.say(`${name}: no tick to come is planned at ${at}${neighbours(done, zone)}`)
  }
  cli.finish(done.kind === 'decided' ? EXIT.wrong : EXIT.usage)
}

/** The ticks next to an instant, as the end of a sentence. */
function neighbours({ before, after }: Extract<Refused, { readonly kind: 'not-planned' }>, zone: Zone): string {
  const near = [
    ...(before === null ? [] : [`the one before at ${local(zone, before)}`]),
    ...(after === null ? [] : [`the one after at ${local(zone, after)}`]),
  ]
  return near.length === 0 ? '' : `; ${near.join(', ')}`
}
