import type { Command } from 'commander'
import { type Cli, command } from './context.ts'
import { checkCommands } from './schedule-check.ts'
import { lookCommands } from './schedule-look.ts'
import { operateCommands } from './schedule-operate.ts'
import { simulateCommand } from './schedule-simulate.ts'

/** `morrow schedule …`: what stands in the files, what is in force, and when it ticks. */
export function scheduleCommand(cli: Cli): Command {
  const schedule = command('schedule', 'what stands in the schedule files, what is in force, when it ticks')
  for (const each of [...lookCommands(cli), ...checkCommands(cli), simulateCommand(cli), ...operateCommands(cli)])
    schedule.addCommand(each)
  return schedule
}
