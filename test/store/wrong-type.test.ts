import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { QueueKeys } from '../../src/store/keys.ts'
import { run } from '../../src/store/script.ts'
import { scripts } from '../../src/store/scripts.ts'
import { duration } from '../../src/time/clock.ts'
import { draw as drawOf, HOME, NIGHTLY, run as tick } from './nightly.ts'
import { CLIENT, connect, DAY, keysOf, openTestQueue, START, type TestQueue } from './test-queue.ts'

const PAGE = `${CLIENT}:00000000`
const connection = await connect()

/** A queue with jobs everywhere, a schedule, and something to do for every arrow. */
async function openFull() {
  const queue = await openTestQueue(connection)
  await queue.enqueue(['A', 'B', 'C', 'D', { label: 'E', name: 'new' }, { label: 'F', own: 'own' }])
  const { jobs } = await queue.claim('w', 1)
  await queue.bury('w', 2, jobs.slice(0, 1))
  await queue.complete('w', 3, [...jobs.slice(1, 2), ...jobs.slice(4)])
  await queue.enqueue([{ label: 'soon', in: 5 }, 'ready', { label: 'unknown', name: 'other' }])
  const { schedules } = queue.store
  await schedules.settle('nightly', HOME)
  await schedules.apply(HOME, NIGHTLY)
  queue.at(1_000)
  const two = [tick('T1', 1_000), tick('T2', 1_500)]
  await schedules.fire('mail', 's', [drawOf(1_000, 2_000, two, { overlap: 'queue-one' })])
  await queue.door.cancel(`${HOME.id}:00000000`, 0)
  await queue.door.cancel(PAGE, 2)
  queue.at(0)
  return { queue, active: jobs.slice(2, 4), id: HOME.id }
}

type Full = Awaited<ReturnType<typeof openFull>>

const late = ({ queue }: Full): TestQueue => {
  queue.at(DAY)
  return queue
}

/** What draws each arrow. */
const ARROWS: Readonly<Record<string, (full: Full) => Promise<unknown>>> = {
  admit: ({ queue }) => queue.store.schedules.admit(HOME),
  amend: ({ queue }) => queue.store.schedules.amend(HOME, '1', { skips: [1] }),
  apply: ({ queue }) => queue.store.schedules.apply(HOME, { ...NIGHTLY, version: 'v2', rev: '1', from: START + 2_000 }),
  bury: ({ queue, active }) => queue.bury('w', 4, active, '1'),
  callOff: ({ queue }) => queue.store.schedules.callOff(HOME),
  cancel: ({ queue }) => queue.door.cancel(PAGE, 7),
  claim: ({ queue }) => queue.claim('w', 4),
  complete: ({ queue, active }) => queue.complete('w', 4, active, '1'),
  enqueue: ({ queue }) => queue.enqueue(['X', { label: 'Y', in: 1 }, { label: 'Z', own: 'Z' }]),
  fire: (full) => late(full).store.schedules.fire('mail', 's', [drawOf(2_000, 9_000, [tick('T', 2_000)])]),
  fold: ({ queue }) => queue.store.schedules.fold(HOME, { keep: 1, oldest: 0, tail: 0 }),
  forget: (full) => {
    const { keys, now } = late(full)
    return run(connection, scripts.forget, keys, { args: { now: now(), age: 0, turn: 0, limit: 9, latest: '' } })
  },
  giveUp: (full) => late(full).keeper.giveUp(duration(1)),
  handBack: ({ queue, active }) => queue.handBack('w', 4, active, '1'),
  leave: ({ queue }) => run(connection, scripts.leave, queue.keys, { args: { owner: 'idle' } }),
  pause: ({ queue }) => queue.store.pauses.pause('mail', { since: START, until: null, by: 'me', reason: 'because' }),
  promote: (full) => late(full).keeper.promote('s'),
  prune: (full) => {
    const { keys, now } = late(full)
    return run(connection, scripts.prune, keys, { args: { now: now(), keep: 0, age: 0, limit: 9, latest: '' } })
  },
  purge: (full) => {
    const { keys, now } = late(full)
    return run(connection, scripts.purge, keys, { args: { now: now(), keep: 0, age: 0, limit: 9, latest: '' } })
  },
  reclaim: (full) => late(full).keeper.reclaim(3),
  release: ({ queue }) =>
    run(connection, scripts.release, queue.keys, { args: { queue: 'mail', job: 'new', limit: 9 } }),
  renew: ({ queue }) =>
    run(connection, scripts.renew, queue.keys, { args: { now: queue.now(), owner: 'w', lease: 9 } }),
  reschedule: ({ queue }) => queue.door.reschedule(PAGE, 7, '+1'),
  retell: ({ queue, id }) => run(connection, scripts.retell, queue.keys, { args: { id, gone: 0 } }),
  retire: ({ queue }) => {
    const end = { rev: '1', reign: 1, since: START, context: '1 v1 2026a mail', by: 's' }
    return queue.store.schedules.retire(HOME, { ...end, from: START + 2_000, heir: '', owed: null })
  },
  retry: ({ queue, active }) => queue.retry('w', 4, active, 5, '1'),
  revive: ({ queue }) => queue.door.revive(PAGE, 0, '1\njob\n\n\nA'),
  run: async ({ queue }) => (await queue.store.selection('mail')).run(PAGE, 6),
  update: async ({ queue }) => {
    const selection = await queue.store.selection('mail')
    const read = (await selection.read(PAGE, 7)) ?? assert.fail()
    return selection.update(read, { head: '1\njob\n\n\nZ', apart: '' })
  },
  yield: ({ queue }) => queue.keeper.yield('s'),
  sweep: async ({ queue }) => {
    const { keys, now } = queue
    return run(connection, scripts.sweep, keys, { args: { now: now(), limit: 9, latest: '' } })
  },
}

