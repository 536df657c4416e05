import assert from 'node:assert/strict'
import { test } from 'node:test'
import { IMPORTS, jsonOf, type UserProject, userProject, withTsx } from './support.ts'

const CONFIG = `${IMPORTS}
const schema = { '~standard': { version: 1, vendor: 'test', validate: (value) =>
  typeof value === 'object' && value !== null && typeof value.to === 'string' ? { value } : { issues: [{ message: 'expected a text', path: ['to'] }] } } }
const sendMail = defineJob({ name: 'send-mail', queue: 'mail', payload: schema, retry: { attempts: 1 } })
const cleanUp = defineJob({ name: 'clean-up' })
export default defineConfig({
  jobs: [sendMail, cleanUp],
  handlers: () => [sendMail.handle(() => { throw new Error('no such mailbox') }), cleanUp.handle(() => {})],
})
`

type Receipt = { readonly id: string; readonly queue: string; readonly dueAt: string; readonly outcome: string }

async function enqueued(project: UserProject, ...words: readonly string[]): Promise<Receipt> {
  const ran = await project.run('job', 'enqueue', ...words, '--json')
  assert.equal(ran.code, 0, ran.said)
  return jsonOf(ran) as Receipt
}

const withConfig = (context: Parameters<typeof userProject>[0]): Promise<UserProject> =>
  userProject(context, { 'morrow.config.mjs': CONFIG })

test('a job is enqueued with its receipt as JSON, and shown as the client sees it', async (context) => {
  const project = await withConfig(context)
  const receipt = await enqueued(project, 'send-mail', '--payload', '{"to":"ada"}')
  assert.deepEqual(Object.keys(receipt), ['id', 'queue', 'dueAt', 'outcome'])
  assert.equal(receipt.queue, 'mail')
  const shown = jsonOf(await project.run('job', 'show', receipt.id, '--json'))
  assert.deepEqual(shown, {
    id: receipt.id,
    name: 'send-mail',
    queue: 'mail',
    place: 'ready',
    dueAt: receipt.dueAt,
    attempt: 1,
    priority: 5,
    claims: 0,
    payload: { to: 'ada' },
  })
  assert.match((await project.run('job', 'show', receipt.id)).out, /^place {4}ready$/m)
})

test('--in, --at, --time and --tz say when, and a note speaks of changed clocks', async (context) => {
  const project = await withConfig(context)
  const before = Date.now()
  const later = await enqueued(project, 'clean-up', '--in', '3d')
  assert.ok(Math.abs(Date.parse(later.dueAt) - before - 3 * 86_400_000) < 60_000)
  const nine = await enqueued(project, 'clean-up', '--in', '3d', '--time', '09:00', '--tz', 'Asia/Kolkata')
  assert.match(nine.dueAt, /T03:30:00\.000Z$/)
  const gap = await project.run('job', 'enqueue', 'clean-up', '--at', '2027-03-28 02:30', '--tz', 'Europe/Berlin')
  assert.match(gap.out, /due 2027-03-28T03:00:00\+02:00 Europe\/Berlin\n02:30 does not exist/)
})

test('--timeout, --expires-in and --deadline limit a job in time, and show says until when it may begin', async (context) => {
  const project = await withConfig(context)
  const brief = await enqueued(project, 'clean-up', '--timeout', '30s', '--expires-in', '1h')
  const shown = jsonOf(await project.run('job', 'show', brief.id, '--json')) as { readonly expiresAt?: string }
  assert.equal(Date.parse(shown.expiresAt ?? '') - Date.parse(brief.dueAt), 3_600_000)
  const { id } = await enqueued(project, 'clean-up', '--deadline', '2030-12-01T09:00:00+01:00')
  assert.match((await project.run('job', 'show', id)).out, /^expires {2}2030-12-01T08:00:00.000Z$/m)
})

test('bad input is an error of use that says what to write', async (context) => {
  const project = await withConfig(context)
  for (const [words, text] of [
    [['send-mail', '--payload', '{to}'], /--payload: expected JSON/],
    [['send-mail', '--payload', '{}'], /expected a text/],
    [['send-mail'], /payload/],
    [['clean-up', '--in', '3 dyas'], /did you mean 'days'/],
    [['clean-up', '--in', '1h', '--at', '2026-12-01T09:00:00Z'], /--in or --at, got both/],
    [['clean-up', '--at', '2026-12-01T09:00'], /has no zone/],
    [['clean-up', '--tz', 'UTC'], /--in or --at/],
    [['clean-up', '--timeout', '0s'], /timeout: expected a duration above 0/],
    [
      ['clean-up', '--deadline', '2026-12-01T09:00', '--expires-in', '1h'],
      /expected one of them, got both[\s\S]*add an offset/,
    ],
    [['clean-upp'], /did you mean clean-up\? Else say it with --queue/],
    [['clean-up', '--id', 'no blanks please'], /id/],
    [['clean-up', '--queue', 'a}b'], /--queue: a queue name must be/],
    [['no blanks', '--queue', 'mail'], /a job name must be/],
  ] as const) {
    const ran = await project.run('job', 'enqueue', ...words)
    assert.deepEqual([ran.code, ran.out], [2, ''], `${words.join(' ')}: ${ran.said}`)
    assert.match(ran.said, text)
    assert.doesNotMatch(ran.said, /\n\s+at /)
  }
})

