import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { defineJob } from '../../src/job/definition.ts'
import type { BulkProgress, JobListing, JobPage, JobSelection } from '../../src/job/selection-client.ts'
import { HOUR, MINUTE } from '../../src/time/duration.ts'
import { openWorld, type World } from '../flow/world.ts'

const mail = defineJob({
  name: 'mail',
  queue: 'mail',
  payload: z.object({ to: z.string(), lang: z.string().optional() }),
})
const tidy = defineJob({ name: 'tidy', queue: 'tidy' })
const START = Date.parse('2026-01-01T00:00:00Z')
const hasCode = (code: string, text = /./) => ({ code, message: text })

/** So many mails due in a day, one for each user; their ids. */
async function mails({ client }: World, count: number, from = 0): Promise<readonly string[]> {
  const requests = Array.from({ length: count }, (_, n) => mail.request({ to: `user${from + n}` }, { in: '1 day' }))
  return (await client.enqueueMany(requests)).map(({ id }) => id)
}

async function listed(selection: JobListing, limit: number, between?: () => Promise<unknown>): Promise<string[]> {
  const ids: string[] = []
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page: JobPage = await selection.list({ limit, ...(cursor === undefined ? {} : { cursor }) })
    assert.ok(page.jobs.length <= limit)
    ids.push(...page.jobs.map(({ id }) => id))
    cursor = page.next
    await between?.()
  }
  return ids
}

test('what was queued by mistake between two instants is undone in one call', async () => {
  const world = await openWorld()
  const { client } = world
  const before = await mails(world, 100)
  await world.pass(HOUR)
  const wrong = await mails(world, 700)
  await world.pass(5 * MINUTE)
  const later = await mails(world, 100)
  const created = { from: new Date(START + HOUR), to: new Date(START + HOUR + 5 * MINUTE) }
  const selection = client.jobs.select({ job: mail, place: 'scheduled', created })
  assert.equal(await selection.count(), 700)
  const dry = await selection.cancel({ dryRun: true })
  assert.deepEqual([dry.matched, dry.changed, dry.next, dry.samples.length], [700, 0, null, 3])
  assert.equal(dry.samples[0]?.createdAt.getTime(), START + HOUR)
  const done = await selection.cancel()
  assert.deepEqual([done.matched, done.changed, done.next], [700, 700, null])
  assert.deepEqual(await selection.cancel(), { matched: 0, changed: 0, next: null, samples: [] })
  for (const id of [before[0], later[99]]) assert.equal((await client.get(id ?? ''))?.place, 'scheduled')
  assert.equal((await client.get(wrong[350] ?? ''))?.end, 'cancelled')
})

test('jobs are selected by type, queue, place, instants and payload, in all queues unless said', async () => {
  const world = await openWorld()
  const { client } = world
  await mails(world, 3)
  await client.enqueue(mail, { to: 'ann' })
  await client.enqueueMany([tidy.request(), tidy.request({ in: '2 days' })])
  const { jobs } = client
  assert.equal(await jobs.select().count(), 6)
  assert.equal(await jobs.select({ job: 'tidy' }).count(), 2)
  assert.equal(await jobs.select({ job: tidy, place: ['ready', 'held'] }).count(), 1)
  assert.equal(await jobs.select({ queue: 'mail' }).count(), 4)
  assert.equal(await jobs.select({ queue: ['mail', 'none'] }).count(), 4)
  assert.equal(await jobs.select({ due: { to: new Date(START + 1) } }).count(), 2)
  assert.equal(await jobs.select({ due: { from: '2026-01-02T00:00:00Z' } }).count(), 4)
  assert.equal(await jobs.select({ job: mail, where: ({ to }) => to.endsWith('1') }).count(), 1)
  assert.equal(await jobs.select({ place: ['dead', 'ended', 'active'] }).count(), 0)
})

test('all that waits for a user is cancelled by a predicate', async () => {
  const world = await openWorld()
  const { client } = world
  await mails(world, 300)
  await client.enqueue(mail, { to: 'user7' })
  const done = await client.jobs.select({ job: mail, where: ({ to }) => to === 'user7' }).cancel()
  assert.deepEqual([done.matched, done.changed], [2, 2])
  assert.equal(await client.jobs.select({ job: mail }).count(), 299)
})

