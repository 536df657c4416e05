import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { faultOf, RedisFullError } from '../../src/store/errors.ts'
import { BEGIN } from '../../src/store/selection.ts'
import { openStore } from '../../src/store/store.ts'
import { systemClock } from '../../src/time/system-clock.ts'
import { startRedis } from '../support/redis.ts'
import { draw, HOME, NIGHTLY, run } from './nightly.ts'
import { CLIENT, connectTo, KEEP_NOTHING, openTestQueue, START } from './test-queue.ts'

const PAGE = `${CLIENT}:00000000`
const EVER = { from: 0, to: Number.MAX_SAFE_INTEGER }
const EVERYWHERE = { places: ['scheduled', 'ready', 'held'], job: '', due: EVER, created: EVER } as const
const OTHER = { id: 'o'.repeat(16), queue: 'mail' }

test('a full Redis refuses new jobs, ticks and revivals, and everything else drains', async () => {
  const server = await startRedis()
  after(() => server.stop())
  const connection = await connectTo(server.url)
  const queue = await openTestQueue(connection)
  const { schedules } = queue.store
  const due = { ...NIGHTLY, next: { at: START + 5, dueAt: START + 5 } }
  await schedules.settle('nightly', HOME)
  await schedules.apply(HOME, due)
  const line = await queue.store.line('mail', { clock: systemClock, timeout: 2_000, onRolledBack: () => undefined })
  after(() => line.close())
  await queue.enqueue(['done', 'retried', 'buried', 'returned', { label: 'unknown', name: 'new' }])
  const { jobs } = await queue.claim('w', 1)
  await queue.enqueue([{ label: 'due', in: 5 }, { label: 'cancelled', in: 9 }, { label: 'moved', in: 9 }, 'lost'])
  await queue.claim('frozen', 1, { limit: 1 })
  queue.at(10)
  await connection.command('CONFIG', 'SET', 'maxmemory', '1')

  const refused = (error: unknown): boolean => {
    const fault = faultOf(error)
    return fault.kind === 'refused' && fault.error instanceof RedisFullError
  }
  await assert.rejects(line.enter({ at: '', own: '', record: '1\njob\n\n\nX', apart: '' }), RedisFullError)
  await assert.rejects(queue.enqueue(['X']), refused)
  const tick = draw(5, 99, [run('T', 5)])
  await assert.rejects(schedules.fire('mail', 'scheduler-1', [tick]), refused)

  const again = { ...due, rev: '1', from: START + 5 }
  assert.equal(await schedules.apply(HOME, again), 'unchanged', 'a scheduler that starts now can apply its files')
  assert.deepEqual(await schedules.settle('other', OTHER), OTHER)
  assert.equal(await schedules.apply(OTHER, { ...due, name: 'other', next: null }), 'applied')
  assert.equal((await queue.keeper.promote('s')).moved, 3)
  await queue.complete('w', 2, jobs.slice(0, 1))
  await queue.retry('w', 3, jobs.slice(1, 2), 100)
  await queue.bury('w', 4, jobs.slice(2, 3))
  await queue.handBack('w', 5, jobs.slice(3), '1')
  assert.equal(await queue.door.cancel(PAGE, 6), 'cancelled')
  assert.equal((await queue.door.reschedule(PAGE, 7, '+500')).kind, 'moved')
  const selection = await queue.store.selection('mail')
  const moved = (await selection.read(PAGE, 7)) ?? assert.fail()
  await assert.rejects(selection.update(moved, { head: '1\njob\n\n\nlarger', apart: '' }), refused)
  assert.equal((await selection.look(EVERYWHERE, BEGIN, 250)).jobs.length, 5)
  await assert.rejects(queue.door.revive(PAGE, 2, '1\njob\n\n\nagain'), refused)
  queue.at(20_000)
  assert.equal((await queue.keeper.reclaim(3)).back + (await queue.keeper.reclaim(3)).back, 1)
  assert.deepEqual(await queue.places(), {
    scheduled: ['retried+110', 'moved+510'],
    ready: ['lost', 'returned', 'due'],
    held: ['new:unknown'],
    active: [],
    dead: ['buried'],
    ended: ['done', 'cancelled'],
  })
  assert.deepEqual((await queue.claim('v', 1, { names: ['job', 'new'] })).labels, ['lost', 'returned', 'due'])
  await queue.keeper.prune(KEEP_NOTHING)
  assert.deepEqual((await queue.places()).ended, [])

  await connection.command('CONFIG', 'SET', 'maxmemory', '0')
  const [fired] = await schedules.fire('mail', 'scheduler-1', [tick])
  assert.equal(fired?.kind, 'fired', 'the tick that could not be made stayed due')
  await line.enter({ at: '', own: '', record: '1\njob\n\n\nX', apart: '' })
  assert.deepEqual((await queue.places()).ready, ['T', 'X'])
})

test('a process starts on a full Redis, says that it lives and knows its queues, so that a deploy drains on', async () => {
  const server = await startRedis()
  after(() => server.stop())
  const connection = await connectTo(server.url)
  await connection.command('CONFIG', 'SET', 'maxmemory', '1')
  const { space, registry, queue } = openStore({ connection, prefix: 'full' })
  await space.greet()
  await queue('mail')
  const card = {
    id: 'late',
    roles: ['worker'],
    host: 'h',
    pid: 1,
    version: '0',
    environment: 'test',
    startedAt: 0,
    queues: ['*'],
    names: [],
    catalogue: {},
    tz: '',
    clockAhead: 0,
    running: 0,
  }
  await registry.announce(card, START)
  assert.deepEqual(await space.queues(), ['mail'])
  assert.deepEqual(
    (await registry.living(START)).map(({ id }) => id),
    ['late'],
  )
})
