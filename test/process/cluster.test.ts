import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { startCluster } from '../support/redis-cluster.ts'
import { labels, until } from './crew.ts'
import { openOffice } from './post-office.ts'

test('whole processes on a cluster of three nodes run each job once while nodes come and go', async (context) => {
  const cluster = await startCluster(3, { appendOnly: true, timeout: 1_500 })
  context.after(cluster.stop)
  const [first, ...others] = cluster.nodes
  assert.ok(first)
  const office = openOffice(context, { redisUrl: cluster.url, redisMode: 'cluster' })
  const [{ worker, scheduler, url }] = await Promise.all([office.open(), cluster.addReplica(first)])

  await context.test('two of them are killed under load and come back with what they had', async () => {
    const all = labels(900)
    const putting = office.put(all)
    for (const node of others) {
      await pause(300)
      await node.restart()
    }
    await putting
    assert.deepEqual(await office.ran(all), [])
    assert.equal(office.lost(), 0)
  })

  await context.test('the third is gone for good, and its replica takes over', async () => {
    const all = labels(600).map((label) => `more-${label}`)
    const putting = office.put(all)
    await pause(200)
    await first.kill()
    await putting
    await office.ran(all)
  })

  await context.test('schedules of queues on every node go on, and the page shows them', async () => {
    const [before, now] = [new Set(office.ticks()), () => office.ticks()]
    for (const name of ['mail', 'note', 'letter']) {
      await until(`ticks of ${name}`, () => now().some((tick) => tick.startsWith(`tick-${name}@`) && !before.has(tick)))
    }
    const page = await (await fetch(url)).text()
    for (const queue of ['mail', 'notes', 'letters']) assert.match(page, new RegExp(`\\b${queue}\\b`))
  })

  await context.test('worker and scheduler were never restarted and stop as they should', async () => {
    for (const process of [worker, scheduler]) {
      process.signal('SIGTERM')
      assert.deepEqual(await process.exit, { code: 143, signal: null })
    }
  })
})
