import type { Command } from 'commander'
import { readClock } from '../store/clock-watch.ts'
import type { QueuePause } from '../store/pauses.ts'
import type { SeenProcess } from '../store/registry.ts'
import { readSilence, type Silence } from '../store/silence.ts'
import { systemClock } from '../time/system-clock.ts'
import { type Coming, type Overview, type QueueRow, readOverview } from '../web/overview.ts'
import { HINDRANCES } from '../web/words.ts'
import { type Cli, type CommonFlags, command, settingsOf, withJson, withSettings } from './context.ts'
import { EXIT } from './exit.ts'
import { openProject } from './project.ts'
import { withStore } from './session.ts'
import { type Printed, print, table } from './terminal.ts'
import { apart, counted, iso } from './words.ts'

type Seen = Overview & { readonly silence: Silence; readonly clock: { readonly held: boolean; readonly apart: number } }

/** `morrow status`: places, the oldest, processes, what nobody serves, what comes next; exit code 4 if something is wrong. */
export const statusCommand = (cli: Cli): Command =>
  withJson(
    withSettings(
      command('status', 'what waits where, who lives, what comes next', 'morrow status', 'morrow status --json'),
    ),
  ).action(async (flags: CommonFlags) => {
    const { config } = await openProject(settingsOf(flags))
    const seen = await withStore(config, async ({ store }) => {
      const overview = await readOverview(store)
      const silence = await readSilence(store, overview.processes)
      return { ...overview, silence, clock: await readClock(store, systemClock) }
    })
    print(cli.terminal, flags.json, statusOf(seen))
    const wrong = wrongs(seen)
    for (const line of wrong) cli.terminal.say(line)
    if (wrong.length > 0) cli.finish(EXIT.wrong)
  })

/** What is wrong, each with the line to type. */
const wrongs = ({ unserved, clock }: Seen): readonly string[] => [
  ...unserved.map(({ text, line }) => `${text}\n  ${line}`),
  ...(clock.held
    ? [
        `Redis' clock is ${Math.round(clock.apart / 1000)} s from the hosts' clocks, so nothing is moved by time\n  set it right, or type: morrow clock accept`,
      ]
    : []),
]

function statusOf(seen: Seen): Printed {
  const { prefix, now, queues, coming, processes, unserved, silence, clock } = seen
  const value = {
    now: iso(now),
    prefix,
    queues: queues.map((row) => queueValue(row)),
    processes: processes.map(processValue),
    next: coming.map(({ at, ...rest }) => ({ at: iso(at), ...rest })),
    unserved,
    scheduler: silenceValue(silence),
    clock: { held: clock.held, apartMs: clock.apart },
    ok: wrongs(seen).length === 0,
  }
  const text = [
    queues.length === 0 ? `no queue under the prefix ${prefix} yet` : queueTable(queues, now),
    processes.length === 0
      ? 'no process lives'
      : table([['PROCESS', 'HOST', 'PID', 'RUNNING', 'SEEN'], ...processes.map((each) => processCells(each, now))]),
    ...(silence.canary === null
      ? []
      : [`last tick that went the whole way: ${apart(silence.canary.completedAt, now)}`]),
    ...(coming.length === 0
      ? []
      : [table([['NEXT', 'WHEN', 'WHAT', 'QUEUE'], ...coming.map((each) => comingCells(each, now))])]),
  ].join('\n\n')
  return { text, value }
}

const silenceValue = ({ silent, tickOverdue, canary }: Silence) => ({
  silentForMs: silent,
  oldestTickOverdueMs: tickOverdue,
  canary: canary === null ? null : { plannedAt: iso(canary.plannedAt), completedAt: iso(canary.completedAt) },
})

const QUEUE_HEADS = ['QUEUE', 'SCHEDULED', 'READY', 'HELD', 'ACTIVE', 'DEAD', 'ENDED', 'OLDEST READY']

/** Queues with their counts, and what is held in them and why. */
export const queueTable = (rows: readonly QueueRow[], now: number): string =>
  [
    table([QUEUE_HEADS, ...rows.map((row) => queueCells(row, now))]),
    ...rows.flatMap((row) => [...row.pauses.map((pause) => pauseLine(pause, now)), ...heldLines(row, now)]),
  ].join('\n')

/** Why a queue stands still, and how long. */
export const pauseLine = ({ queue, scope, since, until, by, reason }: QueuePause, now: number): string => {
  const end = until === null ? '' : `, ends ${apart(until, now)}`
  return `${queue}: paused ${scope === 'everything' ? 'with everything ' : ''}${apart(since, now)} by ${by}${end}: ${reason}`
}

/** Names may outlast the jobs that were held under them. */
const heldLines = ({ queue, waiting, behind }: QueueRow, now: number): readonly string[] => [
  ...waiting
    .filter(({ count }) => count > 0)
    .map(
      ({ name, count, since }) =>
        `${queue}: ${counted(count, 'job')} held under the name ${name}, the first ${apart(since, now)}`,
    ),
  ...behind.map(
    ({ schedule, since }) =>
      `${queue}: a run of schedule ${schedule}, due ${apart(since, now)}, is held behind an earlier one`,
  ),
]

/** A queue as a row under these heads. */
const queueCells = (row: QueueRow, now: number): readonly (string | number)[] => [
  row.queue,
  row.scheduled,
  row.ready,
  row.held,
  row.active,
  row.dead,
  row.ended,
  row.oldestReadyAt === null ? '-' : apart(row.oldestReadyAt, now),
]

/** A queue for machines. */
export const queueValue = ({ waiting, behind, pauses, oldestReadyAt, ...counts }: QueueRow) => ({
  ...counts,
  pauses: pauses.map(({ since, until, ...told }) => ({ ...told, since: iso(since), until: iso(until) })),
  oldestReadyAt: iso(oldestReadyAt),
  heldNames: waiting.map(({ name, count, since }) => ({ name, count, since: iso(since) })),
  heldRuns: behind.map(({ schedule, id, since }) => ({ schedule, job: id, since: iso(since) })),
})

const processCells = (each: SeenProcess, now: number): readonly (string | number)[] => [
  each.roles.join(','),
  each.host,
  each.pid,
  each.running,
  apart(each.seenAt, now),
]

const processValue = ({ catalogue: _catalogue, startedAt, seenAt, ...card }: SeenProcess) => ({
  ...card,
  startedAt: iso(startedAt),
  seenAt: iso(seenAt),
})

const hindered = ({ hindrance }: Extract<Coming, { kind: 'tick' }>): string =>
  hindrance === null ? '' : `, ${HINDRANCES[hindrance]}`

const comingCells = (each: Coming, now: number): readonly string[] => [
  new Date(each.at).toISOString(),
  apart(each.at, now),
  each.kind === 'job' ? each.name : `${each.job} (tick of ${each.name}${hindered(each)})`,
  each.queue,
]
