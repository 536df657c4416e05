import type { Command } from 'commander'
import { LEVELS } from '../job/priority.ts'
import type { ReadyLane } from '../store/inspector.ts'
import { type Cli, type CommonFlags, command, settingsOf, withJson, withSettings } from './context.ts'
import { openProject } from './project.ts'
import { readQueue, strangeTo } from './queue-read.ts'
import { withStore } from './session.ts'
import { queueTable, queueValue } from './status.ts'
import { print, table } from './terminal.ts'

/** `morrow queue show`: one queue, and what is ready there by priority. */
export const queueShowCommand = (cli: Cli): Command =>
  withJson(withSettings(command('show', 'one queue, and its ready jobs by priority', 'morrow queue show mail')))
    .argument('<queue>', 'its name')
    .action((queue: string, flags: CommonFlags) => showQueue(cli, queue, flags))

async function showQueue(cli: Cli, queue: string, flags: CommonFlags): Promise<void> {
  const { config } = await openProject(settingsOf(flags))
  await withStore(config, async ({ store }) => {
    if (strangeTo(cli, await store.space.queues(), [queue])) return
    const now = await store.inspector.time()
    const [row, lanes] = await Promise.all([readQueue(store, queue), store.inspector.lanes(queue)])
    const byPriority = table([['PRIORITY', 'READY'], ...lanes.map((lane) => [nameOf(lane), lane.jobs])])
    print(cli.terminal, flags.json, {
      text: [queueTable([row], now), ...(lanes.length === 0 ? [] : [byPriority])].join('\n\n'),
      value: { ...queueValue(row), readyByPriority: lanes.map(({ priority, jobs }) => ({ priority, ready: jobs })) },
    })
  })
}

function nameOf({ priority }: ReadyLane): string {
  const level = Object.entries(LEVELS).find(([, number]) => number === priority)?.[0]
  return level === undefined ? `${priority}` : `${priority} (${level})`
}
