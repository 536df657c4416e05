import type { Command } from 'commander'
import { isJobId } from '../job/id.ts'
import { type Cli, type CommonFlags, command, settingsOf, withJson, withSettings } from './context.ts'
import { usageError } from './exit.ts'
import { cancelJob, type JobAct, type Named, rescheduleJob, retryJob, showJob } from './job-by-id.ts'
import { runJob, updateJob } from './job-change.ts'
import { enqueueJob } from './job-enqueue.ts'
import { countCommand, listCommand } from './job-list.ts'
import { type ManyFlags, type ManyVerb, steerMany, withMany } from './job-many.ts'
import { selecting, withSelection } from './job-selection.ts'
import { openProject } from './project.ts'
import { withStore } from './session.ts'
import type { WhenFlags } from './when.ts'

type NamingFlags = CommonFlags &
  WhenFlags & { readonly type?: string; readonly ownId?: boolean; readonly queue?: string }

/** `morrow job …`: puts one job, finds it, steers it. */
export const jobCommand = (cli: Cli): Command =>
  command('job', 'put a job, find it, steer it')
    .addCommand(enqueueCommand(cli))
    .addCommand(named(cli, 'show', 'show a job: where it is, and what became of it', showJob))
    .addCommand(listCommand(cli))
    .addCommand(countCommand(cli))
    .addCommand(many(cli, 'cancel', 'end a job, or all that match; of one that runs the handler is told', cancelJob))
    .addCommand(
      many(cli, 'reschedule', 'move a job that has not begun to another time, or all that match', rescheduleJob),
    )
    .addCommand(many(cli, 'run', 'make a job that waits for its time ready now, or all that match', runJob))
    .addCommand(
      many(cli, 'update', 'replace payload or limits of a job that has not begun, or of all that match', updateJob),
    )
    .addCommand(named(cli, 'retry', 'give a dead job another life', retryJob))

const withWhen = (to: Command): Command =>
  to
    .option('--in <length>', "after this long: 90s, '3 days', 1h30m; beside --tz on that zone's calendar")
    .option('--at <instant>', "at an instant: 2026-12-01T09:00:00+01:00, or '2026-12-01 09:00' beside --tz")
    .option('--time <HH:MM>', 'the time of day, beside --in 3d and --tz')
    .option('--tz <zone>', 'the time zone: Europe/Berlin')

const withLimits = (to: Command): Command =>
  to
    .option('--timeout <length>', 'how long an attempt may take: 30s')
    .option('--expires-in <length>', 'how long after it is due it may begin: 1h')
    .option('--deadline <instant>', 'the last instant at which it may begin: 2026-12-01T09:00:00+01:00')

function enqueueCommand(cli: Cli): Command {
  const made = command(
    'enqueue',
    'make a job ready, or due later',
    'morrow job enqueue clean-up',
    `morrow job enqueue send-mail --payload '{"to":"ada@example.com"}' --in 3d`,
    `morrow job enqueue send-mail --payload '{}' --in 3d --time 09:00 --tz Europe/Berlin --id trial:42`,
  )
    .argument('<name>', 'the name of the job type')
    .option('--payload <json>', 'what the job is about')
    .option('--queue <queue>', "the queue; the job type's own unless said")
    .option('--id <id>', 'an id of your own: a second call with it stores nothing')
    .option('--priority <level>', '0 (first) to 9, urgent, high, normal or low; as the job type says unless said')
  return withJson(withSettings(withWhen(withLimits(made)))).action((name: string, flags) =>
    enqueueJob(cli, name, flags),
  )
}

const withNaming = (to: Command, id: '<id>' | '[id]'): Command =>
  to
    .argument(id, 'the id of its receipt; with --type one of your own')
    .option('--type <name>', 'the job type that an id of your own belongs to')
    .option('--own-id', 'the id is one of your own (--type says so too)')
    .option('--queue <queue>', "where an id of your own is looked for; the job type's own queue unless said")

function named(cli: Cli, verb: string, description: string, act: JobAct): Command {
  const made = command(
    verb,
    description,
    `morrow job ${verb} 0h5k2m8r…`,
    `morrow job ${verb} trial:42 --type send-mail`,
  )
  return withJson(withSettings(withNaming(made, '<id>'))).action((id: string, flags: NamingFlags) =>
    byName(cli, id, flags, act),
  )
}

async function byName(cli: Cli, id: string, flags: NamingFlags, act: JobAct): Promise<void> {
  const naming = namedBy(id, flags)
  const project = await openProject(settingsOf(flags))
  await withStore(project.config, (session) => act({ cli, project, session, flags, ...naming }))
}

const EXAMPLES: Readonly<Record<ManyVerb, string>> = {
  cancel: 'morrow job cancel --job send-mail --place scheduled --created 10:00..10:05 --rate 14/s --yes',
  reschedule: 'morrow job reschedule --job send-mail --due ..12:00 --by +2h --dry-run',
  run: 'morrow job run --job send-mail --where to=ada@example.com --yes',
  update: `morrow job update --job send-mail --where lang=xx --payload '{"to":"ada@example.com"}' --yes`,
}

const REST: Readonly<Record<ManyVerb, string>> = {
  cancel: '',
  reschedule: ' --in 1h',
  run: '',
  update: ' --expires-in 1h',
}

/** A command that steers one job by its id, or all that match. */
function many(cli: Cli, verb: ManyVerb, description: string, act: JobAct): Command {
  const byId = `morrow job ${verb} 0h5k2m8r…${REST[verb]}`
  const made = withMany(withSelection(withNaming(command(verb, description, byId, EXAMPLES[verb]), '[id]')))
  if (verb === 'update') withLimits(made).option('--payload <json>', 'what the job is about')
  if (verb === 'reschedule')
    withWhen(made).option('--by <length>', 'by so much from the time at which each is due: +2h, -30m')
  else made.option('--tz <zone>', 'the zone in which times are read and shown; MORROW_TZ unless said')
  return withJson(withSettings(made)).action(async (id: string | undefined, flags: NamingFlags & ManyFlags) => {
    if (id === undefined) return flags.type === undefined ? steerMany(cli, verb, flags) : refuseType()
    const stray = [...selecting(flags).filter((flag) => flag !== '--queue'), ...bulkOnly(flags)]
    if (stray.length > 0) throw usageError(`expected an id or ${stray.join(', ')}, got both`)
    return byName(cli, id, flags, act)
  })
}

const refuseType = (): never => {
  throw usageError('--type says whose id of your own is meant; expected that id, or --job for all jobs of a type')
}

const bulkOnly = ({ dryRun, rate, by }: ManyFlags): readonly string[] =>
  Object.entries({ '--dry-run': dryRun, '--rate': rate, '--by': by }).flatMap(([flag, given]) =>
    given === undefined ? [] : [flag],
  )

function namedBy(id: string, { type, ownId, queue }: NamingFlags): Named {
  if (type !== undefined) return { id, type }
  if (ownId) throw usageError('an id of your own belongs to a job type; expected --type NAME beside --own-id')
  if (queue !== undefined) throw usageError('an id of a receipt knows its queue; expected --queue beside --type only')
  if (isJobId(id)) return { id, type: undefined }
  throw usageError(
    `expected a job id as a receipt gives it, got '${id}'; an id of your own needs --type NAME beside it`,
  )
}
