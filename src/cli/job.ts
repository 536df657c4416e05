import type { Command } from 'commander'
import { isJobId } from '../job/id.ts'
import { type Cli, type CommonFlags, command, settingsOf, withJson, withSettings } from './context.ts'
import { usageError } from './exit.ts'
import { cancelJob, type JobAct, type Named, rescheduleJob, retryJob, showJob } from './job-by-id.ts'
import { enqueueJob } from './job-enqueue.ts'
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
    .addCommand(named(cli, 'cancel', 'end a job that has not begun', cancelJob))
    .addCommand(withWhen(named(cli, 'reschedule', 'move a job that has not begun to another time', rescheduleJob)))
    .addCommand(named(cli, 'retry', 'give a dead job another life', retryJob))

const withWhen = (to: Command): Command =>
  to
    .option('--in <length>', "after this long: 90s, '3 days', 1h30m; beside --tz on that zone's calendar")
    .option('--at <instant>', "at an instant: 2026-12-01T09:00:00+01:00, or '2026-12-01 09:00' beside --tz")
    .option('--time <HH:MM>', 'the time of day, beside --in 3d and --tz')
    .option('--tz <zone>', 'the time zone: Europe/Berlin')

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
  return withJson(withSettings(withWhen(made))).action((name: string, flags) => enqueueJob(cli, name, flags))
}

function named(cli: Cli, verb: string, description: string, act: JobAct): Command {
  const rest = verb === 'reschedule' ? ' --in 1h' : ''
  const made = command(
    verb,
    description,
    `morrow job ${verb} 0h5k2m8r…${rest}`,
    `morrow job ${verb} trial:42 --type send-mail${rest}`,
  )
    .argument('<id>', 'the id of its receipt; with --type one of your own')
    .option('--type <name>', 'the job type that an id of your own belongs to')
    .option('--own-id', 'the id is one of your own (--type says so too)')
    .option('--queue <queue>', "where an id of your own is looked for; the job type's own queue unless said")
  return withJson(withSettings(made)).action(async (id: string, flags: NamingFlags) => {
    const naming = namedBy(id, flags)
    const project = await openProject(settingsOf(flags))
    await withStore(project.config, (session) => act({ cli, project, session, flags, ...naming }))
  })
}

function namedBy(id: string, { type, ownId, queue }: NamingFlags): Named {
  if (type !== undefined) return { id, type }
  if (ownId) throw usageError('an id of your own belongs to a job type; expected --type NAME beside --own-id')
  if (queue !== undefined) throw usageError('an id of a receipt knows its queue; expected --queue beside --type only')
  if (isJobId(id)) return { id, type: undefined }
  throw usageError(
    `expected a job id as a receipt gives it, got '${id}'; an id of your own needs --type NAME beside it`,
  )
}
