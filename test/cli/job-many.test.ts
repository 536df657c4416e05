import assert from 'node:assert/strict'
import { test } from 'node:test'
import { IMPORTS, jsonOf, type Ran, type UserProject, userProject } from './support.ts'

const CONFIG = `${IMPORTS}
const schema = { '~standard': { version: 1, vendor: 'test', validate: (value) =>
  typeof value === 'object' && value !== null && typeof value.to === 'string' ? { value } : { issues: [{ message: 'expected a text', path: ['to'] }] } } }
export default defineConfig({ jobs: [defineJob({ name: 'send-mail', queue: 'mail', payload: schema }), defineJob({ name: 'clean-up' })] })
`
type Page = {
  readonly jobs: readonly {
    readonly id: string
    readonly place: string
    readonly dueAt: string
    readonly payload: unknown
  }[]
  readonly next: string | null
}

/** A project with mails to ada, bob and ada again that are due in three days, and one job to clean up now. */
async function withJobs(context: Parameters<typeof userProject>[0]): Promise<UserProject> {
  const project = await userProject(context, { 'morrow.config.mjs': CONFIG })
  for (const to of ['ada', 'bob', 'ada']) {
    await project.run('job', 'enqueue', 'send-mail', '--payload', `{"to":"${to}"}`, '--in', '3d')
  }
  await project.run('job', 'enqueue', 'clean-up')
  return project
}

const list = async (project: UserProject, ...words: readonly string[]): Promise<Page> =>
  jsonOf(await project.run('job', 'ls', '--json', ...words)) as Page
const count = async (project: UserProject, ...words: readonly string[]): Promise<unknown> =>
  (jsonOf(await project.run('job', 'count', '--json', ...words)) as { readonly count: number }).count
const ended = ({ code, out, said }: Ran) => ({ code, out, said })

test('jobs are listed and counted by what they are, page by page', async (context) => {
  const project = await withJobs(context)
  const first = await list(project, '--limit', '3')
  assert.equal(first.jobs.length, 3)
  const rest = await list(project, '--cursor', first.next ?? '')
  assert.equal(new Set([...first.jobs, ...rest.jobs].map(({ id }) => id)).size, 4)
  assert.equal(rest.next, null)
  assert.equal(await count(project), 4)
  assert.equal(await count(project, '--job', 'send-mail', '--where', 'to=ada'), 2)
  assert.equal(await count(project, '--place', 'ready'), 1)
  assert.equal(await count(project, '--queue', 'mail,default', '--due', '2020-01-01..2020-01-02'), 0)
  const soon = await project.run('job', 'count', '--due', '..2199-01-01', '--tz', 'Europe/Berlin')
  assert.deepEqual(
    [soon.out, soon.said],
    ['4 jobs', '--due: from any time to before 2199-01-01T00:00:00+01:00 Europe/Berlin'],
  )
  const shown = await project.run('job', 'ls', '--job', 'clean-up')
  assert.match(shown.out, /^ID +NAME +QUEUE +PLACE +DUE +CREATED\n\w+ +clean-up +default +ready /)
  assert.equal((await project.run('job', 'ls', '--place', 'dead')).out, 'no job matches')
  const times = await project.run('job', 'count', '--created', '00:00..')
  assert.match(times.said, /from \d{4}-\d\d-\d\dT00:00:00\+00:00 UTC to before any time/)
})

test('what was queued by mistake is undone by one command, which does nothing without --yes', async (context) => {
  const project = await withJobs(context)
  const words = [
    'job',
    'cancel',
    '--job',
    'send-mail',
    '--place',
    'scheduled',
    '--created',
    '2026-01-01..2199-01-01',
    '--rate',
    '100/s',
  ]
  const dry = await project.run(...words, '--dry-run')
  assert.equal(dry.code, 0)
  assert.match(dry.out, /^would cancel 3 jobs\nID /)
  const unsure = await project.run(...words)
  assert.equal(unsure.code, 2)
  assert.match(unsure.said, /nothing was done: add --yes to cancel them/)
  assert.equal(await count(project, '--job', 'send-mail'), 3)
  const done = await project.run(...words, '--yes', '--json')
  const { samples, ...told } = jsonOf(done) as { readonly samples: readonly unknown[] }
  assert.deepEqual([done.code, told, samples.length], [0, { verb: 'cancel', dryRun: false, matched: 3, changed: 3 }, 3])
  assert.equal(await count(project), 1)
})

