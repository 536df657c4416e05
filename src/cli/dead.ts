import type { Command } from 'commander'
import { isJobId } from '../job/id.ts'
import { type Cli, type CommonFlags, command, settingsOf, withJson, withSettings } from './context.ts'
import { type MatchFlags, matching, matchOf } from './dead-match.ts'
import { purgeDead, reviveDead } from './dead-move.ts'
import { groupsText, groupText, jobText, listText } from './dead-text.ts'
import { EXIT, usageError } from './exit.ts'
import { openProject } from './project.ts'
import { withStore } from './session.ts'
import { print } from './terminal.ts'

type ListFlags = MatchFlags & { readonly jobs?: boolean; readonly count?: string }

/** `morrow dead …`: looks into what shall not run again by itself, and gives it another life or drops it. */
export const deadCommand = (cli: Cli): Command =>
  command('dead', 'look into dead jobs, give them another life, drop them')
    .addCommand(
      matching(
        'ls',
        'dead jobs by cause, the largest group first',
        'morrow dead ls',
        'morrow dead ls --jobs --newer-than 1h',
      )
        .option('--jobs', 'job by job instead, the newest first')
        .option('--count <number>', 'with --jobs: so many at most', '50')
        .action((flags: ListFlags) => list(cli, flags)),
    )
    .addCommand(
      withJson(
        withSettings(
          command('show', 'a dead job with its attempts, or a group by its fingerprint', 'morrow dead show 3f9a1bc2de'),
        ),
      )
        .argument('<id>', 'the id of a job, or a fingerprint')
        .action((id: string, flags: CommonFlags) => show(cli, id, flags)),
    )
    .addCommand(
      many(
        'revive',
        'give a dead job another life, or all that match',
        `morrow dead revive ID --payload '{"to":"ada@example.com"}'`,
      )
        .option('--payload <json>', 'another payload, checked by the schema of its type')
        .action((id: string | undefined, flags) => reviveDead(cli, id, flags)),
    )
    .addCommand(
      many(
        'purge',
        'drop a dead job for good, or all that match',
        'morrow dead purge --older-than 30d --dry-run',
      ).action((id: string | undefined, flags) => purgeDead(cli, id, flags)),
    )

const many = (verb: string, description: string, example: string): Command =>
  matching(verb, description, `morrow dead ${verb} 0h5k2m8r…`, `morrow dead ${verb} --fingerprint 3f9a1bc2de`, example)
    .argument('[id]', 'the id of one job; else say which by flags')
    .option('--all', 'all there are, where no flag says which')
    .option('--dry-run', 'say how many it would be, with three samples, and change nothing')

async function list(cli: Cli, flags: ListFlags): Promise<void> {
  const match = matchOf(flags)
  const count = Number(flags.count)
  if (!Number.isInteger(count) || count < 1 || count > 1_000) {
    throw usageError(`--count: expected a whole number from 1 to 1000, got '${flags.count}'`)
  }
  const { config } = await openProject(settingsOf(flags))
  await withStore(config, async ({ client, store }) => {
    const now = await store.inspector.time()
    if (flags.jobs) {
      const jobs = await client.dead.list(match, { count })
      return print(cli.terminal, flags.json, { text: listText(jobs, now), value: jobs })
    }
    const groups = await client.dead.groups(match)
    print(cli.terminal, flags.json, { text: groupsText(groups, now), value: groups })
  })
}

async function show(cli: Cli, id: string, flags: CommonFlags): Promise<void> {
  const { config } = await openProject(settingsOf(flags))
  await withStore(config, async ({ client, store }) => {
    const now = await store.inspector.time()
    if (isJobId(id)) {
      const job = await client.dead.get(id)
      if (job !== undefined) return print(cli.terminal, flags.json, { text: jobText(job), value: job })
    } else {
      if (!/^[0-9a-f]{10}$/.test(id)) throw usageError(`expected a job id, or a fingerprint of 10 letters, got '${id}'`)
      const [group] = await client.dead.groups({ fingerprint: id })
      const jobs = await client.dead.list({ fingerprint: id }, { count: 10 })
      if (group !== undefined) {
        return print(cli.terminal, flags.json, {
          text: groupText(group, jobs, now),
          value: { ...group, newestJobs: jobs },
        })
      }
    }
    cli.terminal.say(`no dead job has the ${isJobId(id) ? 'id' : 'fingerprint'} ${id} (any more)`)
    cli.finish(EXIT.unknown)
  })
}
