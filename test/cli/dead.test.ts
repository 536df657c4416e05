import assert from 'node:assert/strict'
import { test } from 'node:test'
import { IMPORTS, jsonOf, type UserProject, userProject } from './support.ts'

const CONFIG = `${IMPORTS}
const schema = { '~standard': { version: 1, vendor: 'test', validate: (value) =>
  typeof value === 'object' && value !== null && typeof value.to === 'string' ? { value } : { issues: [{ message: 'expected a text', path: ['to'] }] } } }
const sendMail = defineJob({ name: 'send-mail', queue: 'mail', payload: schema, retry: { attempts: 1 } })
const bill = defineJob({ name: 'bill', queue: 'bills', retry: { attempts: 1 } })
export default defineConfig({
  jobs: [sendMail, bill],
  handlers: () => [
    sendMail.handle(({ to }) => { throw new Error('no mailbox ' + JSON.stringify(to)) }),
    bill.handle(() => { throw new TypeError('no customer') }),
  ],
})
`

type Group = { readonly fingerprint: string; readonly count: number; readonly newest: string }
type Job = { readonly id: string; readonly name: string; readonly payload: unknown }

/** Two dead mails of one cause, and a dead bill. */
async function withDead(context: Parameters<typeof userProject>[0]): Promise<UserProject> {
  const project = await userProject(context, { 'morrow.config.mjs': CONFIG })
  for (const to of ['ada', 'bob']) {
    await project.run('job', 'enqueue', 'send-mail', '--payload', JSON.stringify({ to }))
  }
  await project.run('job', 'enqueue', 'bill')
  const ran = await project.run('worker', '--until-empty')
  assert.equal(ran.code, 0, ran.said)
  return project
}

const groupsOf = async (project: UserProject, ...flags: readonly string[]): Promise<readonly Group[]> =>
  jsonOf(await project.run('dead', 'ls', '--json', ...flags)) as readonly Group[]
const jobsOf = async (project: UserProject, ...flags: readonly string[]): Promise<readonly Job[]> =>
  jsonOf(await project.run('dead', 'ls', '--jobs', '--json', ...flags)) as readonly Job[]

test('dead jobs are listed by cause and one by one, and shown with their attempts', async (context) => {
  const project = await withDead(context)
  const [mails, bills] = await groupsOf(project)
  assert.deepEqual([mails?.count, bills?.count], [2, 1])
  const listed = await project.run('dead', 'ls')
  assert.match(listed.out, /^FINGERPRINT +COUNT +NEWEST +TYPE +REASON +ERROR$/m)
  assert.match(listed.out, /^[0-9a-f]{10} +2 +.* +send-mail +attempts +Error: no mailbox "…"$/m)
  assert.equal((await jobsOf(project, '--type', 'bill')).length, 1)
  const one = await project.run('dead', 'show', mails?.newest ?? '')
  assert.match(one.out, /^fingerprint +[0-9a-f]{10}$/m)
  assert.match(one.out, /^#1 +\d{4}-\S+ +after .* +on \S+:\d+:[0-9a-f]{6} +Error: no mailbox "\w+"$/m)
  const group = await project.run('dead', 'show', mails?.fingerprint ?? '')
  assert.match(group.out, /^2 jobs of send-mail in mail, dead for attempts$/m)
})

test('one is revived, with another payload that passes', async (context) => {
  const project = await withDead(context)
  const [job] = await jobsOf(project, '--type', 'send-mail')
  const id = job?.id ?? ''
  const refused = await project.run('dead', 'revive', id, '--payload', '{}')
  assert.equal(refused.code, 2, refused.said)
  assert.match(refused.said, /expected a text/)
  const revived = await project.run('dead', 'revive', id, '--payload', '{"to":"eve"}', '--json')
  assert.deepEqual([revived.code, jsonOf(revived)], [0, { id, outcome: 'revived' }])
  assert.deepEqual((jsonOf(await project.run('job', 'show', id, '--json')) as Job).payload, { to: 'eve' })
  const again = await project.run('dead', 'revive', id)
  assert.equal(again.code, 5)
  assert.match(again.said, /is not revived: it is ready, and only a dead job can be/)
})

test('all that match are revived or purged, or would be', async (context) => {
  const project = await withDead(context)
  const [mails] = await groupsOf(project)
  const by = ['--fingerprint', mails?.fingerprint ?? ''] as const
  const dry = await project.run('dead', 'revive', ...by, '--dry-run')
  assert.deepEqual([dry.code, dry.out.split('\n').length], [0, 3])
  assert.match(dry.out, /^2 jobs would be revived$/m)
  assert.match((await project.run('dead', 'revive', ...by)).out, /^2 jobs revived$/)
  const none = await project.run('dead', 'revive', ...by)
  assert.deepEqual([none.code, none.said], [3, 'no dead job matches'])
  const purged = await project.run('dead', 'purge', '--all', '--json')
  assert.equal((jsonOf(purged) as { readonly count: number }).count, 1)
  assert.equal((await project.run('dead', 'ls')).out, 'no dead job')
})

test('wrong use says what to write', async (context) => {
  const project = await userProject(context, { 'morrow.config.mjs': CONFIG })
  for (const [words, text] of [
    [['ls', '--reason', 'atempts'], /did you mean 'attempts'/],
    [['ls', '--older-than', '2 dyas'], /did you mean 'days'/],
    [['ls', '--jobs', '--count', 'x'], /--count/],
    [['show', 'nonsense'], /job id, or a fingerprint/],
    [['revive'], /--all/],
    [['revive', 'x', '--all'], /got both/],
    [['purge', 'x', '--dry-run'], /--dry-run/],
    [['revive', '--queue', 'mail', '--payload', '{}'], /--type NAME/],
    [['revive', '--all', '--payload', '{to}'], /expected JSON/],
  ] as const) {
    const ran = await project.run('dead', ...words)
    assert.deepEqual([ran.code, ran.out], [2, ''], `${words.join(' ')}: ${ran.said}`)
    assert.match(ran.said, text)
  }
  assert.equal((await project.run('dead', 'show', '0123456789')).code, 3)
})
