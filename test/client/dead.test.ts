import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import type { DeadMatch } from '../../src/job/dead-client.ts'
import { defineJob } from '../../src/job/definition.ts'
import { duration } from '../../src/time/clock.ts'
import { DAY } from '../../src/time/duration.ts'
import { openWorld, type World } from '../flow/world.ts'

const mail = defineJob({
  name: 'mail',
  queue: 'mail',
  payload: z.object({ to: z.string() }),
  retry: { attempts: 1 },
})
const bill = defineJob({ name: 'bill', queue: 'bills', payload: z.object({ of: z.number() }), retry: { attempts: 1 } })

/** Three dead mails of one cause, then, a day later, a dead bill and a dead mail of another. */
async function openGraves(): Promise<World & { readonly ids: readonly string[] }> {
  const world = await openWorld()
  const worker = world.worker([
    mail.handle(({ to }) => {
      if (to === 'nobody') throw new RangeError('no such mailbox')
      if (!to.startsWith('ok')) throw new Error(`at 10.0.0.${to.length} is no user "${to}"`)
    }),
    bill.handle(({ of }) => {
      throw new TypeError(`no customer ${of}`)
    }),
  ])
  const requests = ['ada', 'bob', 'x'.repeat(2_000)].map((to) => mail.request({ to }))
  const first = await world.client.enqueueMany(requests)
  await worker.work()
  await world.pass(DAY)
  const second = await world.client.enqueueMany([bill.request({ of: 7 }), mail.request({ to: 'nobody' })])
  await worker.work()
  return { ...world, ids: [...first, ...second].map(({ id }) => id) }
}

test('dead jobs are grouped by the fingerprint of their errors, the largest group first', async () => {
  const { client, ids } = await openGraves()
  const groups = await client.dead.groups()
  assert.deepEqual(
    groups.map(({ count, jobs, queues, reasons, error }) => [count, jobs, queues, reasons, error.name, error.message]),
    [
      [3, ['mail'], ['mail'], ['attempts'], 'Error', 'at # is no user "…"'],
      ...groups
        .slice(1)
        .map(({ jobs }) =>
          jobs[0] === 'bill'
            ? [1, ['bill'], ['bills'], ['attempts'], 'TypeError', 'no customer #']
            : [1, ['mail'], ['mail'], ['attempts'], 'RangeError', 'no such mailbox'],
        ),
    ],
  )
  assert.ok(ids.slice(0, 3).includes(groups[0]?.newest ?? ''))
  assert.equal(groups[0]?.newestAt.toISOString(), '2026-01-01T00:00:00.000Z')
})

test('each match says which jobs are meant', async () => {
  const { client } = await openGraves()
  const [group] = await client.dead.groups()
  const matches: readonly (readonly [DeadMatch, number])[] = [
    [{}, 5],
    [{ queue: 'mail' }, 4],
    [{ queue: 'nowhere' }, 0],
    [{ job: mail }, 4],
    [{ job: 'bill' }, 1],
    [{ fingerprint: group?.fingerprint ?? '' }, 3],
    [{ reason: 'attempts' }, 5],
    [{ reason: 'payload' }, 0],
    [{ olderThan: '1h' }, 3],
    [{ newerThan: '1h' }, 2],
    [{ newerThan: '1h', job: mail }, 1],
  ]
  for (const [match, count] of matches) {
    assert.equal((await client.dead.list(match)).length, count, JSON.stringify(match))
  }
  assert.equal((await client.dead.list({}, { count: 2 })).length, 2)
})

test('a dead job is shown with its attempts, its reason and its fingerprint', async () => {
  const { client, ids } = await openGraves()
  const view = await client.dead.get(ids[0] ?? '')
  assert.ok(view)
  const { place, reason, diedAt, payload, failed, interruptions, lost } = view
  assert.deepEqual([place, reason, payload, interruptions, lost], ['dead', 'attempts', { to: 'ada' }, 0, 0])
  assert.equal(diedAt.toISOString(), '2026-01-01T00:00:00.000Z')
  assert.deepEqual(
    failed.map(({ attempt, name, startedAt, endedAt }) => [attempt, name, startedAt, endedAt]),
    [[1, 'Error', diedAt, diedAt]],
  )
  await client.dead.revive(view.id)
  assert.equal(await client.dead.get(view.id), undefined)
})

test('a revived job is due now, has all its attempts, and may get another payload that passes', async () => {
  const world = await openGraves()
  const { client, ids } = world
  const [ada = '', , long = ''] = ids
  await assert.rejects(client.dead.revive(ada, { job: mail, payload: { to: 5 } as never }), {
    code: 'MORROW_INVALID_PAYLOAD',
  })
  await assert.rejects(client.dead.revive(ada, { job: bill, payload: { of: 5 } }), { code: 'MORROW_INVALID_JOB' })
  assert.equal(await client.dead.revive(ada, { job: mail, payload: { to: `ok${'y'.repeat(3_000)}` } }), 'revived')
  assert.equal(await client.dead.revive(ada), 'unknown')
  assert.equal(await client.dead.revive(long, { job: mail, payload: { to: 'ok' } }), 'revived')
  const views = [await world.view(ada), await world.view(long)]
  assert.deepEqual(
    views.map(({ place, attempt, claims, reason }) => [place, attempt, claims, reason]),
    [
      ['ready', 1, 1, undefined],
      ['ready', 1, 1, undefined],
    ],
  )
  assert.deepEqual(views[1]?.payload, { to: 'ok' })
  assert.equal(views[0]?.dueAt.getTime(), world.clock.now())
  const seen: unknown[] = []
  const handler = mail.handle(({ to }, { interruptions, snoozes, fence }) => {
    seen.push([to.length, interruptions, snoozes, fence])
  })
  await world.worker([handler]).work()
  assert.deepEqual(seen, [
    [3_002, 0, 0, 2],
    [2, 0, 0, 2],
  ])
})

