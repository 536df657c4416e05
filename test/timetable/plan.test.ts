import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ScheduleDefinition } from '../../src/schedule/definition.ts'
import type { ScheduleFiles } from '../../src/schedule/files.ts'
import type { Connection } from '../../src/store/connection.ts'
import { putInForce } from '../../src/timetable/apply.ts'
import { applyFiles } from '../../src/timetable/files.ts'
import { planBetween, planFiles } from '../../src/timetable/plan.ts'
import { each, openTimetable, START, TZ } from './timetable.ts'

const filesOf = (digest: string | null, schedules: readonly ScheduleDefinition[]): ScheduleFiles => ({
  schedules,
  faults: [],
  unreadable: [],
  files: [],
  calendarFiles: [],
  digest,
})

const CARD = {
  ...{ id: 'p', roles: ['scheduler'], host: 'h', pid: 1, version: '0', environment: 'production' },
  ...{ startedAt: 0, queues: [], names: [], catalogue: {}, tz: TZ, clockAhead: 0, running: 0 },
}

const hourly = (name: string, more: Partial<ScheduleDefinition> = {}): ScheduleDefinition =>
  each({ name, timing: { kind: 'cron', cron: ['0 * * * *'] }, ...more })

type How = { readonly given?: number | null; readonly force?: boolean }

async function open() {
  const timetable = await openTimetable()
  const { store, connection, prefix } = timetable
  const common = (files: ScheduleFiles, { given = null, force = false }: How) => {
    const environment = 'production'
    return { store, files, environment, given, force, by: 'scheduler-1', tz: TZ, told: true }
  }
  return {
    ...timetable,
    apply: (files: ScheduleFiles, how: How = {}) => applyFiles(common(files, how)),
    plan: (files: ScheduleFiles, how: How = {}) => planFiles(common(files, how)),
    /** Everything of the namespace; the fields of a hash in an order of their own. */
    everything: async (): Promise<unknown> => {
      const keys = (await connection.command('KEYS', `${prefix}*`)) as string[]
      return Promise.all([...keys].sort().map(async (key) => [key, await valueOfKey(connection, key)]))
    },
  }
}

async function valueOfKey(connection: Connection, key: string): Promise<unknown> {
  if ((await connection.command('TYPE', key)) !== 'hash') return connection.command('DUMP', key)
  const flat = (await connection.command('HGETALL', key)) as string[]
  return flat.map((field, index) => (index % 2 === 0 ? `${field} ${flat[index + 1]}` : '')).sort()
}

test('a plan says what an apply would do to each schedule, and writes nothing', async () => {
  const world = await open()
  await world.apply(filesOf('a', [hourly('stays'), hourly('moves'), hourly('goes', { job: 'other' }), hourly('old')]))
  const fresh = filesOf('b', [
    hourly('stays'),
    hourly('moves', { timing: { kind: 'cron', cron: ['30 * * * *'] } }),
    each({ name: 'new', policies: { was: 'old' }, timing: { kind: 'cron', cron: ['0 * * * *'] } }),
    hourly('comes', { job: 'other' }),
  ])
  const before = await world.everything()
  const plan = await world.plan(fresh)
  assert.deepEqual(await world.everything(), before)
  assert.deepEqual(
    plan.changes.map(({ name, kind, was, fields, ticks }) => [name, kind, was, fields.join(), ticks.move.length]),
    [
      ['comes', 'added', 'goes', '', 0],
      ['goes', 'removed', null, '', 0],
      ['moves', 'changed', null, 'cron', 167],
      ['new', 'renamed', 'old', 'name,was', 0],
    ],
  )
  assert.deepEqual(plan.unchanged, ['stays'])
  const done = await world.apply(fresh)
  assert.deepEqual([done.applied, done.withdrawn], [['moves', 'new', 'comes'], ['goes']])
  const again = await world.plan(fresh)
  assert.deepEqual([again.changes, again.spent], [[], ['new']])
})

test('pauses and runs that have not ended are told with what changes', async () => {
  const world = await open()
  await world.apply(filesOf('a', [each(), each({ name: 'hour', timing: { kind: 'cron', cron: ['0 * * * *'] } })]))
  world.at(60_000)
  await world.fire()
  const pause = { since: START, until: null, by: 'ada', reason: 'wrong totals' }
  const stands = await world.store.schedules.read(await world.homeOf('nightly'))
  await world.store.schedules.amend(await world.homeOf('nightly'), stands?.rev ?? '', { pauses: [pause] })
  const [change, ...others] = (await world.plan(filesOf('b', [hourly('hour')]))).changes
  assert.deepEqual(others, [])
  assert.deepEqual([change?.kind, change?.pauses], ['removed', [pause]])
  assert.deepEqual(change?.unended, { scheduled: 0, ready: 1, held: 0, active: 0 })
})

