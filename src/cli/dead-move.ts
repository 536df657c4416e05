import type { DeadMany, DeadMatch } from '../job/dead-client.ts'
import type { Cli } from './context.ts'
import { settingsOf } from './context.ts'
import { contractOf } from './contracts.ts'
import { type MatchFlags, matchOf } from './dead-match.ts'
import { sampleText } from './dead-text.ts'
import { EXIT, usageError } from './exit.ts'
import { payloadOf } from './job-enqueue.ts'
import { openProject, type Project } from './project.ts'
import { type Session, withStore } from './session.ts'
import { print } from './terminal.ts'
import { counted } from './words.ts'

/** The flags of what moves dead jobs: one by its id, or all that match. */
export type MoveFlags = MatchFlags & {
  readonly all?: boolean
  readonly dryRun?: boolean
  readonly payload?: string
}

/** Gives one dead job another life, or all that match; exit code 3 when there is none, 5 when it is not dead. */
export async function reviveDead(cli: Cli, id: string | undefined, flags: MoveFlags): Promise<void> {
  const payload = payloadOf(flags.payload)
  await move(cli, id, flags, {
    done: 'revived',
    one: async (session, project, one) => {
      if (payload === undefined) return session.client.dead.revive(one)
      const dead = await session.client.dead.get(one)
      if (dead === undefined) return 'unknown'
      const job = await contractOf(project, session, dead.name, dead.queue)
      return session.client.dead.revive(one, { job, payload })
    },
    many: async (session, project, match, dryRun) => {
      if (payload === undefined) return session.client.dead.reviveAll(match, { dryRun })
      if (flags.type === undefined)
        throw usageError('--payload is checked by the schema of a job type; expected --type NAME beside it')
      const job = await contractOf(project, session, flags.type, flags.queue)
      return session.client.dead.reviveAll(match, { dryRun, job, payload: () => payload })
    },
  })
}

/** Drops one dead job for good, or all that match; exit codes as of reviving. */
export const purgeDead = (cli: Cli, id: string | undefined, flags: MoveFlags): Promise<void> =>
  move(cli, id, flags, {
    done: 'purged',
    one: (session, _project, one) => session.client.dead.purge(one),
    many: (session, _project, match, dryRun) => session.client.dead.purgeAll(match, { dryRun }),
  })

type Moving = {
  readonly done: 'revived' | 'purged'
  readonly one: (session: Session, project: Project, id: string) => Promise<string>
  readonly many: (session: Session, project: Project, match: DeadMatch, dryRun: boolean) => Promise<DeadMany>
}

async function move(cli: Cli, id: string | undefined, flags: MoveFlags, moving: Moving): Promise<void> {
  const match = matchOf(flags)
  const isSaid = Object.keys(match).length > 0
  const dryRun = flags.dryRun === true
  if (id !== undefined && (isSaid || flags.all)) throw usageError('expected an id, or flags that say which, got both')
  if (id !== undefined && dryRun)
    throw usageError('--dry-run is for all that match; look at one job with `morrow dead show`')
  if (id === undefined && !isSaid && !flags.all)
    throw usageError('expected the id of a job, flags that say which, or --all')
  const project = await openProject(settingsOf(flags))
  await withStore(project.config, async (session) => {
    if (id !== undefined) return sayOne(cli, session, id, await moving.one(session, project, id), flags, moving.done)
    const { count, samples } = await moving.many(session, project, match, dryRun)
    const said = dryRun ? `${counted(count, 'job')} would be ${moving.done}` : `${counted(count, 'job')} ${moving.done}`
    const text = [said, ...samples.map(sampleText)].join('\n')
    print(cli.terminal, flags.json, { text: dryRun ? text : said, value: { count, dryRun, samples } })
    if (count > 0) return
    cli.terminal.say('no dead job matches')
    cli.finish(EXIT.unknown)
  })
}

async function sayOne(
  cli: Cli,
  { client }: Session,
  id: string,
  outcome: string,
  { json }: MoveFlags,
  done: string,
): Promise<void> {
  if (json || outcome === done) print(cli.terminal, json, { text: `${id}  ${outcome}`, value: { id, outcome } })
  if (outcome === done) return
  const job = await client.get(id)
  if (job === undefined) cli.terminal.say(`there is no job ${id} (any more)`)
  else cli.terminal.say(`${id} is not ${done}: it is ${job.place}, and only a dead job can be`)
  cli.finish(job === undefined ? EXIT.unknown : EXIT.conflict)
}