test('a job that is not known here needs its queue, and takes any payload', async (context) => {
  const project = await userProject(context)
  const ran = await project.run('job', 'enqueue', 'strange', '--payload', '1')
  assert.equal(ran.code, 2)
  assert.match(ran.said, /say it with --queue/)
  const receipt = await enqueued(project, 'strange', '--payload', '[1]', '--queue', 'odd', '--id', 'one')
  assert.equal(receipt.queue, 'odd')
  const byOwnId = ['job', 'cancel', 'one', '--type', 'strange']
  assert.equal((await project.run(...byOwnId)).code, 2)
  assert.equal((await project.run(...byOwnId, '--queue', 'odd')).code, 0)
  assert.equal((await project.run('job', 'show', receipt.id, '--queue', 'odd')).code, 2)
})

test('enqueue and reschedule echo the due instant in the zone that was asked for, with what changed clocks do to it', async (context) => {
  const project = await withConfig(context)
  const when = ['--at', '2028-03-26 02:30', '--tz', 'Europe/Berlin']
  const due = /due 2028-03-26T03:00:00\+02:00 Europe\/Berlin\n02:30 does not exist on 2028-03-26 in Europe\/Berlin/
  const made = await project.run('job', 'enqueue', 'clean-up', ...when)
  assert.match(made.out, due)
  const id = made.out.split(' ')[0] ?? ''
  assert.match((await project.run('job', 'reschedule', id, '--in', '2h')).out, /moved, due \d{4}-\S+Z$/)
  assert.match((await project.run('job', 'reschedule', id, ...when)).out, due)
})

test('cancel and reschedule answer with exit codes: done 0, unknown 3, ended 5', async (context) => {
  const project = await withConfig(context)
  const { id } = await enqueued(project, 'clean-up', '--in', '1h')
  const moved = await project.run('job', 'reschedule', id, '--in', '2h', '--json')
  const told = jsonOf(moved) as { readonly dueAt: string }
  assert.deepEqual([moved.code, told], [0, { id, outcome: 'moved', dueAt: told.dueAt }])
  assert.ok(Math.abs(Date.parse(told.dueAt) - Date.now() - 7_200_000) < 60_000)
  assert.equal((await project.run('job', 'cancel', id)).code, 0)
  const again = await project.run('job', 'cancel', id, '--json')
  assert.deepEqual([again.code, jsonOf(again)], [5, { id, outcome: 'ended' }])
  assert.equal((await project.run('job', 'reschedule', id, '--in', '1h')).code, 5)
  const strange = `${id.slice(0, -3)}zzz`
  for (const verb of ['show', 'cancel', 'retry']) assert.equal((await project.run('job', verb, strange)).code, 3, verb)
  assert.equal((await project.run('job', 'show', 'abc')).code, 2)
})

test('an id of your own names a job with its type, and the same id with another payload is a conflict', async (context) => {
  const project = await withConfig(context)
  await enqueued(project, 'send-mail', '--payload', '{"to":"ada"}', '--in', '1h', '--id', 'trial:42')
  const again = await enqueued(project, 'send-mail', '--payload', '{"to":"ada"}', '--id', 'trial:42')
  assert.equal(again.outcome, 'exists')
  const other = await project.run('job', 'enqueue', 'send-mail', '--payload', '{"to":"eve"}', '--id', 'trial:42')
  assert.equal(other.code, 5)
  const shown = await project.run('job', 'show', 'trial:42', '--type', 'send-mail', '--own-id', '--json')
  assert.equal((jsonOf(shown) as { readonly place: string }).place, 'scheduled')
  assert.equal((await project.run('job', 'show', 'trial:42', '--own-id')).code, 2)
  assert.equal((await project.run('job', 'cancel', 'trial:42', '--type', 'send-mail')).code, 0)
})

test('a dead job gets another life, a ready one does not', async (context) => {
  const project = await withConfig(context)
  const { id } = await enqueued(project, 'send-mail', '--payload', '{"to":"ada"}')
  const early = await project.run('job', 'retry', id)
  assert.deepEqual([early.code, /it is ready/.test(early.said)], [5, true])
  withTsx(project.folder)
  const worked = await project.run('worker', '--until-empty')
  assert.equal(worked.code, 0, worked.said)
  const dead = jsonOf(await project.run('job', 'show', id, '--json')) as { place: string; error: { message: string } }
  assert.deepEqual([dead.place, dead.error.message], ['dead', 'no such mailbox'])
  const retried = await project.run('job', 'retry', id, '--json')
  assert.deepEqual([retried.code, jsonOf(retried)], [0, { id, outcome: 'revived' }])
  assert.match((await project.run('job', 'show', id)).out, /^place {4}ready$/m)
})
