import type { Command } from 'commander'
import { excerpt } from '../errors.ts'
import type { JobListing } from '../job/selection-client.ts'
import { type Cli, type CommonFlags, command, settingsOf, withJson, withSettings } from './context.ts'
import { usageError } from './exit.ts'
import { jobTable } from './job-many.ts'
import { type Asked, asUse, criteriaOf, type SelectionFlags, withSelection, zoneFor } from './job-selection.ts'
import { openProject } from './project.ts'
import { withStore } from './session.ts'
import { print } from './terminal.ts'
import { counted } from './words.ts'

type CountFlags = CommonFlags & SelectionFlags
type ListFlags = CountFlags & { readonly limit: string; readonly cursor?: string }

const looking = (name: string, description: string, ...examples: readonly string[]): Command =>
  withJson(withSettings(withSelection(command(name, description, ...examples))))
    .option('--queue <queues>', 'in these queues, with commas between; in all unless said')
    .option('--tz <zone>', 'the zone in which times are read and shown; MORROW_TZ unless said')

/** `morrow job ls`: jobs that match, page by page. */
export const listCommand = (cli: Cli): Command =>
  looking(
    'ls',
    'list jobs, those that have not begun unless --place says otherwise',
    'morrow job ls --job send-mail',
    'morrow job ls --place dead,ended --json',
  )
    .option('--limit <count>', 'so many, at most 1000', '20')
    .option('--cursor <cursor>', 'go on where another list ended')
    .action((flags: ListFlags) => {
      const limit = limitOf(flags.limit)
      return look(cli, flags, async (asked, listing) => {
        const { jobs, next } = await listing.list({
          limit,
          ...(flags.cursor === undefined ? {} : { cursor: flags.cursor }),
        })
        const text = jobs.length === 0 ? 'no job matches' : jobTable(asked, jobs)
        print(cli.terminal, flags.json, { text, value: { jobs, next } })
        if (next !== null && !flags.json) cli.terminal.say(`there may be more: --cursor ${next}`)
      })
    })

/** `morrow job count`: how many jobs match. */
export const countCommand = (cli: Cli): Command =>
  looking(
    'count',
    'count jobs, those that have not begun unless --place says otherwise',
    'morrow job count --job send-mail --due ..10:00',
  ).action((flags: CountFlags) =>
    look(cli, flags, async (_asked, listing) => {
      const count = await listing.count()
      print(cli.terminal, flags.json, { text: counted(count, 'job'), value: { count } })
    }),
  )

async function look(
  cli: Cli,
  flags: CountFlags,
  use: (asked: Asked, listing: JobListing) => Promise<void>,
): Promise<void> {
  const project = await openProject(settingsOf(flags))
  await withStore(project.config, async (session) => {
    const asked = { cli, project, session, zone: zoneFor(project, flags) }
    const criteria = await criteriaOf(asked, flags)
    if (criteria !== undefined) await asUse(async () => use(asked, session.client.jobs.select(criteria)))
  })
}

function limitOf(text: string): number {
  const limit = Number(text)
  if (Number.isInteger(limit) && limit >= 1 && limit <= 1_000) return limit
  throw usageError(`--limit: expected a whole number from 1 to 1000, got ${excerpt(text)}`)
}
