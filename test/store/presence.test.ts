import assert from 'node:assert/strict'
import { test } from 'node:test'
import { acceptClock, FARTHEST_CLOCK, readClock } from '../../src/store/clock-watch.ts'
import { openPresence, type PresenceNews } from '../../src/store/presence.ts'
import type { ProcessCard } from '../../src/store/registry.ts'
import { unserved } from '../../src/store/unserved.ts'
import { duration, instant } from '../../src/time/clock.ts'
import { fakeClock } from '../support/fake-clock.ts'
import { openTestQueue, START } from './test-queue.ts'

const card = (id: string, more: Partial<ProcessCard> = {}): ProcessCard => ({
  id,
  roles: ['worker'],
  host: 'host',
  pid: 1,
  version: '0',
  environment: 'test',
  startedAt: START,
  queues: ['mail'],
  names: ['job'],
  catalogue: {},
  tz: '2026a',
  clockAhead: 0,
  running: 0,
  ...more,
})

test('a process lives as long as it says so once a minute, and is gone when it leaves', async () => {
  const { store } = await openTestQueue()
  await store.registry.announce(card('one'), START)
  await store.registry.announce(card('two'), START + 30_000)
  const ids = async (now: number) => (await store.registry.living(START + now)).map(({ id }) => id)
  assert.deepEqual(await ids(60_000), ['one', 'two'])
  assert.deepEqual(await ids(60_001), ['two'])
  await store.registry.leave('two')
  assert.deepEqual(await ids(60_000), ['one'])
  assert.deepEqual(await ids(700_000), [])
  assert.equal(
    await store.connection.command('HLEN', store.space.keys.processes),
    0,
    'and is forgotten some time later',
  )
})

test('Redis’ clock is held when it is more than a minute from the median of the hosts', async () => {
  const queue = await openTestQueue()
  const { store } = queue
  const clock = fakeClock(instant(START))
  const near = { held: false, accepted: 0 }
  assert.deepEqual(await readClock(store, clock), { own: 0, apart: 0, ...near })
  queue.at(FARTHEST_CLOCK)
  assert.deepEqual(await readClock(store, clock), { own: -FARTHEST_CLOCK, apart: -FARTHEST_CLOCK, ...near })
  queue.at(FARTHEST_CLOCK + 1)
  assert.equal((await readClock(store, clock)).held, true)
  for (const id of ['a', 'b']) await store.registry.announce(card(id), queue.now())
  assert.deepEqual(await readClock(store, clock), { own: -60_001, apart: 0, ...near }, 'one wrong host among three')
})

test('the clock of one who is not listed counts only where nobody is', async () => {
  const queue = await openTestQueue()
  const clock = fakeClock(instant(START + 600_000))
  assert.equal((await readClock(queue.store, clock)).held, true)
  await queue.store.registry.announce(card('a'), START)
  assert.equal((await readClock(queue.store, clock)).held, false)
  await queue.store.registry.announce(card('a', { clockAhead: -86_400_000 }), START)
  assert.equal(await acceptClock(queue.store, clock), -86_400_000, 'what is accepted is what the others measure')
})

test('a process that is listed itself counts once', async () => {
  const queue = await openTestQueue()
  const clock = fakeClock(instant(START + 7_200_000))
  for (const id of ['a', 'b']) await queue.store.registry.announce(card(id), START)
  await queue.store.registry.announce(card('self', { clockAhead: 7_200_000 }), START)
  assert.equal((await readClock(queue.store, clock, 'self')).held, false)
})

test('a person may accept Redis’ clock, until it moves again', async () => {
  const queue = await openTestQueue()
  const clock = fakeClock(instant(START))
  const presence = openPresence({ store: queue.store, clock, card: () => card('self'), tell: () => undefined })
  const held = async (at: number): Promise<boolean> => {
    queue.at(at)
    await presence.tick()
    await presence.watchClock()
    return presence.clockHeld()
  }
  const day = 86_400_000
  assert.equal(await held(day), true)
  assert.equal(await acceptClock(queue.store, clock), -day)
  assert.equal(await held(day), false)
  assert.equal(await held(2 * day), true, 'that is another difference')
  assert.equal(await held(0), false, 'it agrees with the hosts')
  assert.equal(await held(day), true, 'what was accepted is forgotten by then')
})

