import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { hasCompiler, startShiftedRedis } from '../soak/shifted-redis.ts'
import { openCrew, until } from './crew.ts'
import { note } from './programs/jobs.ts'

const QUICK = { MORROW_LEASE: '2s' }
const HOUR = 3_600_000
const skip = hasCompiler() ? false : 'there is no C compiler, with which the clock of Redis is shifted'

describe('processes around a Redis whose clock leaps', { concurrency: true }, () => {
  for (const leap of [26 * HOUR, -26 * HOUR]) {
    test(`a leap by ${leap / HOUR} hours and back takes no job from its worker, and no delay is early`, {
      skip,
    }, async (context) => {
      const redis = await startShiftedRedis(context)
      const crew = await openCrew(context, redis.url)
      await crew.start('scheduler', QUICK)
      const worker = await crew.start('worker', QUICK)
      await crew.client.schedule(note, { label: 'looks' }, { in: '1h' })
      const { id } = await crew.client.enqueue(note, { label: 'runs', waits: true })
      await until('the job to start', () => crew.lines().length === 1)
      redis.shift(leap)
      await assert.rejects(crew.client.schedule(note, { label: 'early' }, { in: '1h' }), { code: 'MORROW_CLOCK_HELD' })
      await pause(3_000)
      redis.shift(0)
      await until(
        'the hold to end',
        () => worker.output().includes('clock.released') || !worker.output().includes('clock.held'),
      )
      await pause(3_000)
      crew.go()
      await until('the job to end', async () => (await crew.client.get(id))?.place === 'ended')
      const view = await crew.client.get(id)
      assert.deepEqual([view?.end, view?.attempt, view?.claims], ['completed', 1, 1])
      assert.deepEqual(
        crew.lines().map(({ step, label }) => `${step} ${label}`),
        ['start runs', 'end runs'],
      )
      assert.equal(worker.output().includes('lease.lost'), false)
    })
  }

  test('a worker of an older release renews no lease once a newer one has laid out the namespace', async (context) => {
    const crew = await openCrew(context)
    const worker = await crew.start('worker', QUICK)
    await crew.client.enqueue(note, { label: 'one', waits: true })
    await until('the job to start', () => crew.lines().length === 1)
    await crew.connection.command('SET', crew.store.space.keys.layout, 2)
    await worker.line(/"lease\.lost"/)
    await until('the handler to be told', () => crew.lines().length === 2)
    assert.equal(crew.lines()[1]?.step, 'aborted')
    const lease = async () =>
      Number(
        (
          (await crew.connection.command(
            'ZRANGE',
            `${crew.store.prefix}:{notes}:leases`,
            0,
            0,
            'WITHSCORES',
          )) as string[]
        )[1],
      )
    const before = await lease()
    await pause(1_500)
    assert.equal(await lease(), before)
  })
})