test('all that match are moved, made ready and updated, or one by its id', async (context) => {
  const project = await withJobs(context)
  const [before] = (await list(project, '--where', 'to=bob')).jobs
  const { id = '', dueAt = '' } = before ?? {}
  assert.equal(
    (await project.run('job', 'reschedule', '--job', 'send-mail', '--by', '-2h', '--yes')).out,
    'moved 3 jobs',
  )
  assert.equal(
    Date.parse((await list(project, '--where', 'to=bob')).jobs[0]?.dueAt ?? ''),
    Date.parse(dueAt) - 7_200_000,
  )
  const update = ['job', 'update', '--job', 'send-mail', '--where', 'to=ada', '--payload', '{"to":"eve"}']
  assert.equal((await project.run(...update, '--yes')).out, 'updated 2 jobs')
  assert.equal(await count(project, '--where', 'to=eve'), 2)
  assert.equal((await project.run('job', 'update', id, '--payload', '{"to":"carl"}')).code, 0)
  assert.equal((await project.run('job', 'update', id, '--expires-in', '1h')).code, 0)
  const shown = await project.run('job', 'show', id)
  assert.match(shown.out, /carl/)
  assert.match(shown.out, /expires/)
  const refused = await project.run('job', 'update', id, '--payload', '{"to":7}')
  assert.equal(refused.code, 2)
  assert.match(refused.said, /expected a text/)
  assert.equal((await project.run('job', 'run', id)).out, `${id}  ready`)
  assert.equal(
    (await project.run('job', 'run', '--job', 'send-mail', '--yes')).out,
    'made ready 2 jobs; 1 had begun, ended or changed meanwhile, or were so already',
  )
  assert.equal(await count(project, '--place', 'ready'), 4)
  assert.equal((await project.run('job', 'cancel', id)).code, 0)
  assert.deepEqual(
    [(await project.run('job', 'run', id)).code, (await project.run('job', 'update', id, '--timeout', '1m')).code],
    [5, 5],
  )
})

test('bad input is an error of use that says what to write', async (context) => {
  const project = await withJobs(context)
  for (const [words, text] of [
    [['cancel'], /expected the id of a job, or which jobs are meant/],
    [['cancel', '--yes'], /which jobs are meant/],
    [['cancel', '--type', 'send-mail'], /expected that id, or --job/],
    [['cancel', '0'.repeat(25), '--job', 'send-mail'], /expected an id or --job, got both/],
    [['cancel', '--job', 'send-mail', '--rate', 'fast'], /--rate: expected jobs a second/],
    [['cancel', '--created', '10:00'], /--created: expected two times/],
    [['cancel', '--created', '10:00..ten'], /--created: expected an instant/],
    [['cancel', '--where', 'to'], /--where: expected a path and a value/],
    [['reschedule', '--job', 'send-mail'], /--in, --at or --by, got none/],
    [['reschedule', '--job', 'send-mail', '--by', '1h', '--in', '1h'], /got both/],
    [['reschedule', '--job', 'send-mail', '--by', '1 hur', '--yes'], /did you mean/],
    [['update', '--job', 'send-mail', '--payload', '{', '--yes'], /--payload: expected JSON/],
    [['update', '--job', 'send-mail', '--payload', '{}', '--yes'], /expected a text/],
    [['ls', '--limit', '0'], /--limit/],
    [['ls', '--created', '11:00..10:00'], /from must be before to/],
    [['count', '--place', 'redy'], /place: must be one or more of scheduled/],
    [['cancel', '--place', 'dead', '--yes'], /cancel is for jobs that are scheduled/],
  ] as const) {
    const ran = ended(await project.run('job', ...words))
    assert.deepEqual([ran.code, ran.out], [2, ''], words.join(' '))
    assert.match(ran.said, text)
    assert.doesNotMatch(ran.said, /\n\s+at /)
  }
  const strange = await project.run('job', 'count', '--queue', 'mial')
  assert.equal(strange.code, 3)
  assert.match(strange.said, /did you mean mail/)
})
