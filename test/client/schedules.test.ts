import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { InvalidScheduleError, ScheduleInFileError } from '../../src/client/errors.ts'
import { defineJob } from '../../src/job/definition.ts'
import { InvalidPayloadError } from '../../src/job/errors.ts'
import { InvalidTimeError } from '../../src/time/invalid-time.ts'
import { openFolder, schedulesOf } from '../flow/folder.ts'
import { openWorld } from '../flow/world.ts'

const HOUR = 3_600_000

const report = defineJob({ name: 'report', queue: 'reports', payload: z.object({ to: z.string() }) })

test('a schedule is declared at run time, ticks, is changed, and is removed with its waiting jobs', async () => {
  const world = await openWorld('2026-01-01T00:00:00Z')
  const { schedules } = world.client
  const declaration = { job: report, payload: { to: 'ada' }, cron: '0 * * * *', overlap: 'skip' } as const
  const nextAt = new Date('2026-01-01T01:00:00Z')
  assert.deepEqual(await schedules.upsert('hourly', declaration), { outcome: 'applied', nextAt })
  assert.deepEqual(await schedules.upsert('hourly', declaration), { outcome: 'unchanged', nextAt })
  await world.pass(HOUR)
  await world.scheduler().tick()
  assert.equal((await world.store.inspector.counts('reports')).ready, 1)
  const [view] = await schedules.list()
  assert.equal(view?.when, 'every hour on the hour, UTC')
  assert.deepEqual([view?.name, view?.origin, view?.made, view?.queue], ['hourly', 'api', 1, 'reports'])
  assert.deepEqual(await schedules.get('hourly'), view)
  const changed = await schedules.upsert('hourly', { ...declaration, cron: '30 * * * *' })
  assert.deepEqual(changed, { outcome: 'applied', nextAt: new Date('2026-01-01T01:30:00Z') })
  assert.equal(await schedules.remove('hourly'), 'removed')
  assert.equal(await schedules.remove('hourly'), 'unknown')
  assert.equal((await world.store.inspector.counts('reports')).ready, 0)
  assert.equal(await schedules.get('hourly'), undefined)
})

test('all that is wrong with a declaration is said at once, and nothing is stored', async () => {
  const world = await openWorld()
  const { schedules } = world.client
  const wrong = { job: 'report', cron: '61 * * * *', overlap: 'never', spread: '10 lightyears' } as never
  await assert.rejects(schedules.upsert('bad', wrong), (error) => {
    assert.ok(error instanceof InvalidScheduleError)
    assert.equal(error.faults.length, 3, error.faults.join('\n'))
    return true
  })
  await assert.rejects(
    schedules.upsert('bad', { job: 'report', cron: '0 * * * *' }),
    /expected a queue beside the name/,
  )
  await assert.rejects(schedules.upsert('bad', { job: report, cron: '0 * * * *', payload: {} }), InvalidPayloadError)
  await assert.rejects(schedules.upsert('b a d', { job: report, cron: '0 * * * *' }), /a schedule name must be/)
  assert.deepEqual(await schedules.list(), [])
})

test('a schedule from a file is changed in its file only, and stays when the others are pruned', async (context) => {
  const world = await openWorld()
  const { schedules } = world.client
  const folder = openFolder(context)
  folder.write('a.yml', schedulesOf({ filed: "cron: '0 * * * *'" }))
  await folder.apply(world)
  await schedules.upsert('made', { job: 'note', queue: 'notes', every: '1h' })
  await assert.rejects(schedules.upsert('filed', { job: 'note', queue: 'notes', every: '1h' }), (error) => {
    assert.ok(error instanceof ScheduleInFileError)
    assert.match(error.message, /stands in schedules\/a\.yml:2/)
    return true
  })
  await assert.rejects(schedules.remove('filed'), ScheduleInFileError)
  folder.write('a.yml', schedulesOf({ other: "cron: '0 * * * *'" }))
  assert.deepEqual((await folder.apply(world)).withdrawn, ['filed'])
  assert.deepEqual(
    (await schedules.list()).map(({ name }) => name),
    ['made', 'other'],
  )
})

test('a pause is noted with its reason, its ticks are told, and a resume makes them up as asked', async () => {
  const world = await openWorld('2026-01-01T00:00:00Z')
  const { schedules } = world.client
  await schedules.upsert('hourly', { job: 'note', queue: 'notes', cron: '0 * * * *' })
  assert.equal(await schedules.pause('hourly', { reason: 'invoices are wrong', by: 'ada' }), 'paused')
  assert.equal(await schedules.pause('nobody', { reason: '-' }), 'unknown')
  const paused = (await schedules.get('hourly'))?.paused
  assert.deepEqual([paused?.by, paused?.reason, paused?.until], ['ada', 'invoices are wrong', null])
  for (let hour = 0; hour < 3; hour++) {
    await world.pass(HOUR)
    await world.scheduler().tick()
  }
  assert.equal((await world.store.inspector.counts('notes')).ready, 0)
  assert.deepEqual(await schedules.resume('hourly', { missed: 'once', by: 'ada' }), {
    outcome: 'resumed',
    made: 1,
    more: false,
  })
  assert.deepEqual(await schedules.resume('hourly'), { outcome: 'not-paused', made: 0, more: false })
  assert.equal((await world.store.inspector.counts('notes')).ready, 1)
  const { entries } = await schedules.history('hourly')
  assert.deepEqual(entries.map(({ fate }) => fate).slice(-1), ['applied'])
  assert.ok(entries.some(({ fate }) => fate === 'skipped: paused'))
})

