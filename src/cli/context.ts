import { Command } from 'commander'
import type { Settings } from '../config.ts'
import type { Terminal } from './terminal.ts'

/** What all commands are given: where they write, and how they say what the process ends with. */
export type Cli = {
  readonly terminal: Terminal
  /** Sets the exit code; 0 unless said. */
  finish(code: number): void
}

/** The flags that every command which looks at the configuration has. */
export type CommonFlags = {
  readonly config?: string
  readonly redisUrl?: string
  readonly prefix?: string
  readonly app?: string
  readonly json?: boolean
}

/** A command with an example or more at the end of its help. */
export const command = (name: string, description: string, ...examples: readonly string[]): Command => {
  const made = new Command(name).description(description)
  return examples.length === 0
    ? made
    : made.addHelpText('after', `\nExamples:\n${examples.map((line) => `  $ ${line}`).join('\n')}`)
}

/** Adds the flags that say where the configuration and Redis are. */
export const withSettings = (to: Command): Command =>
  to
    .option('--config <file>', 'the configuration file (MORROW_CONFIG)')
    .option('--redis-url <url>', 'where Redis is (REDIS_URL)')
    .option('--prefix <prefix>', 'what every key begins with (MORROW_PREFIX)')
    .option('--app <app>', 'the application (MORROW_APP)')

/** Adds the flag for machines. */
export const withJson = (to: Command): Command => to.option('--json', 'print JSON')

/** The settings among the flags of a command. */
export const settingsOf = ({ config, redisUrl, prefix, app }: CommonFlags): Settings => ({
  config,
  redisUrl,
  prefix,
  app,
})