test('Redis’ clock is carried on from when it was right, however long it is wrong', async () => {
  const queue = await openTestQueue()
  const clock = fakeClock(instant(START))
  const presence = openPresence({ store: queue.store, clock, card: () => card('self'), tell: () => undefined })
  await presence.tick()
  for (const leap of [26 * 3_600_000, -26 * 3_600_000]) {
    queue.at(clock.now() - START + leap)
    assert.equal(presence.expected(), clock.now(), 'before anybody has looked')
    await presence.watchClock()
    await clock.advance(duration(120_000))
    queue.at(clock.now() - START + leap)
    await presence.tick()
    assert.deepEqual([presence.clockHeld(), presence.expected()], [true, clock.now()])
  }
  await acceptClock(queue.store, clock)
  await presence.tick()
  assert.deepEqual([presence.clockHeld(), presence.expected()], [false, queue.now()])
})

test('a process that begins while Redis’ clock is wrong takes the later of both for right', async () => {
  for (const [apart, expected] of [
    [-3_600_000, START],
    [3_600_000, START + 3_600_000],
  ] as const) {
    const queue = await openTestQueue()
    queue.at(apart)
    const clock = fakeClock(instant(START))
    const presence = openPresence({ store: queue.store, clock, card: () => card('self'), tell: () => undefined })
    await presence.tick()
    assert.deepEqual([presence.clockHeld(), presence.expected()], [true, expected])
  }
})

test('a measurement during which the process was frozen is made again', async () => {
  const queue = await openTestQueue()
  const clock = fakeClock(instant(START))
  let freezes = 0
  const times = async () => {
    if (freezes-- > 0) {
      await clock.advance(duration(75_000))
      queue.at(clock.now() - START)
    }
    return [{ server: '', time: queue.now() }]
  }
  const store = { ...queue.store, inspector: { ...queue.store.inspector, times } }
  const news: PresenceNews[] = []
  const presence = openPresence({ store, clock, card: () => card('self'), tell: (each) => news.push(each) })
  await presence.tick()
  for (const _ of [1, 2]) {
    freezes = 1
    await presence.watchClock()
    assert.deepEqual([presence.clockHeld(), presence.expected(), news], [false, clock.now(), []])
  }
})

test('the nodes of a cluster are watched each by itself', async () => {
  const queue = await openTestQueue()
  const clock = fakeClock(instant(START))
  let apart = 0
  const nodes = new Set(['a', 'b'])
  const times = async () => [...nodes].map((server) => ({ server, time: clock.now() + (server === 'b' ? apart : 0) }))
  const store = { ...queue.store, inspector: { ...queue.store.inspector, times } }
  const presence = openPresence({ store, clock, card: () => card('self'), tell: () => undefined })
  await presence.tick()
  assert.equal(presence.clockHeld(), false)
  apart = 26 * 3_600_000
  await presence.watchClock()
  assert.equal(presence.clockHeld(), true)
  apart = 0
  await presence.tick()
  assert.equal(presence.clockHeld(), false)
  nodes.delete('b')
  await presence.watchClock()
  assert.equal(presence.clockHeld(), false, 'one that does not answer says nothing')
  nodes.add('c').add('b')
  apart = -26 * 3_600_000
  await presence.watchClock()
  assert.equal(presence.clockHeld(), true, 'one that took its place does')
})

for (const leap of [5 * 60_000, -5 * 60_000, 26 * 3_600_000, -26 * 3_600_000]) {
  test(`a leap of Redis’ clock by ${leap / 60_000} minutes is seen before anything is moved, whatever others measured before`, async () => {
    const queue = await openTestQueue()
    const clock = fakeClock(instant(START))
    const open = (id: string) =>
      openPresence({ store: queue.store, clock, card: () => card(id), tell: () => undefined })
    const [one, ...others] = ['one', 'two', 'three'].map(open)
    for (const each of others) await each.tick()
    await one?.tick()
    await clock.advance(duration(5_000))
    queue.at(5_000 + leap)
    await one?.watchClock()
    assert.equal(one?.clockHeld(), true)
    for (const each of others) await each.tick()
    await one?.tick()
    assert.equal(one?.clockHeld(), true, 'what the others say now was measured after the leap')
    queue.at(5_000)
    for (const each of others) await each.tick()
    await one?.tick()
    assert.equal(one?.clockHeld(), false)
  })
}

