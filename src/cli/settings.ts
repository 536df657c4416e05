import type { Command } from 'commander'
import { type Config, describeRedis, type QueueOrder } from '../config.ts'
import { entryText } from '../job/queue-choice.ts'
import { duration } from '../time/clock.ts'
import { formatDuration } from '../time/duration.ts'
import { type Cli, type CommonFlags, command, settingsOf, withJson, withSettings } from './context.ts'
import { openProject } from './project.ts'
import { print, table } from './terminal.ts'

/** `morrow config`: every setting and where it came from. */
export const configCommand = (cli: Cli): Command =>
  withJson(
    withSettings(command('config', 'every setting and where it came from; secrets are masked', 'morrow config')),
  ).action(async (flags: CommonFlags) => {
    const { config, file } = await openProject(settingsOf(flags))
    const settings = settingRows(config)
    const rows = settings.map(({ name, value, origin }) => [name, shown(name, value), origin])
    const text = `${table([['SETTING', 'VALUE', 'FROM'], ...rows])}\n\nconfiguration file: ${file ?? 'none'}`
    print(cli.terminal, flags.json, { text, value: { file: file ?? null, settings } })
    for (const warning of config.warnings) cli.terminal.say(warning)
  })

/** One setting as it may be shown: without secrets. */
export type SettingRow = {
  readonly name: string
  readonly value: string | number | boolean | null
  readonly origin: string
}

const DURATIONS = ['shutdownTimeout', 'lease', 'maxBlock', 'unknownFor']

/** All settings of a configuration, by the names that a configuration file uses. */
export function settingRows(config: Config): readonly SettingRow[] {
  const { redis, origins, warnings: _warnings, queues, webAuth, ...plain } = config
  const values: Readonly<Record<string, string | number | boolean | undefined>> = {
    redisUrl: describeRedis(redis),
    redisTls: 'tls' in redis ? redis.tls.kind : undefined,
    ...plain,
    queues: queuesText(queues),
    webAuth: webAuth === undefined ? undefined : `${webAuth.user}:***`,
  }
  return Object.entries(values).map(([name, value]) => ({
    name,
    value: value ?? null,
    origin: origins[name] ?? 'default',
  }))
}

const shown = (name: string, value: SettingRow['value']): string =>
  DURATIONS.includes(name) && typeof value === 'number' ? formatDuration(duration(value)) : String(value ?? '-')

const queuesText = (queues: QueueOrder): string => queues.map(entryText).join(',')