test('one that is not for this environment goes, and the plan says that it stands in the files', async () => {
  const world = await open()
  await world.apply(filesOf('a', [hourly('stays'), hourly('goes')]))
  const { changes } = await world.plan(filesOf('b', [hourly('stays', { env: ['staging'] })]))
  assert.deepEqual(
    changes.map(({ name, kind, isSilent }) => [name, kind, isSilent]),
    [
      ['goes', 'removed', false],
      ['stays', 'removed', true],
    ],
  )
})

test('how much of a limit is used up is told, because ticks begin again where a limit is lifted', async () => {
  const world = await open()
  await world.apply(filesOf('a', [each({ policies: { limit: 1 } })]))
  world.at(60_000)
  await world.fire()
  const [change] = (await world.plan(filesOf('b', [each()]))).changes
  assert.deepEqual([change?.fields, change?.counted, change?.before?.policies.limit], [['limit'], 1, 1])
})

test('a plan foresees the generation that an apply then has, and each refusal', async () => {
  const world = await open()
  const live = (generation: string) => world.store.registry.announce({ ...CARD, generation }, world.now())
  const steps: readonly (readonly [digest: string, how: How, living?: string])[] = [
    ['a', {}],
    ['a', {}, '1'],
    ['b', {}, '2'],
    ['a', {}],
    ['a', { force: true }, '1'],
    ['b', {}],
    ['c', {}],
    ['d', { given: 7 }, 'v7'],
    ['e', { given: 7 }],
    ['d', { given: 7 }],
    ['f', {}],
    ['f', { given: 6 }],
    ['g', { given: 8 }],
  ]
  const kinds: string[] = []
  for (const [digest, how, living] of steps) {
    const files = filesOf(digest, [hourly('stays')])
    const { generation, refused } = await world.plan(files, how)
    const done = await world.apply(files, how)
    if (how.force !== true) {
      assert.deepEqual([generation?.name || '0', refused], [done.generation, done.refused], digest)
      kinds.push(done.refused === null ? 'reigns' : 'refused')
    }
    if (living !== undefined) await live(living)
  }
  assert.deepEqual([...new Set(kinds)], ['reigns', 'refused'])
  assert.equal((await world.plan(filesOf(null, []))).generation, null)
})

test('a plan says that processes of another environment have the namespace', async () => {
  const world = await open()
  await world.apply(filesOf('a', [hourly('stays')]))
  const files = filesOf('a', [hourly('stays')])
  const { store } = world
  const staging = () => planFiles({ store, files, environment: 'staging', given: null })
  assert.equal((await staging()).refused, null)
  await store.registry.announce(CARD, world.now())
  assert.match((await staging()).refused ?? '', /environment "production" has this namespace/)
})

test('removals that are too many are foretold as withheld, and what cannot be read is kept', async () => {
  const world = await open()
  const all = Array.from({ length: 8 }, (_, index) => hourly(`s${index}`))
  await world.apply(filesOf('a', all))
  const few = filesOf('b', all.slice(0, 2))
  const plan = await world.plan(few)
  assert.deepEqual(plan.withheld, (await world.apply(few)).withheld)
  assert.equal(plan.withheld.length, 6)
  const blind = { ...few, unreadable: [{ kind: 'file', file: 'schedules/b.yml', reason: 'x' }] as const }
  assert.deepEqual((await world.plan(blind)).kept.length, 6)
  assert.deepEqual((await world.plan(blind)).changes, [])
})

test('what was made at run time stays, unless a file names it', async () => {
  const world = await open()
  await putInForce(world.hand, hourly('theirs'), 'api')
  assert.deepEqual((await world.plan(filesOf('a', [hourly('ours')]))).changes.length, 1)
  const [change] = (await world.plan(filesOf('a', [hourly('theirs')]))).changes
  assert.deepEqual([change?.kind, change?.isTakenOver], ['unchanged', true])
})

test('files with files: what is silent in both is none, and what cannot be read is kept', () => {
  const before = [hourly('a'), hourly('silent', { enabled: false }), hourly('lost')]
  const unreadable = [{ kind: 'schedule', file: 'schedules/a.yml', name: 'lost', reason: 'faulty' }] as const
  const files = { schedules: [hourly('a', { env: ['staging'] }), hourly('silent', { enabled: false })], unreadable }
  const plan = planBetween(before, files, START)
  assert.deepEqual(
    plan.changes.map(({ name, kind, fields }) => [name, kind, fields]),
    [['a', 'changed', ['env']]],
  )
  assert.deepEqual([plan.kept, plan.generation], [['lost'], null])
})