test('a process that was frozen takes no clock for one that leapt', async () => {
  const queue = await openTestQueue()
  const clock = fakeClock(instant(START))
  const news: PresenceNews[] = []
  const presence = openPresence({
    store: queue.store,
    clock,
    card: () => card('self'),
    tell: (each) => news.push(each),
  })
  await presence.tick()
  await clock.advance(duration(3_600_000))
  queue.at(3_600_000)
  await presence.watchClock()
  assert.deepEqual([presence.clockHeld(), news], [false, []])
})

test('a process says that it lives, and when Redis’ clock begins and ceases to be held', async () => {
  const queue = await openTestQueue()
  const clock = fakeClock(instant(START))
  const news: PresenceNews[] = []
  const presence = openPresence({
    store: queue.store,
    clock,
    card: () => card('self'),
    tell: (each) => news.push(each),
  })
  assert.equal(presence.clockHeld(), true, 'nothing moves before the clock was compared')
  assert.equal(await presence.tick(), 10_000)
  assert.equal(presence.clockHeld(), false)
  assert.deepEqual(
    (await queue.store.registry.living(START)).map(({ id }) => id),
    ['self'],
  )
  queue.at(86_400_000)
  await clock.advance(duration(60_000))
  await presence.tick()
  assert.equal(presence.clockHeld(), true)
  queue.at(60_000)
  await presence.tick()
  assert.equal(presence.clockHeld(), false, 'a held clock is looked at each time')
  assert.deepEqual(
    news.filter(({ kind }) => kind === 'clock'),
    [
      { kind: 'clock', held: true, apart: -86_340_000 },
      { kind: 'clock', held: false, apart: 0 },
    ],
  )
  await presence.leave()
  assert.deepEqual(await queue.store.registry.living(queue.now()), [])
})

test('what nobody serves is said with the line to type', async () => {
  const queue = await openTestQueue()
  const texts = async () => (await unserved(queue.store)).map(({ text }) => text.replace(/ \S+Z/, ' …'))
  await queue.enqueue([{ label: 'A', in: 10 }, 'R', { label: 'H', name: 'new' }])
  await queue.claim('w', 1, { limit: 5, names: [] })
  await queue.enqueue(['S'])
  queue.at(60_011)
  assert.deepEqual(await texts(), [
    '1 job waits in queue mail, due since …, and no scheduler is alive',
    '1 job is ready in queue mail, and no worker listens to it',
    '1 job is held in queue mail under the name job, which no living worker knows',
    '1 job is held in queue mail under the name new, which no living worker knows',
  ])
  await queue.store.registry.announce(card('s', { roles: ['scheduler'], queues: [], names: [] }), queue.now())
  await queue.store.registry.announce(card('w', { queues: ['*'] }), queue.now())
  assert.deepEqual(await texts(), [
    '1 job is held in queue mail under the name new, which no living worker knows',
    'scheduler silent for 60 s: a job of queue mail is not decided, due since …; 1 scheduler says it lives',
  ])
})

test('schedulers that hold because of the clock are not told to be started again', async () => {
  const queue = await openTestQueue()
  await queue.enqueue([{ label: 'A', in: 10 }])
  queue.at(60_011)
  await queue.store.registry.announce(card('s', { roles: ['scheduler'], clockAhead: -93_600_000 }), queue.now())
  await queue.store.registry.announce(card('w', { queues: ['*'], clockAhead: -93_600_000 }), queue.now())
  const [{ text, line } = { text: '', line: '' }, ...more] = await unserved(queue.store)
  assert.match(text, /^scheduler silent for 60 s: .*; Redis' clock is 93600 s from the hosts', so time stands still$/)
  assert.match(line, /^morrow clock show /)
  assert.deepEqual(more, [])
})