/** The keys that a script names by their beginning, each with the end of the one that the arrow here comes by. */
const ends = (id: string): Readonly<Partial<Record<keyof QueueKeys, string>>> => ({
  owners: 'w',
  schedules: id,
  ledgers: id,
  names: id,
})

/** Pages, and lists of held jobs, are looked at one by one on the way: their names are nobody else's. */
const ON_THE_WAY: readonly (keyof QueueKeys)[] = ['pages', 'held', 'channel']

async function everything(queue: TestQueue): Promise<unknown> {
  const keys = (await keysOf(queue)).filter((key) => key.includes('{mail}'))
  return Promise.all([...keys].sort().map(async (key) => [key, await connection.command('DUMP', key)]))
}

for (const [arrow, draw] of Object.entries(ARROWS)) {
  test(`${arrow} does all or nothing when a key holds something of another type`, async () => {
    for (const name of scripts[arrow as Exclude<keyof typeof scripts, 'thoughFull' | 'reign' | 'rehome' | 'own'>]
      .keys) {
      if (ON_THE_WAY.includes(name)) continue
      const full = await openFull()
      const key = `${full.queue.keys[name]}${ends(full.id)[name] ?? ''}`
      await connection.command('DEL', key)
      await connection.command('SADD', key, 'foreign')
      const before = await everything(full.queue)
      const error = await draw(full).then(
        () => undefined,
        (reason: unknown) => reason,
      )
      if (error === undefined) continue
      assert.match(String(error), /WRONGTYPE/)
      assert.deepEqual(await everything(full.queue), before, `${arrow} found ${name} to be no key of ours`)
    }
  })
}

test('every arrow that writes is among them', () => {
  const readsOnly = ['buried', 'claimed', 'due', 'get', 'history', 'peek', 'seal', 'select', 'stands', 'unended']
  const ofOneKey = ['own', 'rehome', 'reign', 'thoughFull']
  assert.deepEqual(
    Object.keys(scripts).filter((name) => ![...readsOnly, ...ofOneKey].includes(name)),
    Object.keys(ARROWS),
  )
})
