import { type Command, Option } from 'commander'
import { OVERLAPS } from '../schedule/policies.ts'
import { namespaceOf } from '../wiring/options.ts'
import { checkServer, dial, diallingOf } from '../wiring/redis.ts'
import { type Simulation, simulate } from '../wiring/simulate.ts'
import { plannedTicks } from '../wiring/simulated-subjects.ts'
import { type Cli, command } from './context.ts'
import { EXIT, usageError } from './exit.ts'
import { withFolder } from './schedule-files.ts'
import { asOurs } from './session.ts'
import { type AskedSimulation, askedSimulation, type SimulateFlags } from './simulate-asked.ts'
import { isAccounted, simulationSummary, simulationText, simulationValue } from './simulate-text.ts'
import { print } from './terminal.ts'

/** `morrow schedule simulate`: what a scheduler would do in a time, before it happens or after it did. */
export const simulateCommand = (cli: Cli): Command =>
  withFolder(
    command(
      'simulate',
      'play schedules through on a clock of their own: the real scheduler and scripts, in a namespace that is removed at the end',
      "morrow schedule simulate daily-digest --from '2026-03-28 00:00' --to '2026-03-31 00:00'",
      "morrow schedule simulate --outage '2026-12-24 02:00..2026-12-24 03:30' --from 2026-12-24 --to 2026-12-25 --jobs 20m",
      "morrow schedule simulate --cron '*/10 * * * *' --overlap queue-one --jobs 25m --from 2026-12-01 --to '2026-12-01 02:00'",
    ),
  )
    .argument('[names...]', 'the names of schedules of the files; all that are in force unless said')
    .option('--from <time>', 'definitions are in force from here on, ticks come after it; now unless said')
    .option('--to <time>', 'the end; a week after --from unless said')
    .option('--outage <A..B>', 'no scheduler runs from A to B; may be given several times', gather)
    .option('--pause <A..B>', 'all schedules are paused from A to B; may be given several times', gather)
    .option('--jobs <duration>', 'how long each job takes', '1s')
    .option(
      '--tz <zone>',
      "the zone of --cron, of times without an offset and of what is shown; the schedules' own unless said",
    )
    .option('--cron <expression>', 'an expression instead of schedules of the files')
    .option('--missed <policy>', "beside --cron: skip, once, all, or '{ policy: all, max: 3, within: 6h }'")
    .addOption(new Option('--overlap <policy>', 'beside --cron').choices([...OVERLAPS]))
    .option('--spread <duration>', 'beside --cron: by how much at most ticks are put off')
    .option('--summary', 'print no time line: only what became of the ticks and jobs in all, and the verdict')
    .option('--force', `more than 10,000 planned ticks, up to 100,000`)
    .action((names: readonly string[], flags: SimulateFlags) => runSimulation(cli, names, flags))

const gather = (text: string, before: readonly string[] = []): readonly string[] => [...before, text]

const MOST = 10_000
const MOST_FORCED = 100_000

async function runSimulation(cli: Cli, names: readonly string[], flags: SimulateFlags): Promise<void> {
  const asked = await askedSimulation(cli, names, flags)
  if (asked === undefined) return cli.finish(EXIT.unknown)
  refuseMany(plannedTicks(asked.definitions, asked, MOST_FORCED + 1), flags.force === true)
  const { result, code } = await untilSignal((signal) => played(asked, signal))
  const text = (flags.summary === true ? simulationSummary : simulationText)(result, asked)
  print(cli.terminal, flags.json, { text, value: simulationValue(result, asked) })
  if (code !== undefined) cli.terminal.say('stopped before the end; its keys are removed')
  if (code !== undefined) cli.finish(code)
  else if (!isAccounted(result.audits)) cli.finish(EXIT.wrong)
}

/** Connects without so much as a look at the application's own namespace, and plays. */
async function played({ config, ...asked }: AskedSimulation, signal: AbortSignal): Promise<Simulation> {
  const connection = await dial(diallingOf(config), 'morrow-cli')
  try {
    await checkServer(connection, config)
    const worker = { queues: ALL_QUEUES, concurrency: config.concurrency }
    return await simulate({ ...asked, ...worker, connection, below: namespaceOf(config), signal })
  } catch (error) {
    throw asOurs(error)
  } finally {
    await connection.close()
  }
}

/** The pretended worker serves whatever the schedules feed, whichever queues this process would. */
const ALL_QUEUES = [{ kind: 'rest', cap: undefined }] as const

function refuseMany(count: number, force: boolean): void {
  if (count <= MOST) return
  const least = count > MOST_FORCED ? `more than ${MOST_FORCED}` : count
  if (count > MOST_FORCED || !force) {
    const hint = count > MOST_FORCED ? '' : ', or say --force'
    throw usageError(
      `expected at most ${MOST} planned ticks, got ${least}; shorten the time, name fewer schedules${hint}`,
    )
  }
}

/** Lets `work` end early, and clean up, when a signal comes; answers the exit code of that too. */
async function untilSignal<Result>(
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<{ readonly result: Result; readonly code: number | undefined }> {
  const stop = new AbortController()
  let code: number | undefined
  const told = (exit: number) => (): void => {
    code ??= exit
    stop.abort()
  }
  const [interrupted, terminated] = [told(130), told(143)]
  process.on('SIGINT', interrupted)
  process.on('SIGTERM', terminated)
  try {
    return { result: await work(stop.signal), code }
  } finally {
    process.off('SIGINT', interrupted)
    process.off('SIGTERM', terminated)
  }
}
