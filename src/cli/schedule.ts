import { type Command, Option } from 'commander'
import { type Cli, command, withJson, withSettings } from './context.ts'
import { applyNow } from './schedule-apply.ts'
import { lintFiles } from './schedule-lint.ts'
import { listSchedules } from './schedule-list.ts'
import { nextTicks } from './schedule-next.ts'
import { printSchema } from './schedule-schema.ts'

/** `morrow schedule …`: what stands in the files, what is in force, and when it ticks. */
export const scheduleCommand = (cli: Cli): Command =>
  command('schedule', 'what stands in the schedule files, what is in force, when it ticks')
    .addCommand(
      withFolder(command('ls', 'the schedules in force', 'morrow schedule ls')).action((flags) =>
        listSchedules(cli, flags),
      ),
    )
    .addCommand(nextCommand(cli))
    .addCommand(
      withFolder(
        command(
          'lint',
          'all faults of all files; exit code 4 if there are any. Needs no Redis',
          'morrow schedule lint',
        ),
      ).action((flags) => lintFiles(cli, flags)),
    )
    .addCommand(
      withFolder(
        command(
          'schema',
          "a JSON Schema of the files with this project's jobs and payloads, for the editor",
          'morrow schedule schema > schedules/schema.json',
          'morrow schedule schema --write',
        ),
      )
        .option('--write [file]', 'write it: to schedules/schema.json unless said')
        .action((flags) => printSchema(cli, flags)),
    )
    .addCommand(applyCommand(cli))

const withFolder = (to: Command): Command =>
  withJson(withSettings(to)).option('--schedules <folder>', 'the folder of the schedule files (MORROW_SCHEDULES)')

const nextCommand = (cli: Cli): Command =>
  withFolder(
    command(
      'next',
      'the next ticks of a schedule, or of an expression; notes speak of changed clocks. Needs no Redis',
      'morrow schedule next daily-digest',
      "morrow schedule next --cron '30 2 * * *' --tz America/New_York --from 2026-03-07T00:00:00Z --count 5",
    ),
  )
    .argument('[name]', 'the name of a schedule')
    .option('--cron <expression>', 'an expression instead')
    .option('--tz <zone>', 'the time zone of the expression (MORROW_TZ)')
    .option('--from <instant>', 'ticks after this instant; now unless said')
    .option('--count <number>', 'how many', '5')
    .action((name: string | undefined, flags) => nextTicks(cli, name, flags))

const applyCommand = (cli: Cli): Command =>
  withFolder(
    command('apply', 'put the files in force now; a scheduler does so when it starts', 'morrow schedule apply'),
  )
    .option('--force', 'take over from a newer generation whose processes live')
    .option('--prune', 'remove what stands in no file any more, however much it is')
    .addOption(
      new Option('--pending <what>', 'waiting jobs of removed schedules').choices(['cancel', 'keep']).default('cancel'),
    )
    .action((flags) => applyNow(cli, flags))
