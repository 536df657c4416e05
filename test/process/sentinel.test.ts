import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { createClient } from '../../src/index.ts'
import { ask, type RedisServer } from '../support/redis.ts'
import { PRIMARY, startSentinels } from '../support/redis-sentinel.ts'
import { labels, until } from './crew.ts'
import { openOffice } from './post-office.ts'
import { post } from './programs/post.ts'

const [mail] = post

async function follows(server: RedisServer): Promise<void> {
  const following = /role:slave[\s\S]*master_link_status:up/
  // Sentinels drop every client of a server that they tell to follow, this one too.
  const info = (): Promise<string> => ask(server.port, 'INFO replication').catch(() => '')
  await until('the old primary to follow', async () => following.test(await info()))
}

/** How much of the stream of commands a server has; the primary asks its replica for nothing but this each second. */
async function offset(server: RedisServer): Promise<string | undefined> {
  return /master_repl_offset:(\d+)/.exec(await ask(server.port, 'INFO replication'))?.[1]
}

test('whole processes with Sentinels go on without a restart when the primary is lost', async (context) => {
  const sentinels = await startSentinels()
  context.after(sentinels.stop)
  const { primary: one, replica: two } = sentinels
  const office = openOffice(context, { redisSentinels: sentinels.addresses, redisSentinelName: PRIMARY })
  const { worker, scheduler, url } = await office.open()

  await context.test('a client that is sent to the replica itself refuses to work there', async () => {
    const client = createClient({ redisUrl: two.url })
    context.after(() => client.close())
    await assert.rejects(client.get(mail, 'any'), { code: 'MORROW_REDIS_UNSUITABLE', message: /expected a primary/ })
  })

  await context.test('killed under load, its replica takes over, and what was acknowledged runs', async () => {
    const all = labels(600)
    const putting = office.put(all)
    await pause(200)
    await one.kill()
    await Promise.all([putting, sentinels.failedOver(two)])
    await office.ran(all)
    await one.restart()
    await follows(one)
  })

  await context.test('frozen with jobs that its replica has not, it is left, and their loss is told', async () => {
    await office.client.schedule(mail, { label: 'kept' }, { in: '1 hour', id: 'kept' })
    await until('the replica to have it', async () => (await offset(one)) === (await offset(two)))
    // From here on nothing reaches the replica: its primary has no password, so it refuses one.
    assert.match(await ask(one.port, 'CONFIG SET masterauth none'), /^\+OK/)
    await ask(one.port, 'CLIENT KILL TYPE master')
    const before = office.lost()
    const later = labels(10).map((label) => mail.request({ label }, { in: '1 hour' }))
    const lost = await office.client.enqueueMany(later)
    await two.kill('SIGSTOP')
    await sentinels.failedOver(one)
    const all = labels(90).map((label) => `more-${label}`)
    await office.put(all)
    await office.ran(all)
    assert.equal(office.lost() - before, lost.length)
    assert.equal((await office.client.get(lost[0]?.id ?? ''))?.place, undefined)
    assert.equal((await office.client.get(mail, 'kept'))?.place, 'scheduled')
  })

  await context.test('back again, the old primary follows, and nobody listens to it', async () => {
    await two.kill('SIGCONT')
    await follows(two)
    const before = office.ticks().length
    await until('ticks to go on', () => office.ticks().length > before + 3)
    assert.equal((await fetch(`${url}/readyz`)).status, 200)
  })

  await context.test('worker and scheduler were never restarted and stop as they should', async () => {
    for (const process of [worker, scheduler]) {
      process.signal('SIGTERM')
      assert.deepEqual(await process.exit, { code: 143, signal: null })
    }
  })
})
