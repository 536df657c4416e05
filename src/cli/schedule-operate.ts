import type { Command } from 'commander'
import type { Cli } from './context.ts'
import { auditCommand } from './schedule-audit.ts'
import { backfillCommand } from './schedule-backfill.ts'
import { historyCommand } from './schedule-history.ts'
import { pauseCommand, resumeCommand } from './schedule-pause.ts'
import { runCommand } from './schedule-run.ts'
import { skipCommand } from './schedule-skip.ts'
import { whyCommand } from './schedule-why.ts'

/** The commands that steer schedules in force, and that tell what became of their ticks. */
export const operateCommands = (cli: Cli): readonly Command[] => [
  pauseCommand(cli),
  resumeCommand(cli),
  runCommand(cli),
  skipCommand(cli),
  backfillCommand(cli),
  historyCommand(cli),
  auditCommand(cli),
  whyCommand(cli),
]
