import type { Command } from 'commander'
import type { QueuePauseView } from '../job/queues-client.ts'
import { instant } from '../time/clock.ts'
import { isoLocal, type Zone, zoneOf } from '../time/zone.ts'
import { type Cli, type CommonFlags, command, settingsOf, withJson, withSettings } from './context.ts'
import { EXIT, usageError } from './exit.ts'
import { timeSaid } from './instants.ts'
import { openProject } from './project.ts'
import { strangeTo } from './queue-read.ts'
import { byWhom, said, whoIsHere } from './schedule-named.ts'
import { type Session, withStore } from './session.ts'
import { print } from './terminal.ts'
import { apart, iso } from './words.ts'

type Flags = CommonFlags & { readonly all?: boolean; readonly by?: string }

type PauseFlags = Flags & {
  readonly reason: string
  readonly until?: string
  readonly schedules?: boolean
  readonly tz?: string
}

const EVERYTHING = '*'

/** `morrow pause`: workers take nothing from these queues, or from any. */
export const pauseQueuesCommand = (cli: Cli, typed = 'morrow pause'): Command =>
  about(
    command(
      'pause',
      'let workers take nothing from these queues, or from any; what runs goes on',
      `${typed} mail --reason 'provider is down' --until 30m`,
      `${typed} --all --schedules --reason 'wrong invoices' --by ada`,
    ),
  )
    .requiredOption('--reason <text>', 'why, for whoever looks at it later')
    .option('--until <time>', "the end: 30m, an instant, or '2026-12-01 09:00' on the clocks of --tz")
    .option('--tz <zone>', 'the zone of times without an offset, and of what is shown; UTC unless configured')
    .option('--schedules', 'beside --all: the ticks of all schedules too, recorded as paused')
    .action((queues: readonly string[], flags: PauseFlags) => pauseThem(cli, queues, flags))

/** `morrow resume`: ends what `morrow pause` began. */
export const resumeQueuesCommand = (cli: Cli, typed = 'morrow resume'): Command =>
  about(
    command(
      'resume',
      'end the pause of these queues, or of everything; exit code 4 when there is none',
      `${typed} mail`,
      `${typed} --all`,
    ),
  ).action((queues: readonly string[], flags: Flags) => resumeThem(cli, queues, flags))

const about = (to: Command): Command =>
  byWhom(withJson(withSettings(to)))
    .argument('[queues...]', 'their names')
    .option('--all', 'everything, queues to come included')

/** The queues that are meant; an error of use unless it is either some or all. */
function namesOf(queues: readonly string[], { all = false }: Flags): readonly string[] {
  if (all && queues.length > 0) throw usageError(`expected queues or --all, got both: ${queues.join(' ')} and --all`)
  if (!all && queues.length === 0) throw usageError('expected the names of queues, or --all, got neither')
  return all ? [EVERYTHING] : queues
}

const whoOf = ({ by }: Flags): string => (by === undefined ? whoIsHere() : said(by, '--by'))

async function pauseThem(cli: Cli, queues: readonly string[], flags: PauseFlags): Promise<void> {
  const names = namesOf(queues, flags)
  const { all = false, schedules = false } = flags
  if (schedules && !all) throw usageError('--schedules is for --all only; one is paused by morrow schedule pause')
  const [reason, by] = [said(flags.reason, '--reason'), whoOf(flags)]
  const { config } = await openProject(settingsOf(flags))
  const zone = zoneOf(flags.tz ?? config.timeZone, '--tz')
  const end = endOf(flags.until, zone)
  await withStore(config, async (session) => {
    if (!all && strangeTo(cli, await session.store.space.queues(), names)) return
    const options = { reason, by, ...(end === undefined ? {} : { until: end }) }
    const { queues: them } = session.client
    const paused = await (all ? them.pause(EVERYTHING, { ...options, schedules }) : them.pause(names, options))
    const now = await session.store.inspector.time()
    const text = paused.map((pause) => `${titleOf(pause)} paused ${lastsOf(pause, zone, now)} by ${by}: ${reason}`)
    const running = await runningIn(session, names)
    const goesOn = running === 0 ? [] : [`${running} that ${running === 1 ? 'runs goes' : 'run go'} on`]
    print(cli.terminal, flags.json, {
      text: [...text, ...goesOn].join('\n'),
      value: { paused: paused.map(pauseOf), running },
    })
  })
}

function endOf(until: string | undefined, zone: Zone): Date | string | undefined {
  if (until === undefined) return undefined
  const time = timeSaid(until, '--until', zone)
  return time.kind === 'instant' ? new Date(time.at) : until
}

async function runningIn({ store }: Session, names: readonly string[]): Promise<number> {
  const all = names.includes(EVERYTHING) ? await store.space.queues() : names
  const counts = await Promise.all(all.map((queue) => store.inspector.counts(queue)))
  return counts.reduce((sum, { active }) => sum + active, 0)
}

async function resumeThem(cli: Cli, queues: readonly string[], flags: Flags): Promise<void> {
  const names = namesOf(queues, flags)
  const by = whoOf(flags)
  const { config } = await openProject(settingsOf(flags))
  const zone = zoneOf(config.timeZone)
  await withStore(config, async ({ store, client }) => {
    if (!flags.all && strangeTo(cli, await store.space.queues(), names)) return
    const ended = await client.queues.resume(names, { by })
    const lasting = await client.queues.paused()
    const text = ended.map(
      (pause) =>
        `${titleOf(pause)} resumed; paused since ${isoLocal(zone, instant(pause.since.getTime()))} by ${pause.by}: ${pause.reason}`,
    )
    print(cli.terminal, flags.json, {
      text: text.join('\n'),
      value: { resumed: ended.map(pauseOf), lasting: lasting.map(pauseOf) },
    })
    for (const each of stillPaused(names, lasting)) cli.terminal.say(each)
    const missing = names.filter((name) => !ended.some(({ queue }) => queue === name))
    for (const name of missing) cli.terminal.say(`${name === EVERYTHING ? 'everything' : name} is not paused by itself`)
    if (missing.length > 0) cli.finish(EXIT.wrong)
  })
}

/** What keeps queues standing still that were to go on. */
function stillPaused(names: readonly string[], lasting: readonly QueuePauseView[]): readonly string[] {
  const isAll = names.includes(EVERYTHING)
  return lasting.flatMap(({ queue }) => {
    if (queue === EVERYTHING) return isAll ? [] : ['everything is paused, these queues with it: morrow resume --all']
    return isAll ? [`${queue} stays paused by itself: morrow resume ${queue}`] : []
  })
}

const titleOf = ({ queue }: QueuePauseView): string => (queue === EVERYTHING ? 'everything is' : `queue ${queue} is`)

const lastsOf = ({ until }: QueuePauseView, zone: Zone, now: number): string =>
  until === null
    ? 'until it is resumed'
    : `until ${isoLocal(zone, instant(until.getTime()))} (${apart(until.getTime(), now)})`

const pauseOf = ({ since, until, ...told }: QueuePauseView) => ({
  ...told,
  since: iso(since.getTime()),
  until: until === null ? null : iso(until.getTime()),
})
