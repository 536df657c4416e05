import type { Command } from 'commander'
import type { Store } from '../store/store.ts'
import { formatDuration, parseDuration } from '../time/duration.ts'
import { type Cli, type CommonFlags, command, settingsOf, withJson, withSettings } from './context.ts'
import { EXIT } from './exit.ts'
import { pauseQueuesCommand, resumeQueuesCommand } from './pause.ts'
import { openProject } from './project.ts'
import { readQueue, strangeTo } from './queue-read.ts'
import { queueShowCommand } from './queue-show.ts'
import { withStore } from './session.ts'
import { queueTable, queueValue } from './status.ts'
import { print, table } from './terminal.ts'
import { apart, iso } from './words.ts'

type CheckFlags = CommonFlags & { readonly maxAge: string }

/** `morrow queue …`: what is in the queues, and whether jobs wait too long. */
export const queueCommand = (cli: Cli): Command =>
  command('queue', 'what is in the queues')
    .addCommand(
      withJson(withSettings(command('ls', 'the queues with their counts', 'morrow queue ls'))).action(
        (flags: CommonFlags) => listQueues(cli, flags),
      ),
    )
    .addCommand(queueShowCommand(cli))
    .addCommand(pauseQueuesCommand(cli, 'morrow queue pause'))
    .addCommand(resumeQueuesCommand(cli, 'morrow queue resume'))
    .addCommand(
      withJson(
        withSettings(
          command('check', 'exit code 4 when a due job waits too long', 'morrow queue check --max-age 5m mail'),
        ),
      )
        .argument('[queues...]', 'these queues only')
        .option('--max-age <length>', 'how long a due job may wait', '5m')
        .action((queues: readonly string[], flags: CheckFlags) => checkQueues(cli, queues, flags)),
    )

async function listQueues(cli: Cli, flags: CommonFlags): Promise<void> {
  const { config } = await openProject(settingsOf(flags))
  const { rows, now } = await withStore(config, async ({ store }) => ({
    now: await store.inspector.time(),
    rows: await Promise.all((await store.space.queues()).map((queue) => readQueue(store, queue))),
  }))
  const text = rows.length === 0 ? 'no queue yet' : queueTable(rows, now)
  print(cli.terminal, flags.json, { text, value: rows.map(queueValue) })
}

async function checkQueues(cli: Cli, only: readonly string[], flags: CheckFlags): Promise<void> {
  const maxAge = parseDuration(flags.maxAge, '--max-age')
  const { config } = await openProject(settingsOf(flags))
  const ages = await withStore(config, async ({ store }) => {
    const known = await store.space.queues()
    if (strangeTo(cli, known, only)) return undefined
    return Promise.all((only.length > 0 ? only : known).map((queue) => ageOf(store, queue)))
  })
  if (ages === undefined) return
  const late = ages.filter(({ ageMs }) => ageMs > maxAge)
  const rows = ages.map(({ queue, oldestDueAt, ageMs }) => [
    queue,
    oldestDueAt === null ? '-' : apart(oldestDueAt, oldestDueAt + ageMs),
  ])
  const value = {
    ok: late.length === 0,
    maxAgeMs: maxAge,
    queues: ages.map(({ oldestDueAt, ...age }) => ({ ...age, oldestDueAt: iso(oldestDueAt) })),
  }
  print(cli.terminal, flags.json, { text: table([['QUEUE', 'OLDEST DUE'], ...rows]), value })
  if (late.length === 0) return
  const names = late.map(({ queue }) => queue).join(', ')
  cli.terminal.say(`jobs have been due for more than ${formatDuration(maxAge)} in ${names}`)
  cli.finish(EXIT.wrong)
}

/** Since when the oldest job of a queue that is due and has not begun has waited: ready, held, or not yet promoted. */
async function ageOf({ inspector }: Store, queue: string) {
  const [{ now, next, oldestReadyAt }, counts, held, behind] = await Promise.all([
    inspector.head(queue, 1),
    inspector.counts(queue),
    inspector.held(queue),
    inspector.behind(queue),
  ])
  // Names may outlast the jobs that were held under them.
  const heldSince = counts.held > 0 ? [...held, ...behind].map(({ since }) => since) : []
  const due = [oldestReadyAt, next[0]?.at ?? null, ...heldSince].filter((at) => at !== null && at <= now) as number[]
  const oldestDueAt = due.length === 0 ? null : Math.min(...due)
  return { queue, oldestDueAt, ageMs: oldestDueAt === null ? 0 : now - oldestDueAt }
}