test('all that match are revived, or would be; one payload that does not pass stops it before the first', async () => {
  const world = await openGraves()
  const { dead } = world.client
  const dry = await dead.reviveAll({ job: mail }, { dryRun: true })
  assert.deepEqual([dry.count, dry.samples.length, (await dead.list()).length], [4, 3, 5])
  const half = dead.reviveAll(
    { job: mail },
    { job: mail, payload: (was) => ({ to: (was as { to: string }).to === 'ada' ? (1 as never) : 'ok' }) },
  )
  await assert.rejects(half, { code: 'MORROW_INVALID_PAYLOAD' })
  await assert.rejects(dead.reviveAll({}, { job: mail, payload: () => ({ to: 'ok' }) }), { code: 'MORROW_INVALID_JOB' })
  assert.equal((await dead.list()).length, 5)
  const edit = (was: unknown) => ({ to: `ok ${(was as { to: string }).to}` })
  assert.equal((await dead.reviveAll({ job: mail }, { job: mail, payload: edit })).count, 4)
  assert.equal((await dead.reviveAll({ job: mail })).count, 0)
  const seen: string[] = []
  await world.worker([mail.handle(({ to }) => void seen.push(to.slice(0, 9)))]).work()
  assert.deepEqual(seen.sort(), ['ok ada', 'ok bob', 'ok nobody'.slice(0, 9), 'ok xxxxxx'])
})

test('what is purged is gone, one or all that match', async () => {
  const world = await openGraves()
  const { dead } = world.client
  const [ada = ''] = world.ids
  assert.equal(await dead.purge(ada), 'purged')
  assert.equal(await dead.purge(ada), 'unknown')
  assert.equal(await world.client.get(ada), undefined)
  assert.equal((await dead.purgeAll({ queue: 'mail' }, { dryRun: true })).count, 3)
  assert.equal((await dead.purgeAll({ queue: 'mail' })).count, 3)
  assert.deepEqual(
    (await dead.list()).map(({ name }) => name),
    ['bill'],
  )
  assert.equal((await world.store.inspector.counts('mail')).dead, 0)
})

test('jobs that died in nobody’s hands say what of', async () => {
  const world = await openWorld()
  const strange = defineJob({ name: 'strange', queue: 'mail' })
  await world.client.enqueue(strange)
  await world.worker([mail.handle(() => undefined)]).work()
  await world.pass(8 * DAY)
  await world.store.keeper('mail').giveUp(duration(DAY))
  const [group] = await world.client.dead.groups({ reason: 'unknown-job' })
  assert.deepEqual([group?.count, group?.error.name], [1, 'UnknownJobError'])
})

test('thousands that died at one instant are all seen, and all revived', async () => {
  const world = await openWorld()
  const many = Array.from({ length: 1_100 }, (_, n) => mail.request({ to: `user ${n}` }))
  await world.client.enqueueMany(many)
  await world
    .worker([
      mail.handle(() => {
        throw new Error('down')
      }),
    ])
    .work()
  const { dead } = world.client
  const [group] = await dead.groups()
  assert.equal(group?.count, 1_100)
  assert.equal((await dead.reviveAll({ fingerprint: group?.fingerprint ?? '' })).count, 1_100)
  assert.equal((await world.store.inspector.counts('mail')).ready, 1_100)
})

test('wrong input is refused with all faults at once', async () => {
  const { client } = await openWorld()
  const wrong: unknown = { quue: 'mail', reason: 'atempts', fingerprint: 'x', olderThan: 5, job: 'no blanks' }
  await assert.rejects(client.dead.groups(wrong as DeadMatch), (error: Error) => {
    for (const text of [
      /did you mean 'queue'\?/,
      /reason: must be one of attempts, .* got "atempts"; did you mean 'attempts'\?/,
      /fingerprint: must be 10 letters/,
      /olderThan/,
      /job/,
    ]) {
      assert.match(error.message, text)
    }
    return true
  })
  await assert.rejects(client.dead.list({}, { count: 0 }), { code: 'MORROW_INVALID_JOB' })
  await assert.rejects(client.dead.reviveAll(undefined as never), { code: 'MORROW_INVALID_JOB' })
  await assert.rejects(client.dead.purgeAll(undefined as never), { code: 'MORROW_INVALID_JOB' })
  await assert.rejects(client.dead.get('nothing'), { code: 'MORROW_INVALID_ID' })
  await assert.rejects(client.dead.reviveAll({}, { payload: () => ({ to: 'x' }) } as never), {
    code: 'MORROW_INVALID_JOB',
  })
})
