import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defineJob } from '../../src/job/definition.ts'
import { MINUTE, SECOND } from '../../src/time/duration.ts'
import { openWorld, type World } from '../flow/world.ts'

const plain = defineJob({ name: 'plain', queue: 'mail' })
const brief = defineJob({ name: 'brief', queue: 'mail', expiresIn: '5m' })

const START = Date.UTC(2026, 0, 1)
const at = (milliseconds: number): Date => new Date(START + milliseconds)

/** Lets so long pass before a worker comes; answers how often the handler ran. */
async function comeAfter(world: World, milliseconds: number): Promise<number> {
  await world.pass(milliseconds)
  await world.scheduler().tick()
  let ran = 0
  await world.worker([plain, brief].map((job) => job.handle(() => void ran++))).work()
  return ran
}

for (const [what, put, until] of [
  ['expiresIn of a job for now', (w: World) => w.client.enqueue(plain, { expiresIn: '2m' }), 2 * MINUTE],
  ['expiresIn of a job for later', (w: World) => w.client.schedule(plain, { in: '1m', expiresIn: '2m' }), 3 * MINUTE],
  ['deadline of a job for now', (w: World) => w.client.enqueue(plain, { deadline: at(3 * MINUTE) }), 3 * MINUTE],
  [
    'deadline of a job for later',
    (w: World) => w.client.schedule(plain, { at: at(MINUTE), deadline: '2026-01-01T00:03:00Z' }),
    3 * MINUTE,
  ],
  ['expiresIn of a type', (w: World) => w.client.enqueue(brief), 5 * MINUTE],
  ['expiresIn of a job, before that of its type', (w: World) => w.client.enqueue(brief, { expiresIn: '1m' }), MINUTE],
  [
    'own id beside a limit',
    (w: World) => w.client.enqueue(plain, { id: 'mine', expiresIn: '1m', timeout: '1m' }),
    MINUTE,
  ],
] as const) {
  test(`a job begins up to the last millisecond, and not after: ${what}`, async () => {
    const world = await openWorld()
    await put(world)
    assert.equal(await comeAfter(world, until), 1)
    const late = await openWorld()
    const { id } = await put(late)
    assert.equal(await comeAfter(late, until + 1), 0)
    const { place, end } = await late.view(id)
    assert.deepEqual([place, end], ['ended', 'expired'])
    const told = late.events.filter(({ kind }) => kind === 'job.expired')
    assert.deepEqual(
      told.map((event) => event.kind === 'job.expired' && [event.id, event.lateMs, 'schedule' in event]),
      [[id, 1, false]],
    )
  })
}

test('a job says until when it may begin as long as it has not begun', async () => {
  const world = await openWorld()
  const { id } = await world.client.schedule(plain, { in: '1m', expiresIn: '2m' })
  assert.deepEqual((await world.view(id)).expiresAt, at(3 * MINUTE))
  await world.client.reschedule(id, { in: '5m' })
  assert.deepEqual((await world.view(id)).expiresAt, at(7 * MINUTE), 'it counts from when it is due')
  await comeAfter(world, 6 * MINUTE)
  assert.equal((await world.view(id)).expiresAt, undefined)
})

test('a job that has begun once goes on, however late its retry is', async () => {
  const world = await openWorld()
  const { id } = await world.client.enqueue(plain, { expiresIn: '1s' })
  await world
    .worker([
      plain.handle(() => {
        throw new Error('not now')
      }),
    ])
    .work()
  assert.equal(await comeAfter(world, 10 * MINUTE), 1)
  assert.equal((await world.view(id)).end, 'completed')
})

test('limits that cannot be meant are refused, all at once', async () => {
  const { client } = await openWorld()
  const limits = { timeout: '0s', expiresIn: '1m', deadline: 'tomorrow', id: '' } as never
  await assert.rejects(client.enqueue(plain, limits), {
    code: 'MORROW_INVALID_JOB',
    message: new RegExp(
      [
        'expiresIn, deadline: expected one of them, got both: expiresIn "1m" and deadline "tomorrow"',
        'timeout: expected a duration above 0, got "0s"; leave it out for no limit',
        'deadline: expected a Date, \'2026-12-01T09:00:00\\+01:00\', or anything with toMillis\\(\\), got "tomorrow"',
        'id: ',
      ].join('[^]*'),
    ),
  })
  await assert.rejects(client.enqueue(plain, { timeout: 30 } as never), /timeout: expected a duration such as '90s'/)
  await assert.rejects(client.enqueue(plain, { deadline: '2026-12-01T09:00' }), /add an offset \('Z', '\+01:00'\)/)
  await assert.rejects(client.enqueue(plain, { expireIn: '1m' } as never), /did you mean 'expiresIn'\?/)
  await assert.rejects(
    client.schedule(plain, { at: at(2 * SECOND), deadline: at(SECOND) }),
    /deadline, at: expected a deadline that is not before at, got deadline 2026-01-01T00:00:01.000Z and at 2026-01-01T00:00:02.000Z/,
  )
  assert.throws(() => defineJob({ name: 'a', timeout: '0s', expiresIn: 5, deadline: 1 } as never), {
    message: /timeout: expected a duration above 0[\s\S]*expiresIn: expected a duration such as/,
  })
})
