import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { startRedis } from '../support/redis.ts'
import { type Crew, labels, openCrew, until } from './crew.ts'
import { note } from './programs/jobs.ts'

const QUIET = { LOG_LEVEL: 'error', CONCURRENCY: '50' }

/** Enqueues jobs one after the other, tenth by tenth for now and for later; a call whose outcome is unknown is repeated by its own id. */
async function load({ client }: Crew, names: readonly string[]): Promise<void> {
  const put = async (label: string, n: number): Promise<void> => {
    const id = `own:${label}`
    const send = (): Promise<unknown> =>
      n % 2 === 0 ? client.enqueue(note, { label }, { id }) : client.schedule(note, { label }, { in: '500 ms', id })
    for (let tries = 1; ; tries++) {
      try {
        await send()
        return
      } catch (error) {
        if (tries === 20) throw error
        await pause(100)
      }
    }
  }
  for (let from = 0; from < names.length; from += 20) {
    await Promise.all(names.slice(from, from + 20).map((label, n) => put(label, from + n)))
    await pause(10)
  }
}

async function ranOnce(crew: Crew, names: readonly string[]): Promise<void> {
  await until(
    'all jobs to end',
    async () => (await crew.store.inspector.counts('notes').catch(() => undefined))?.totals.completed === names.length,
  )
  assert.deepEqual(crew.notOnce(names), {})
}

describe('faults of Redis under load', { concurrency: true }, () => {
  test('scripts that are flushed again and again are loaded again, and nothing is lost or doubled', async (context) => {
    const redis = await startRedis()
    context.after(redis.stop)
    const crew = await openCrew(context, redis.url)
    await Promise.all([crew.start('scheduler', QUIET), crew.start('worker', QUIET)])
    const names = labels(2_000)
    const loading = load(crew, names)
    for (let n = 0; n < 10; n++) {
      await crew.connection.command('SCRIPT', 'FLUSH')
      await pause(100)
    }
    await loading
    await ranOnce(crew, names)
  })

  test('when every connection is killed again and again, nothing is lost or doubled', async (context) => {
    const redis = await startRedis()
    context.after(redis.stop)
    const crew = await openCrew(context, redis.url)
    await Promise.all([crew.start('scheduler', QUIET), crew.start('worker', QUIET)])
    const names = labels(2_000)
    const loading = load(crew, names)
    for (let n = 0; n < 5; n++) {
      for (const type of ['normal', 'pubsub'])
        await crew.connection.command('CLIENT', 'KILL', 'TYPE', type, 'SKIPME', 'yes')
      await pause(200)
    }
    await loading
    await ranOnce(crew, names)
  })

  test('a Redis with an append-only file that is killed and comes back has lost nothing and doubled nothing', async (context) => {
    const redis = await startRedis({ appendOnly: true })
    context.after(redis.stop)
    const crew = await openCrew(context, redis.url)
    await Promise.all([crew.start('scheduler', QUIET), crew.start('worker', QUIET)])
    const names = labels(2_000)
    const loading = load(crew, names)
    for (let n = 0; n < 2; n++) {
      await pause(500)
      await redis.restart()
    }
    await loading
    await ranOnce(crew, names)
  })
})