test('pages of a list go on by cursor, also in another process, and show each job once', async () => {
  const world = await openWorld()
  const { client } = world
  const ids = await mails(world, 230)
  for (const limit of [1, 7, 100]) {
    const selection = client.jobs.select({ job: mail })
    assert.deepEqual((await listed(selection, limit)).sort(), [...ids].sort())
    assert.deepEqual((await listed(selection, limit)).sort(), [...ids].sort(), 'a list begins anew')
  }
  const first = await client.jobs.select().list({ limit: 100 })
  const other = client.jobs.select()
  const rest: string[] = []
  for (let cursor = first.next; cursor !== null; ) {
    const page = await other.list({ cursor })
    assert.deepEqual(await other.list({ cursor }), page, 'a page that is asked for again is the same')
    rest.push(...page.jobs.map(({ id }) => id))
    cursor = page.next
  }
  assert.deepEqual([...first.jobs.map(({ id }) => id), ...rest].sort(), [...ids].sort())
})

test('what waits all the time is listed exactly once while Redis grows, and others are promoted and run', async () => {
  const world = await openWorld()
  const { client } = world
  const scheduler = world.scheduler()
  const worker = world.worker([mail.handle(() => undefined)])
  const ids = await mails(world, 3_000)
  const busy = async (): Promise<void> => {
    await client.enqueueMany(Array.from({ length: 3_000 }, () => tidy.request()))
    await client.schedule(mail, { to: 'soon' }, { in: '1 ms' })
    await world.pass(1)
    await scheduler.tick()
    await worker.work()
  }
  const waits = { job: mail, where: ({ to }: { readonly to: string }) => to !== 'soon' }
  for (const criteria of [waits, { ...waits, place: 'scheduled' as const }]) {
    const found = await listed(client.jobs.select(criteria), 700, busy)
    assert.ok(found.length === ids.length, `${found.length} of ${ids.length}`)
    assert.deepEqual(new Set(found), new Set(ids))
  }
})

test('reschedule moves all to a time, or each by a length from its own', async () => {
  const world = await openWorld()
  const { client } = world
  const ids = await mails(world, 130)
  const selection = client.jobs.select({ job: mail })
  assert.equal((await selection.reschedule({ by: '+2h' })).changed, 130)
  assert.equal((await client.get(ids[0] ?? ''))?.dueAt.getTime(), START + 26 * HOUR)
  assert.equal((await selection.reschedule({ by: '-26h' })).changed, 130)
  assert.equal((await client.get(ids[129] ?? ''))?.dueAt.getTime(), START)
  assert.equal((await selection.reschedule({ at: '2026-02-01T00:00:00Z' })).changed, 130)
  assert.equal((await client.get(ids[5] ?? ''))?.dueAt.toISOString(), '2026-02-01T00:00:00.000Z')
})

test('run makes what is scheduled ready, all or one, and a worker takes it', async () => {
  const world = await openWorld()
  const { client } = world
  const [first = '', second = ''] = await mails(world, 80)
  assert.equal(await client.run(first), 'ready')
  assert.equal(await client.run(first), 'ready')
  const done = await client.jobs.select({ job: mail }).run()
  assert.deepEqual([done.matched, done.changed], [80, 79])
  assert.equal((await client.get(second))?.dueAt.getTime(), START)
  const ran: unknown[] = []
  await world.worker([mail.handle(({ to }) => void ran.push(to))]).work()
  assert.equal(ran.length, 80)
  assert.equal(await client.run(first), 'ended')
  assert.equal(await client.run(mail, 'no:such'), 'unknown')
})

test('update replaces the payload of one job that waits, checked by its schema', async () => {
  const world = await openWorld()
  const { client } = world
  const { id } = await client.schedule(mail, { to: 'ann' }, { in: '1 day', id: 'welcome:1' })
  assert.equal(await client.update(id, { job: mail, payload: { to: 'bob' } }), 'updated')
  assert.equal(await client.update(mail, 'welcome:1', { payload: (before) => ({ ...before, lang: 'fr' }) }), 'updated')
  assert.deepEqual((await client.get(id))?.payload, { to: 'bob', lang: 'fr' })
  const large = 'x'.repeat(3_000)
  for (const to of [large, `${large}y`, 'short', large]) {
    assert.equal(await client.update(id, { job: mail, payload: { to } }), 'updated')
    assert.deepEqual((await client.get(id))?.payload, { to })
  }
  await assert.rejects(
    client.update(id, { job: mail, payload: { to: 7 } as never }),
    hasCode('MORROW_INVALID_PAYLOAD', /payload\.to/),
  )
  await assert.rejects(
    client.update(id, { job: tidy, payload: undefined }),
    hasCode('MORROW_INVALID_JOB', /tidy.*got mail/),
  )
  await assert.rejects(client.update(id, {} as never), hasCode('MORROW_INVALID_JOB', /must say what is replaced/))
  const again = await client.schedule(mail, { to: 'ann' }, { in: '1 day', id: 'welcome:1' })
  assert.equal(again.outcome, 'exists', 'a repeated request is that of the job, though it says something else by now')
  assert.equal(await client.cancel(id), 'cancelled')
  assert.equal(await client.update(id, { job: mail, payload: { to: 'eve' } }), 'ended')
  assert.equal(await client.update(mail, 'none', { payload: { to: 'eve' } }), 'unknown')
})

