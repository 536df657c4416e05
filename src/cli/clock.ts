import type { Command } from 'commander'
import { acceptClock, readClock } from '../store/clock-watch.ts'
import { systemClock } from '../time/system-clock.ts'
import { type Cli, type CommonFlags, command, settingsOf, withJson, withSettings } from './context.ts'
import { EXIT } from './exit.ts'
import { openProject } from './project.ts'
import { withStore } from './session.ts'
import { print } from './terminal.ts'

/** `morrow clock …`: how far Redis' clock is from the hosts', and taking it for right. */
export const clockCommand = (cli: Cli): Command =>
  command('clock', "Redis' clock beside the hosts' clocks")
    .addCommand(
      withJson(
        withSettings(
          command('show', 'how far they are apart; exit code 4 when time stands still', 'morrow clock show'),
        ),
      ).action((flags: CommonFlags) => showClock(cli, flags)),
    )
    .addCommand(
      withJson(
        withSettings(command('accept', "take Redis' clock for right as it is now", 'morrow clock accept')),
      ).action((flags: CommonFlags) => accept(cli, flags)),
    )

async function showClock(cli: Cli, flags: CommonFlags): Promise<void> {
  const { config } = await openProject(settingsOf(flags))
  const { own, apart, held } = await withStore(config, ({ store }) => readClock(store, systemClock))
  const text = `this host is ${own} ms ahead of Redis, the hosts' median ${apart} ms`
  print(cli.terminal, flags.json, { text, value: { ownMs: own, apartMs: apart, held } })
  if (!held) return
  cli.terminal.say('too far: nothing is moved by time; set the clock right, or type: morrow clock accept')
  cli.finish(EXIT.wrong)
}

async function accept(cli: Cli, flags: CommonFlags): Promise<void> {
  const { config } = await openProject(settingsOf(flags))
  const apart = await withStore(config, ({ store }) => acceptClock(store, systemClock))
  const text = `Redis' clock is taken for right, ${apart} ms behind the hosts' median`
  print(cli.terminal, flags.json, { text, value: { acceptedMs: apart } })
}
