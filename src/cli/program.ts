import { Command } from 'commander'
import { VERSION } from '../wiring/version.ts'
import { clockCommand } from './clock.ts'
import type { Cli } from './context.ts'
import { deadCommand } from './dead.ts'
import { devCommand } from './dev.ts'
import { doctorCommand } from './doctor.ts'
import { EXIT, errorText, exitCodeOf } from './exit.ts'
import { jobCommand } from './job.ts'
import { pauseQueuesCommand, resumeQueuesCommand } from './pause.ts'
import { queueCommand } from './queue.ts'
import { roleCommands } from './roles.ts'
import { scheduleCommand } from './schedule.ts'
import { configCommand } from './settings.ts'
import { statusCommand } from './status.ts'
import type { Terminal } from './terminal.ts'

/** All commands. */
export function program(cli: Cli): Command {
  const root = new Command('morrow')
    .description('Delayed jobs and schedules on Redis.')
    .version(VERSION)
    .addHelpText('after', '\nExit codes and all commands: docs/cli.md')
  const commands = [
    ...roleCommands(cli),
    devCommand(cli),
    statusCommand(cli),
    jobCommand(cli),
    deadCommand(cli),
    queueCommand(cli),
    pauseQueuesCommand(cli),
    resumeQueuesCommand(cli),
    scheduleCommand(cli),
    clockCommand(cli),
    doctorCommand(cli),
    configCommand(cli),
  ]
  for (const each of commands) root.addCommand(each)
  return strict(root, cli.terminal)
}

/** Wrong use ends in an error that is thrown, not in the end of the process; in subcommands too. */
function strict(command: Command, terminal: Terminal): Command {
  command.exitOverride().showSuggestionAfterError()
  command.configureOutput({
    writeOut: (text) => terminal.out(text.replace(/\n$/, '')),
    writeErr: (text) => terminal.say(text.replace(/\n$/, '')),
  })
  for (const each of command.commands) strict(each, terminal)
  return command
}

/** Runs one command line (without `node` and the script); answers the exit code. Never rejects. */
export async function runCli(words: readonly string[], terminal: Terminal): Promise<number> {
  let code: number = EXIT.ok
  const cli: Cli = {
    terminal,
    finish: (wanted) => {
      code = wanted
    },
  }
  try {
    await program(cli).parseAsync([...words], { from: 'user' })
    return code
  } catch (error) {
    const text = errorText(error)
    if (text !== '') terminal.say(text)
    return exitCodeOf(error)
  }
}