test('update replaces limits of time, one way to say an end by the other, and keeps place and priority', async () => {
  const world = await openWorld()
  const { client } = world
  const { id } = await client.schedule(mail, { to: 'ann' }, { in: '1 day', priority: 0, expiresIn: '2h' })
  assert.equal(await client.update(id, { deadline: new Date(START + 30 * HOUR), timeout: '1m' }), 'updated')
  assert.equal((await world.view(id)).expiresAt?.getTime(), START + 30 * HOUR)
  assert.equal(await client.update(id, { expiresIn: '1h' }), 'updated')
  const view = await world.view(id)
  assert.deepEqual([view.place, view.priority, view.expiresAt?.getTime()], ['scheduled', 0, START + 25 * HOUR])
  assert.equal((await client.jobs.select({ queue: 'mail' }).update({ timeout: '2m' })).changed, 1)
  assert.equal(await client.run(id), 'ready')
})

test('update replaces many payloads; one that does not pass leaves its whole portion as it was', async () => {
  const world = await openWorld()
  const { client } = world
  await mails(world, 150)
  const selection = client.jobs.select({ job: mail })
  const done = await selection.update({ payload: (before) => ({ ...before, lang: 'de' }) })
  assert.deepEqual([done.matched, done.changed], [150, 150])
  assert.equal(await client.jobs.select({ job: mail, where: ({ lang }) => lang === 'de' }).count(), 150)
  const wrong = { payload: ({ to }: { to: string }) => ({ to: to === 'user3' ? (3 as never) : 'x' }) }
  await assert.rejects(selection.update(wrong), hasCode('MORROW_INVALID_PAYLOAD', /job \w{20,}: /))
  await assert.rejects(selection.update(wrong, { dryRun: true }), hasCode('MORROW_INVALID_PAYLOAD'))
  assert.equal(await client.jobs.select({ job: mail, where: ({ to }) => to === 'x' }).count(), 0)
})

test('a rate is kept, progress is told, and what was stopped goes on from where it was', async () => {
  const world = await openWorld()
  const { client, clock } = world
  await mails(world, 70)
  const selection = client.jobs.select({ job: mail })
  const stop = new AbortController()
  const told: BulkProgress[] = []
  let begun = (): void => undefined
  const first = new Promise<void>((resolve) => {
    begun = resolve
  })
  const onProgress = (progress: BulkProgress): void => {
    told.push(progress)
    if (progress.matched >= 28) stop.abort()
    begun()
  }
  const stopping = selection.cancel({ rate: 14, signal: stop.signal, onProgress })
  await first
  while (!clock.rests().some((rest) => rest === 1_000)) await world.store.inspector.time()
  await world.pass(1_000)
  const stopped = await stopping
  assert.deepEqual(
    told.map(({ changed }) => changed),
    [14, 28],
  )
  assert.deepEqual([stopped.changed, typeof stopped.next], [28, 'string'])
  const rest = await selection.cancel({ cursor: stopped.next ?? '' })
  assert.deepEqual([rest.changed, rest.next], [42, null])
})

