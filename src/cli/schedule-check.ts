import { type Command, Option } from 'commander'
import { type Cli, command } from './context.ts'
import { applyNow } from './schedule-apply.ts'
import { withFolder } from './schedule-files.ts'
import { lintSchedules } from './schedule-lint.ts'
import { planSchedules } from './schedule-plan.ts'
import { printSchema } from './schedule-schema.ts'

/** The commands around the schedule files: what is wrong in them, what they would change, and putting them in force. */
export const checkCommands = (cli: Cli): readonly Command[] => [
  lintCommand(cli),
  schemaCommand(cli),
  planCommand(cli),
  applyCommand(cli),
]

const lintCommand = (cli: Cli): Command =>
  withFolder(
    command(
      'lint',
      'all faults of all files, and what is mostly not meant; exit code 4 for faults. Needs no Redis',
      'morrow schedule lint',
      'morrow schedule lint --strict',
    ),
  )
    .option('--strict', 'end with 4 for warnings too')
    .action((flags) => lintSchedules(cli, flags))

const schemaCommand = (cli: Cli): Command =>
  withFolder(
    command(
      'schema',
      "a JSON Schema of the files with this project's jobs and payloads, for the editor",
      'morrow schedule schema > schedules/schema.json',
      'morrow schedule schema --write',
      'morrow schedule schema --calendars --write',
    ),
  )
    .option('--write [file]', 'write it: to schema.json beside the files unless said')
    .option('--calendars', 'that of the files of calendars')
    .action((flags) => printSchema(cli, flags))

const planCommand = (cli: Cli): Command =>
  withFolder(
    command(
      'plan',
      'what an apply of the files would do: schedules, ticks of the next 7 days, pauses, waiting runs. Changes nothing',
      'morrow schedule plan',
      'morrow schedule plan --exit-code',
      'morrow schedule plan --against main',
    ),
  )
    .option(
      '--against <ref>',
      'compare with the files of a git ref, or of a folder, in place of what is in force; needs no Redis',
    )
    .option('--exit-code', 'end with 4 on a change')
    .action((flags) => planSchedules(cli, flags))

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
