import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defineJob } from '../../src/job/definition.ts'
import { openPresence, type PresenceNews } from '../../src/store/presence.ts'
import type { ProcessCard } from '../../src/store/registry.ts'
import { MINUTE, SECOND } from '../../src/time/duration.ts'
import { freePrefix } from '../support/redis.ts'
import { openWorld, type World } from './world.ts'

const mail = defineJob({ name: 'mail', queue: 'mail' })
const report = defineJob({ name: 'report', queue: 'reports' })
const old = defineJob({ name: 'old', queue: 'mail' })

/** The presence of a process with these roles in a world, and what it learns. */
function presenceIn({ store, clock }: World, roles: readonly string[], queues: readonly string[] = []) {
  const news: PresenceNews[] = []
  const card: ProcessCard = {
    ...{ id: freePrefix(), roles, queues, host: 'host', pid: 1, version: '1', environment: 'test', tz: '', running: 0 },
    ...{ names: ['mail'], catalogue: {}, startedAt: clock.now(), clockAhead: 0 },
  }
  const presence = openPresence({ store, clock, card: () => card, tell: (each) => news.push(each) })
  const texts = (): readonly string[] =>
    news.flatMap((each) => (each.kind === 'unserved' ? each.unserved.map(({ text, line }) => `${text}: ${line}`) : []))
  return { presence, texts }
}

test('a process looks once a minute at what nobody serves, and says it with the line to type', async () => {
  const world = await openWorld()
  const { presence, texts } = presenceIn(world, ['worker'], ['mail'])
  await presence.tick()
  await world.client.enqueueMany([report.request(), old.request()])
  await world.worker([mail.handle(() => undefined)], { queues: 'mail' }).tick()
  await world.client.schedule(mail, { in: '1 s' })
  await world.pass(59 * SECOND)
  await presence.tick()
  assert.deepEqual(texts(), [])
  await world.pass(3 * SECOND)
  await presence.tick()
  assert.deepEqual([...texts()].sort(), [
    '1 job is held in queue mail under the name old, which no living worker knows: deploy a worker whose handlers include old',
    '1 job is ready in queue reports, and no worker listens to it: QUEUES=reports morrow worker   (on Heroku: heroku ps:scale worker=1)',
    '1 job waits in queue mail, due since 2026-01-01T00:00:01.000Z, and no scheduler is alive: morrow scheduler   (on Heroku: heroku ps:scale scheduler=1)',
  ])
  await world.pass(MINUTE - 1 * SECOND)
  await presence.tick()
  assert.equal(texts().length, 3)
  await world.client.schedule(mail, { in: '3 days' })
  await world.pass(1 * SECOND)
  await presence.tick()
  assert.equal(texts().length, 6)
  assert.match(texts().join(), /2 jobs wait in queue mail, the first due since 2026-01-01T00:00:01\.000Z/)
})

test('what living processes serve is not said, unless they leave it undone, also when one of them has only just gone', async () => {
  const world = await openWorld()
  const web = presenceIn(world, ['web'])
  const others = presenceIn(world, ['worker', 'scheduler'], ['*'])
  for (const { presence } of [web, others]) await presence.tick()
  await world.client.enqueueMany([report.request(), mail.request()])
  await world.client.schedule(mail, { in: '1 s' })
  await world.pass(MINUTE)
  await others.presence.tick()
  await world.pass(30 * SECOND)
  await web.presence.tick()
  assert.deepEqual(web.texts(), [
    'scheduler silent for 89 s: a job of queue mail is not decided, due since 2026-01-01T00:00:01.000Z; 1 scheduler says it lives: start the schedulers again   (on Heroku: heroku ps:restart scheduler)',
  ])
  await world.pass(MINUTE)
  await web.presence.tick()
  assert.equal(web.texts().length, 1 + 3)
})