test('a connection that is lost in the midst leaves nothing half done: the same call does the rest', async () => {
  const world = await openWorld()
  const { client, store } = world
  await mails(world, 1_000)
  const selection = client.jobs.select({ job: mail })
  const lose = (): void => store.connection.reset()
  const first = await selection.cancel({ onProgress: lose }).then(
    ({ changed }) => changed,
    (error: unknown) => {
      assert.equal((error as { readonly code?: string }).code, 'MORROW_REDIS_UNAVAILABLE')
      return undefined
    },
  )
  const patient = async (): Promise<number> => {
    for (;;) {
      const counting = selection.count().catch((error: unknown) => {
        assert.equal((error as { readonly code?: string }).code, 'MORROW_REDIS_UNAVAILABLE')
      })
      const found = await counting
      if (found !== undefined) return found
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  const left = await patient()
  assert.ok(left < 1_000)
  if (first !== undefined) assert.equal(left, 1_000 - first)
  assert.equal((await selection.cancel()).changed, left)
  const { scheduled, ended, totals } = await store.inspector.counts('mail')
  assert.deepEqual([scheduled, ended, totals.cancelled], [0, 1_000, 1_000])
})

test('what begins while it is selected is left alone', async () => {
  const world = await openWorld()
  const { client } = world
  await client.enqueueMany(Array.from({ length: 10 }, (_, n) => mail.request({ to: `user${n}` })))
  const answers: unknown[] = []
  const worker = world.worker(
    [
      mail.handle(async () => {
        answers.push((await client.jobs.select({ job: mail, place: ['ready'] }).cancel()).changed)
      }),
    ],
    { concurrency: 4 },
  )
  await worker.work()
  assert.deepEqual(answers, [6, 0, 0, 0])
})

test('what a predicate throws ends the call as it is, and nothing was done', async () => {
  const world = await openWorld()
  await mails(world, 3)
  const odd = new TypeError('no such property')
  const where = (): boolean => {
    throw odd
  }
  const selection = world.client.jobs.select({ job: mail, where })
  for (const call of [() => selection.count(), () => selection.list(), () => selection.cancel()]) {
    await assert.rejects(call(), (error) => error === odd)
  }
  const typed = world.client.jobs.select({ job: mail })
  await assert.rejects(typed.update({ payload: where as never }), (error) => error === odd)
  const id = (await typed.list({ limit: 1 })).jobs[0]?.id ?? ''
  await assert.rejects(world.client.update(id, { job: mail, payload: where as never }), (error) => error === odd)
  assert.equal(await typed.count(), 3)
})

test('bad input is refused with all its faults', async () => {
  const { client } = await openWorld()
  const { jobs } = client
  const select = (given: unknown) => () => jobs.select(given as never)
  for (const [given, text] of [
    [{ jobb: mail }, /did you mean 'job'/],
    [{ job: 7 }, /must be what defineJob answers/],
    [{ job: 'no blanks' }, /job: a job name must be/],
    [{ queue: [] }, /empty list/],
    [{ queue: 'a}b' }, /queue: a queue name/],
    [{ place: 'redy' }, /place: must be one or more of scheduled/],
    [{ place: ['ready', 'redy'] }, /place/],
    [{ due: { from: 'ten' } }, /due\.from: expected a Date/],
    [{ due: { from: '2026-01-01T10:00' } }, /due\.from.*add an offset/],
    [{ created: { from: new Date(2), to: new Date(1) } }, /from must be before to/],
    [{ created: {} }, /must have from, to or both/],
    [{ where: true }, /where: must be a function/],
    [{ where: true, place: 7 }, /2 faults/],
    ['mail', /must be an object/],
  ] as const) {
    assert.throws(select(given), hasCode('MORROW_INVALID_JOB', text))
  }
  const dead = jobs.select({ place: ['dead', 'ready'] }) as unknown as JobSelection
  await assert.rejects(dead.cancel(), hasCode('MORROW_INVALID_JOB', /cancel is for jobs that are scheduled.*dead/))
  const all = jobs.select()
  await assert.rejects(all.update({ payload: 1 }), hasCode('MORROW_INVALID_JOB', /must be a job type/))
  await assert.rejects(all.cancel({ rate: 0 }), hasCode('MORROW_INVALID_JOB', /rate/))
  await assert.rejects(all.cancel({ cursor: 'x' }), hasCode('MORROW_INVALID_JOB', /cursor/))
  await assert.rejects(all.list({ limit: 0 }), hasCode('MORROW_INVALID_JOB', /limit/))
  await assert.rejects(all.reschedule({ by: '2 hurs' }), hasCode('MORROW_INVALID_TIME', /did you mean/))
  await assert.rejects(all.reschedule({ by: '2h' }, { cursor: 'x' }), hasCode('MORROW_INVALID_JOB', /beside by/))
  await assert.rejects(all.reschedule({ by: '2h', in: '3h' } as never), hasCode('MORROW_INVALID_TIME', /by alone/))
  await assert.rejects(all.reschedule({} as never), hasCode('MORROW_INVALID_TIME'))
})
