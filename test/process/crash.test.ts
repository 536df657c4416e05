import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { labels, openCrew, until } from './crew.ts'
import { note } from './programs/jobs.ts'

const QUICK = { MORROW_LEASE: '2s' }

describe('processes that go without a word or fall silent', { concurrency: true }, () => {
  test('a job of a worker that was killed runs again within 20 s, as its second attempt', async (context) => {
    const crew = await openCrew(context)
    await crew.start('scheduler')
    const first = await crew.start('worker')
    const { id } = await crew.client.enqueue(note, { label: 'one', rests: 600 })
    await until('the job to start', () => crew.lines().length === 1)
    first.signal('SIGKILL')
    const killedAt = performance.now()
    await crew.start('worker')
    await until('the job to end', async () => (await crew.client.get(id))?.place === 'ended')
    assert.ok(performance.now() - killedAt < 20_000, `${performance.now() - killedAt} ms`)
    const starts = crew.lines().filter(({ step }) => step === 'start')
    assert.deepEqual(
      starts.map(({ attempt, fence }) => [attempt, fence]),
      [
        [1, 1],
        [2, 2],
      ],
    )
    const view = await crew.client.get(id)
    assert.deepEqual([view?.end, view?.attempt, view?.claims], ['completed', 2, 2])
  })

  test('a running job that is cancelled ends so when its worker was killed before it heard', async (context) => {
    const crew = await openCrew(context)
    await crew.start('scheduler')
    const first = await crew.start('worker', QUICK)
    const { id } = await crew.client.enqueue(note, { label: 'one', waits: true })
    await until('the job to start', () => crew.lines().length === 1)
    first.signal('SIGSTOP')
    assert.equal(await crew.client.cancel(id), 'cancelling')
    first.signal('SIGKILL')
    await crew.start('worker', QUICK)
    await until('the job to end', async () => (await crew.client.get(id))?.place === 'ended')
    const view = await crew.client.get(id)
    assert.deepEqual([view?.end, view?.claims, crew.lines().length], ['cancelled', 1, 1])
    assert.equal((await crew.store.inspector.counts('notes')).active, 0)
  })

  test('a worker that was frozen over its lease cannot settle the run of the next claimer', async (context) => {
    const crew = await openCrew(context)
    await crew.start('scheduler', QUICK)
    const first = await crew.start('worker', QUICK)
    const { id } = await crew.client.enqueue(note, { label: 'one', waits: true })
    await until('the job to start', () => crew.lines().length === 1)
    first.signal('SIGSTOP')
    const second = await crew.start('worker', QUICK)
    await until('the second claim', () => crew.lines().length === 2)
    first.signal('SIGCONT')
    await first.line(/"lease\.lost"/)
    await until('the first to notice', () => crew.lines().length === 3)
    crew.go()
    await until('the job to end', async () => (await crew.client.get(id))?.place === 'ended')
    await until('both handlers to end', () => crew.lines().length === 4)
    const view = await crew.client.get(id)
    assert.deepEqual([view?.end, view?.attempt, view?.claims], ['completed', 2, 2])
    const ends = crew.lines().filter(({ step }) => step !== 'start')
    assert.deepEqual(ends.map(({ step, pid }) => `${step} ${pid === first.pid ? 'first' : 'second'}`).sort(), [
      'aborted first',
      'end second',
    ])
    assert.equal((await crew.store.inspector.counts('notes')).totals.completed, 1)
    assert.equal(second.output().includes('lease.lost'), false)
  })

  test('a worker that was frozen over its own hand-back neither hands back nor settles the run of the next claimer', async (context) => {
    const crew = await openCrew(context)
    await crew.start('scheduler', QUICK)
    const first = await crew.start('worker', { ...QUICK, SHUTDOWN_TIMEOUT: '1s' })
    const { id } = await crew.client.enqueue(note, { label: 'one', rests: 1_500, waits: true })
    await until('the job to start', () => crew.lines().length === 1)
    first.signal('SIGTERM')
    await first.line(/"process\.stopping"/)
    first.signal('SIGSTOP')
    await crew.start('worker', QUICK)
    await until('the second claim', () => crew.lines().length === 2)
    first.signal('SIGCONT')
    assert.deepEqual(await first.exit, { code: 143, signal: null })
    const { place, attempt, claims } = (await crew.client.get(id)) ?? {}
    assert.deepEqual([place, attempt, claims], ['active', 2, 2])
    crew.go()
    await until('the job to end', async () => (await crew.client.get(id))?.place === 'ended')
    assert.deepEqual([(await crew.client.get(id))?.claims, (await crew.client.get(id))?.end], [2, 'completed'])
    assert.deepEqual((await crew.store.inspector.counts('notes')).totals.completed, 1)
  })

  test('a scheduler killed while it moves 10,000 due jobs leaves none behind and doubles none', async (context) => {
    const crew = await openCrew(context)
    const names = labels(10_000)
    const items = names.map((label) => ({ payload: { label }, in: '1 s' as const }))
    for await (const _ of crew.client.scheduleMany(note, items));
    const first = await crew.start('scheduler')
    await until('some to be moved', async () => (await crew.store.inspector.counts('notes')).ready > 0)
    first.signal('SIGKILL')
    await crew.start('scheduler')
    await until('all to be moved', async () => (await crew.store.inspector.counts('notes')).scheduled === 0)
    const { ready } = await crew.store.inspector.counts('notes')
    assert.equal(ready, 10_000)
    const worker = await crew.start('worker', { CONCURRENCY: '200', UNTIL_EMPTY: '1', LOG_LEVEL: 'warn' })
    assert.deepEqual(await worker.exit, { code: 0, signal: null })
    assert.deepEqual(crew.notOnce(names), {})
  })

  test('a handler that blocks for 10 s under a lease of 3 s is started once', async (context) => {
    const crew = await openCrew(context)
    const env = { MORROW_LEASE: '3s' }
    await Promise.all([crew.start('scheduler', env), crew.start('worker', env)])
    const { id } = await crew.client.enqueue(note, { label: 'one', blocks: 10_000 })
    await until('the job to start', () => crew.lines().length === 1)
    await crew.start('worker', env)
    await until('the job to end', async () => (await crew.client.get(id))?.place === 'ended')
    assert.deepEqual(crew.notOnce(['one']), {})
    assert.deepEqual([(await crew.client.get(id))?.claims, (await crew.client.get(id))?.end], [1, 'completed'])
  })

  test('a worker whose main loop is silent beyond maxBlock ends itself, and its job runs elsewhere', async (context) => {
    const crew = await openCrew(context)
    const env = { ...QUICK, MORROW_MAX_BLOCK: '2s' }
    const first = await crew.start('worker', env)
    const { id } = await crew.client.enqueue(note, { label: 'one', blocks: 9_000 })
    await first.line(/main loop was silent for 2000 ms/)
    assert.deepEqual(await first.exit, { code: null, signal: 'SIGKILL' })
    await crew.start('scheduler', QUICK)
    await crew.start('worker', QUICK)
    await until('the job to run again', () => crew.lines().some(({ attempt }) => attempt === 2))
    assert.equal((await crew.client.get(id))?.place, 'active')
  })
})
