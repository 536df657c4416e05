import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MorrowEvent } from '../../src/job/events.ts'
import { CANARY } from '../../src/job/names.ts'
import { readCanary } from '../../src/store/canary.ts'
import type { ProcessCard } from '../../src/store/registry.ts'
import { readSilence } from '../../src/store/silence.ts'
import { unserved } from '../../src/store/unserved.ts'
import { HOUR, MINUTE, SECOND } from '../../src/time/duration.ts'
import { keepCanary, withCanary, withoutCanary } from '../../src/wiring/canary.ts'
import { openFolder, schedulesOf } from './folder.ts'
import { type HandWorker, openWorld, type World } from './world.ts'

const keep = ({ store }: World): Promise<void> =>
  keepCanary({ store, id: 'scheduler-1', emit: (event) => assert.fail(JSON.stringify(event)) })

const canaryIn = (world: World) =>
  world.worker(withCanary(new Map(), world.store).values(), { queues: 'mail', concurrency: 1 })

/** Rounds until all that was claimed has ended and is settled. */
async function through(worker: HandWorker): Promise<void> {
  do await worker.tick()
  while (worker.hands.running() > 0 || worker.hands.endedIn().length > 0)
}

const lives = async ({ store, clock }: World, ...roles: string[]): Promise<void> => {
  const card: ProcessCard = {
    ...{
      id: roles.join(),
      roles,
      queues: ['mail'],
      host: 'host',
      pid: 1,
      version: '1',
      environment: 'test',
      tz: '',
      running: 0,
    },
    ...{ names: [], catalogue: {}, startedAt: clock.now(), clockAhead: 0 },
  }
  await store.registry.announce(card, clock.now())
}

const texts = async ({ store }: World): Promise<readonly string[]> => (await unserved(store)).map(({ text }) => text)

test('a tick goes the whole way each minute, through a worker that listens to another queue', async () => {
  const world = await openWorld()
  const [scheduler, worker] = [world.scheduler(), canaryIn(world)]
  await keep(world)
  await keep(world)
  assert.equal(await readCanary(world.store), null)
  for (const minute of [0, 1, 2]) {
    await world.pass(minute === 0 ? 30 * SECOND : MINUTE)
    await scheduler.tick()
    await through(worker)
    const at = Date.parse('2026-01-01T00:00:30Z') + minute * MINUTE
    assert.deepEqual(await readCanary(world.store), { plannedAt: at, completedAt: at })
  }
  assert.deepEqual(await texts(world), [])
})

test('the canary is seen neither in queues nor in schedules, and files remove it not', async (context) => {
  const world = await openWorld()
  await keep(world)
  const folder = openFolder(context)
  folder.write('a.yml', schedulesOf({ hourly: "cron: '0 * * * *'" }))
  await folder.apply(world)
  folder.write('a.yml', schedulesOf({ daily: "cron: '0 3 * * *'" }))
  await folder.apply(world)
  const { schedules, space } = world.store
  assert.deepEqual(
    (await schedules.list()).map(({ name }) => name),
    ['daily'],
  )
  assert.deepEqual(
    (await schedules.list(true)).map(({ name }) => name),
    ['daily', CANARY],
  )
  assert.deepEqual([(await space.queues()).includes(CANARY), (await space.allQueues()).includes(CANARY)], [false, true])
  assert.equal((await schedules.home(CANARY))?.queue, CANARY)
})

test('an idle worker asks for the canary once in five seconds, and a busy one has a hand for it all the same', async () => {
  const world = await openWorld()
  const [scheduler, worker] = [world.scheduler(), canaryIn(world)]
  await keep(world)
  await worker.tick()
  assert.equal(await worker.tick(), 5_000, 'nothing is asked again before')
  let release = (): void => undefined
  const busy = { ...withCanary(new Map(), world.store).get(CANARY) }
  assert.ok(busy.job)
  const held = world.worker(
    [
      { job: { ...busy.job, name: 'long', queue: 'mail' }, run: () => new Promise<void>((done) => (release = done)) },
      ...withCanary(new Map(), world.store).values(),
    ],
    { queues: 'mail', concurrency: 1 },
  )
  await world.client.enqueue({ ...busy.job, name: 'long', queue: 'mail' } as never)
  await held.tick()
  assert.equal(held.hands.running(), 1)
  await world.pass(30 * SECOND)
  await scheduler.tick()
  await held.tick()
  while (held.hands.has(({ queue }) => queue === CANARY)) await held.tick()
  assert.notEqual(await readCanary(world.store), null)
  release()
})

test('a frozen scheduler is seen by every process, from the tick that it leaves undone', async () => {
  const world = await openWorld()
  await keep(world)
  await lives(world, 'scheduler')
  await world.pass(91 * SECOND)
  await lives(world, 'scheduler')
  assert.deepEqual(await texts(world), [
    `scheduler silent for 61 s: a tick of schedule ${CANARY} is not decided, due since 2026-01-01T00:00:30.000Z; 1 scheduler says it lives`,
  ])
  const scheduler = world.scheduler()
  while ((await scheduler.tick()) === 0);
  assert.deepEqual(await texts(world), [])
})

test('when schedulers and workers live and no tick comes through, that is said after three minutes', async () => {
  const world = await openWorld()
  const [scheduler, worker] = [world.scheduler(), canaryIn(world)]
  await keep(world)
  await world.pass(30 * SECOND)
  await scheduler.tick()
  await through(worker)
  for (let seconds = 0; seconds < 185; seconds += 5) {
    await world.pass(5 * SECOND)
    await scheduler.tick()
  }
  await lives(world, 'scheduler')
  assert.deepEqual(await texts(world), [], 'no worker lives, so nobody expects it')
  await lives(world, 'worker')
  assert.deepEqual(await texts(world), [
    'no tick went the whole way for 185 s, though 1 scheduler and 1 worker say they live',
  ])
  assert.equal((await world.store.inspector.counts(CANARY)).ready, 1, 'one waits and no more')
})

test('a program that nobody runs rests, one whose ticks are due is silent', async (context) => {
  const world = await openWorld()
  await keep(world)
  await world.pass(10 * MINUTE)
  assert.deepEqual(await texts(world), [])
  const folder = openFolder(context)
  folder.write('a.yml', schedulesOf({ hourly: "cron: '0 * * * *'" }))
  await folder.apply(world)
  await world.pass(HOUR)
  assert.match((await texts(world)).join(), /scheduler silent for \d+ s: .*; no scheduler is alive$/)
  assert.ok((await readSilence(world.store, [])).tickOverdue > 60_000)
})

test('that the canary comes and goes is no news, that it fails is', () => {
  const heard: string[] = []
  const emit = withoutCanary(({ kind }) => void heard.push(kind))
  const about = { id: 'x', job: CANARY, queue: CANARY, attempt: 1 }
  const events: readonly MorrowEvent[] = [
    { kind: 'job.completed', ...about, lateMs: 1, tookMs: 1 },
    { kind: 'tick.skipped', schedule: CANARY, plannedAt: new Date(0), count: 1, reason: 'missed' },
    { kind: 'jobs.promoted', queue: CANARY, count: 1 },
    { kind: 'job.dead', ...about, reason: 'attempts' },
    { kind: 'jobs.promoted', queue: 'mail', count: 1 },
  ]
  for (const event of events) emit(event)
  assert.deepEqual(heard, ['job.dead', 'jobs.promoted'])
})
