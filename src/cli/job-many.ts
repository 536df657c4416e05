import type { Command } from 'commander'
import { excerpt } from '../errors.ts'
import type {
  BulkAnswer,
  BulkOptions,
  JobChanges,
  JobCriteria,
  JobSelection,
  SelectedJob,
  WaitingPlace,
} from '../job/selection-client.ts'
import { systemClock } from '../time/system-clock.ts'
import type { Cli } from './context.ts'
import { type CommonFlags, settingsOf } from './context.ts'
import { EXIT, usageError } from './exit.ts'
import { type LimitFlags, limitsOf, payloadOf } from './job-enqueue.ts'
import {
  type Asked,
  asUse,
  criteriaOf,
  type SelectionFlags,
  selecting,
  typedCriteriaOf,
  zoneFor,
} from './job-selection.ts'
import { openProject } from './project.ts'
import { local } from './schedule-ticks.ts'
import { withStore } from './session.ts'
import { print, table } from './terminal.ts'
import { type WhenFlags, whenOf } from './when.ts'
import { counted } from './words.ts'

/** The flags of a command that steers many jobs. */
export type ManyFlags = CommonFlags &
  SelectionFlags &
  WhenFlags &
  LimitFlags & {
    readonly dryRun?: boolean
    readonly yes?: boolean
    readonly rate?: string
    readonly by?: string
    readonly payload?: string
  }

/** Adds the flags of a command that steers many jobs. */
export const withMany = (to: Command): Command =>
  to
    .option('--dry-run', 'only count what matches, and show three')
    .option('--yes', 'steer all that matches; without it nothing is done')
    .option('--rate <rate>', 'at most so many a time: 14/s, 100/m; as fast as it goes unless said')

/** The verbs that steer many jobs. */
export type ManyVerb = 'cancel' | 'run' | 'reschedule' | 'update'

/** Steers all jobs that match, or says what it would do. */
export async function steerMany(cli: Cli, verb: ManyVerb, flags: ManyFlags): Promise<void> {
  if (selecting(flags).length === 0) {
    throw usageError(
      'expected the id of a job, or which jobs are meant: --job, --queue, --place, --due, --created, --where',
    )
  }
  const dryRun = flags.dryRun === true || flags.yes !== true
  const options = {
    dryRun,
    ...(flags.rate === undefined ? {} : { rate: rateOf(flags.rate) }),
    onProgress: telling(cli),
  }
  const draw = drawOf(verb, flags)
  const project = await openProject(settingsOf(flags))
  await withStore(project.config, async (session) => {
    const asked = { cli, project, session, zone: zoneFor(project, flags) }
    const read = verb === 'update' && flags.payload !== undefined ? typedCriteriaOf : criteriaOf
    const criteria = await read(asked, flags)
    if (criteria === undefined) return
    // Which places may be steered is checked where those of all callers are.
    const steered = criteria as JobCriteria<unknown, WaitingPlace>
    const done = await asUse(async () => draw(session.client.jobs.select(steered), options))
    tell(asked, flags, verb, { ...done, dryRun })
    if (!dryRun || flags.dryRun === true) return
    cli.terminal.say(`nothing was done: add --yes to ${verb} them, or --dry-run to look only`)
    cli.finish(EXIT.usage)
  })
}

type Draw = (selection: JobSelection, options: BulkOptions) => Promise<BulkAnswer>

function drawOf(verb: ManyVerb, flags: ManyFlags): Draw {
  switch (verb) {
    case 'cancel':
      return (selection, options) => selection.cancel(options)
    case 'run':
      return (selection, options) => selection.run(options)
    case 'reschedule': {
      const { by, tz: _tz, ...untimed } = flags
      const when = whenOf(by === undefined ? flags : untimed)
      if (by !== undefined && when !== undefined) throw usageError('expected --by, or a time (--in, --at), got both')
      const to = by === undefined ? when : { by }
      if (to === undefined) throw usageError('expected --in, --at or --by, got none')
      return (selection, options) => selection.reschedule(to, options)
    }
    case 'update': {
      const changes = changesOf(flags)
      return (selection, options) => selection.update(changes, options)
    }
  }
}

/** What flags say is to be replaced. */
export function changesOf(flags: LimitFlags & { readonly payload?: string }): JobChanges<unknown> {
  const payload = payloadOf(flags.payload)
  const limits = limitsOf(flags)
  return flags.payload === undefined ? limits : { ...limits, payload }
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600 }

function rateOf(text: string): number {
  const [, amount, unit = 's'] = /^\s*(\d+(?:\.\d+)?)\s*(?:\/\s*([smh]))?\s*$/.exec(text) ?? []
  const rate = Number(amount) / (UNITS[unit] ?? 1)
  if (rate > 0) return rate
  throw usageError(`--rate: expected jobs a second, minute or hour such as 14/s, got ${excerpt(text)}`)
}

const EVERY = 2_000

/** A word now and then, for those who wait. */
function telling({ terminal }: Cli): NonNullable<BulkOptions['onProgress']> {
  let last = systemClock.monotonic() as number
  return ({ matched, next }) => {
    if (next === null || systemClock.monotonic() - last < EVERY) return
    last = systemClock.monotonic()
    terminal.say(`${matched} so far`)
  }
}

const DONE: Readonly<Record<ManyVerb, string>> = {
  cancel: 'cancelled',
  run: 'made ready',
  reschedule: 'moved',
  update: 'updated',
}

type Done = BulkAnswer & { readonly dryRun: boolean }

function tell(asked: Asked, { json }: ManyFlags, verb: ManyVerb, { matched, changed, samples, dryRun }: Done): void {
  const rest = matched - changed
  const left = rest === 0 ? '' : `; ${rest} had begun, ended or changed meanwhile, or were so already`
  const shown = samples.length === 0 ? '' : `\n${jobTable(asked, samples)}`
  const text = dryRun
    ? `would ${verb} ${counted(matched, 'job')}${matched > samples.length ? ', such as' : ''}${shown}`
    : `${DONE[verb]} ${counted(changed, 'job')}${left}`
  print(asked.cli.terminal, json, { text, value: { verb, dryRun, matched, changed, samples } })
}

/** Jobs as rows. */
export const jobTable = ({ zone }: Pick<Asked, 'zone'>, jobs: readonly SelectedJob[]): string =>
  table([
    ['ID', 'NAME', 'QUEUE', 'PLACE', 'DUE', 'CREATED'],
    ...jobs.map(({ id, name, queue, place, dueAt, createdAt }) => [
      id,
      name,
      queue,
      place,
      local(zone, dueAt.getTime()),
      local(zone, createdAt.getTime()),
    ]),
  ])
