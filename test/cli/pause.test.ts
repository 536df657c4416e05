import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jsonOf, userProject } from './support.ts'

test('a paused queue is shown as such with who, why and until when, and goes on when it is resumed', async (context) => {
  const project = await userProject(context)
  await project.run('job', 'enqueue', 'mail', '--queue', 'mail')
  const paused = await project.run('pause', 'mail', '--reason', 'provider is down', '--until', '30m', '--by', 'ada')
  assert.match(paused.out, /^queue mail is paused until \S+ .*\(in 30 min\) by ada: provider is down$/)
  const shown = /^mail: paused (now|\S+ \S+ ago) by ada, ends in \d+ min( \d+ s)?: provider is down$/m
  assert.match((await project.run('queue', 'ls')).out, shown)
  assert.match((await project.run('status')).out, shown)
  assert.match(
    (await project.run('queue', 'show', 'mail')).out,
    /^mail: paused [\s\S]*\nPRIORITY +READY\n5 \(normal\) +1$/m,
  )
  const value = jsonOf(await project.run('queue', 'show', 'mail', '--json')) as { pauses: { reason: string }[] }
  assert.deepEqual(
    value.pauses.map(({ reason }) => reason),
    ['provider is down'],
  )
  const resumed = await project.run('resume', 'mail')
  assert.match(resumed.out, /^queue mail is resumed; paused since \S+ .*by ada: provider is down$/)
  const again = await project.run('resume', 'mail')
  assert.deepEqual([again.code, again.said], [4, 'mail is not paused by itself'])
})

test('everything is paused and resumed with one command, and a queue that is paused by itself stays so', async (context) => {
  const project = await userProject(context)
  await project.run('job', 'enqueue', 'mail', '--queue', 'mail')
  await project.run('job', 'enqueue', 'other', '--queue', 'slow')
  await project.run('queue', 'pause', 'slow', '--reason', 'disk is full', '--by', 'bob')
  const all = await project.run('pause', '--all', '--schedules', '--reason', 'wrong invoices', '--by', 'ada')
  assert.equal(all.out, 'everything is paused until it is resumed by ada: wrong invoices')
  assert.match((await project.run('queue', 'ls')).out, /^mail: paused with everything now by ada: wrong invoices$/m)
  const one = await project.run('resume', 'mail')
  assert.deepEqual(
    [one.code, one.said.split('\n')[0]],
    [4, 'everything is paused, these queues with it: morrow resume --all'],
  )
  const resumed = await project.run('resume', '--all', '--json')
  assert.equal(resumed.said, 'slow stays paused by itself: morrow resume slow')
  const { lasting } = jsonOf(resumed) as { lasting: { queue: string }[] }
  assert.deepEqual(
    lasting.map(({ queue }) => queue),
    ['slow'],
  )
  assert.doesNotMatch((await project.run('queue', 'ls')).out, /paused with everything/)
})

test('what cannot be meant is an error of use, and an unknown queue one of its own', async (context) => {
  const project = await userProject(context)
  await project.run('job', 'enqueue', 'mail', '--queue', 'mail')
  const because = ['--reason', 'x']
  const wrong: readonly (readonly [words: readonly string[], said: RegExp])[] = [
    [['pause', ...because], /expected the names of queues, or --all, got neither/],
    [['pause', 'mail', '--all', ...because], /expected queues or --all, got both: mail and --all/],
    [['pause', 'mail', '--schedules', ...because], /--schedules is for --all only/],
    [['pause', 'mail'], /required option '--reason <text>'/],
    [['pause', 'mail', '--reason', ''], /--reason: expected one line/],
    [['pause', 'mail', '--until', '5', ...because], /until/],
    [['pause', 'mail', '--until', '2020-01-01T00:00:00Z', ...because], /until: expected an instant after now/],
  ]
  for (const [words, said] of wrong) {
    const ran = await project.run(...words)
    assert.equal(ran.code, 2, words.join(' '))
    assert.match(ran.said, said)
  }
  const strange = await project.run('pause', 'mial', ...because)
  assert.deepEqual([strange.code, strange.said], [3, 'there is no queue "mial"; did you mean mail?'])
})

test('a job is put with a priority, a number or a level, and shown by it', async (context) => {
  const project = await userProject(context)
  for (const level of ['0', 'low', '5']) {
    assert.equal((await project.run('job', 'enqueue', 'mail', '--queue', 'mail', '--priority', level)).code, 0)
  }
  assert.match(
    (await project.run('queue', 'show', 'mail')).out,
    /PRIORITY +READY\n0 +1\n5 \(normal\) +1\n7 \(low\) +1$/,
  )
  const wrong = await project.run('job', 'enqueue', 'mail', '--queue', 'mail', '--priority', 'hihg')
  assert.equal(wrong.code, 2)
  assert.match(wrong.said, /--priority: must be a whole number .* got "hihg"; did you mean 'high'\?/)
})