test('a run by hand merges its payload and shifts no tick; a skipped tick is called off', async () => {
  const world = await openWorld('2026-01-01T00:00:00Z')
  const { client } = world
  const { schedules } = client
  await schedules.upsert('hourly', { job: report, payload: { to: 'ada' }, cron: '0 * * * *' })
  const run = await schedules.run('hourly', { payload: { to: 'bob' }, job: report })
  assert.ok(run.outcome === 'made')
  assert.deepEqual((await client.get(run.id))?.payload, { to: 'bob' })
  await assert.rejects(schedules.run('hourly', { payload: { to: 7 }, job: report }), InvalidScheduleError)
  assert.deepEqual(await schedules.run('nobody'), { outcome: 'unknown' })
  assert.deepEqual(await schedules.skip('hourly'), { outcome: 'skipped', ticks: [new Date('2026-01-01T01:00:00Z')] })
  const at = '2026-01-01T01:30:00Z'
  assert.equal((await schedules.skip('hourly', { at })).outcome, 'not-planned')
  await world.pass(HOUR)
  await world.scheduler().tick()
  assert.equal((await schedules.get('hourly'))?.made, 1)
  const next = await schedules.next('hourly', { count: 2 })
  assert.deepEqual(
    next.map((tick) => tick.local),
    ['2026-01-01T02:00:00+00:00', '2026-01-01T03:00:00+00:00'],
  )
})

test('a backfill makes what was not run, once however often it is asked, and refuses what is to come', async () => {
  const world = await openWorld('2026-01-01T00:00:00Z')
  const { schedules } = world.client
  await schedules.upsert('hourly', { job: 'note', queue: 'notes', cron: '0 * * * *', missed: 'skip' })
  await world.pass(5 * HOUR + 60_000)
  await world.scheduler().tick()
  const range = { from: '2026-01-01T01:00:00Z', to: '2026-01-01T03:00:00Z' }
  const dry = await schedules.backfill('hourly', { ...range, dryRun: true })
  assert.ok(dry.outcome === 'would-fill' && dry.ticks.length === 3)
  const filled = await schedules.backfill('hourly', range)
  assert.ok(filled.outcome === 'filled' && filled.ticks.length === 3)
  const again = await schedules.backfill('hourly', range)
  assert.ok(again.outcome === 'filled' && again.ticks.length === 0)
  await assert.rejects(
    schedules.backfill('hourly', { from: range.from, to: '2027-01-01T00:00:00Z' }),
    (error) => error instanceof InvalidTimeError && /what is to come ticks by itself/.test(error.message),
  )
  await assert.rejects(schedules.backfill('hourly', { from: '2025-12-01T00:00:00Z', to: range.to }), /force: true/)
  await assert.rejects(schedules.backfill('hourly', { ...range, from: '2026-01-01' }), /with its offset/)
})

test('wrong words about a schedule are refused, each with what was expected', async () => {
  const world = await openWorld('2026-01-01T00:00:00Z')
  const { schedules } = world.client
  await schedules.upsert('hourly', { job: 'note', queue: 'notes', cron: '0 * * * *' })
  const said: readonly (readonly [() => Promise<unknown>, RegExp])[] = [
    [() => schedules.pause('hourly', {} as never), /reason: expected one line of 1 to 500 characters, got undefined/],
    [
      () => schedules.pause('hourly', { reason: ' ', by: '' }),
      /reason: expected .*; by: expected one line of 1 to 500 characters, got ""/,
    ],
    [() => schedules.pause('hourly', { reason: 'fine\nDecided: fired' }), /reason: expected one line/],
    [() => schedules.skip('hourly', { count: 0 }), /count: expected a whole number from 1 to 10000, got 0/],
    [() => schedules.skip('hourly', { count: Number.NaN }), /count: expected a whole number/],
    [() => schedules.skip('hourly', { reason: 'x'.repeat(501) }), /reason: expected one line of 1 to 500 characters/],
    [() => schedules.resume('hourly', { missed: 'some' as never }), /missed: expected skip, once, all, got "some"/],
    [() => schedules.resume('hourly', { rate: -1 }), /rate: expected a number of jobs a second from 0.0001 on/],
    [
      () => schedules.backfill('hourly', { from: new Date(-1), to: new Date(0) }),
      /from: expected an instant since 1970/,
    ],
    [() => schedules.backfill('hourly', { from: new Date(0), to: new Date(0), rate: 1e-300 }), /rate: expected/],
    [() => schedules.remove('hourly', { pending: 'drop' as never }), /pending: expected cancel, keep, got "drop"/],
    [() => schedules.history('hourly', { count: -1 }), /count: expected a whole number/],
    [() => schedules.history('hourly', { after: 'yesterday' }), /after: expected the next of a page before/],
    [() => schedules.next('hourly', { count: 1e9 }), /count: expected a whole number/],
    [() => schedules.run('hourly', { by: 7 as never }), /by: expected one line of 1 to 500 characters, got 7/],
  ]
  for (const [call, why] of said) await assert.rejects(call(), why)
  const view = await schedules.get('hourly')
  assert.deepEqual([view?.made, view?.paused], [0, null])
})
