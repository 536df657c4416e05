import type { Command } from 'commander'
import { type Cli, command } from './context.ts'
import { explainTiming } from './schedule-explain.ts'
import { withFolder } from './schedule-files.ts'
import { listSchedules } from './schedule-list.ts'
import { nextTicks } from './schedule-next.ts'
import { showSchedule } from './schedule-show.ts'

/** The commands that look at schedules and change nothing. */
export const lookCommands = (cli: Cli): readonly Command[] => [
  listCommand(cli),
  showCommand(cli),
  nextCommand(cli),
  explainCommand(cli),
]

const listCommand = (cli: Cli): Command =>
  withFolder(
    command(
      'ls',
      'the schedules in force: state, next tick, lateness of the last run',
      'morrow schedule ls',
      'morrow schedule ls --json',
    ),
  )
    .option('--all', "Morrow's own too: the tick of each minute that shows that ticks come through")
    .action((flags) => listSchedules(cli, flags))

const showCommand = (cli: Cli): Command =>
  withFolder(
    command(
      'show',
      'a schedule in force: when it ticks, its policies in words, where it stands, its next ticks',
      'morrow schedule show daily-digest',
    ),
  )
    .argument('<name>', 'the name of a schedule')
    .option('--count <number>', 'how many of its next ticks', '5')
    .action((name: string, flags) => showSchedule(cli, name, flags))

const nextCommand = (cli: Cli): Command =>
  withExpression(
    command(
      'next',
      'the next ticks of a schedule, or of an expression; notes speak of changed clocks. Needs no Redis',
      'morrow schedule next daily-digest',
      "morrow schedule next --cron '30 2 * * *' --tz America/New_York --from 2026-03-07T00:00:00Z --count 5",
    ),
  )
    .option('--from <instant>', "ticks after this instant, or after '2026-03-07 09:00' in that zone; now unless said")
    .option('--count <number>', 'how many', '5')
    .action((name: string | undefined, flags) => nextTicks(cli, name, flags))

const explainCommand = (cli: Cli): Command =>
  withExpression(
    command(
      'explain',
      'an expression field by field, its kind, and what changed clocks do to it. Needs no Redis',
      'morrow schedule explain daily-digest',
      "morrow schedule explain --cron '30 2 * * *' --tz Europe/Berlin",
    ),
  )
    .option('--from <instant>', 'changes of clocks in the year after this instant, or reading; now unless said')
    .action((name: string | undefined, flags) => explainTiming(cli, name, flags))

const withExpression = (to: Command): Command =>
  withFolder(to)
    .argument('[name]', 'the name of a schedule')
    .option('--cron <expression>', 'an expression instead')
    .option('--tz <zone>', 'the time zone of the expression (MORROW_TZ); beside a name, of --from and of what is shown')
